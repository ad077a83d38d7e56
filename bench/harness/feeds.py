"""Feeds to follow: a workspace with a few profiles, and a key to read and write them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bench.harness.feed_clients import Client
from bench.harness.subscribers import Subscriber
from bench.harness.waiting import until
from resolvers.feeds.cursors import profile_cursor
from storage.actors import Actor, ActorKind
from storage.api_keys import create_key
from storage.credentials import Scope
from storage.profiles import NOUN
from storage.setup import prepare, prepare_workspace
from storage.sources import ChangeSource
from storage.store.ids import time_id, to_public
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from storage.write.edits import edit

CREATED = datetime(2026, 1, 1, 12, tzinfo=UTC)
ACTOR = Actor(ActorKind.API_KEY, "feeds", "Bench", ChangeSource.API)


@dataclass
class Feeds:
    """A workspace with profiles that had no events at first, and a key to follow them."""

    workspace: Workspace
    profiles: list[bytes]
    token: str

    @property
    def ids(self) -> list[str]:
        """The public ids of the profiles."""
        return [to_public(NOUN.prefix, key) for key in self.profiles]

    def subscribers(self, number: int, *clients: Client) -> list[Subscriber]:
        """Return `number` of them for each client, spread over the profiles."""
        keys = [self.profiles[place % len(self.profiles)] for place in range(number)]
        return [
            Subscriber(key, to_public(NOUN.prefix, key), profile_cursor(key, 0), client)
            for client in clients
            for key in keys
        ]


async def prepare_feeds(database: Database, *, name: str = "live", profiles: int = 4) -> Feeds:
    """Prepare a database, and a workspace in it with so many profiles."""
    await prepare(database)
    workspace = await prepare_workspace(database, name, name="Live")
    token, _ = await create_key(database, workspace.id, name="Tests", scopes=list(Scope))
    ids = [time_id(CREATED, workspace.id, str(number)) for number in range(profiles)]
    for id in ids:
        await edit(workspace, id, lambda _: None, actor=ACTOR, created_at=CREATED)
    return Feeds(workspace, ids, token)


async def until_recorded(subscribers: list[Subscriber], number: int) -> None:
    """Wait until each has got `number` entries in all."""
    await until(lambda: all(len(each.record) >= number for each in subscribers), seconds=30)


async def until_heard(subscribers: list[Subscriber], *, more: int = 1) -> None:
    """Wait until each has got `more` entries than now."""
    goals = [len(each.record) + more for each in subscribers]
    await until(
        lambda: all(len(each.record) >= goal for each, goal in zip(subscribers, goals, strict=True)), seconds=30
    )
