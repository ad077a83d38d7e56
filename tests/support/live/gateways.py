"""A gateway with the real schema on a real socket, as clients far away meet it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench.harness.gateways import Start, starting
from bench.harness.waiting import until
from gateway.settings import Settings
from gateway.state import State
from storage.api_keys import create_key
from storage.credentials import Scope
from storage.profiles import ProfileDoc
from storage.store.bus import Bus
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.edits import edit
from storage.write.working_copy import Edit
from tests.support.edge import listening
from tests.support.factories import CREATED, TESTER, an_event
from tests.support.stores import Stores


@dataclass
class LiveGateway:
    """A gateway that listens at `address`."""

    address: str
    state: State

    async def until_nobody_follows(self) -> None:
        await until(lambda: not len(self.state.engine.subscriptions.groups), seconds=30)


def starting_over(stores: Stores, directory: Path, database: str) -> AbstractContextManager[Start]:
    """Give a function that starts gateways over the stores of the tests, which soon see that a key was revoked."""
    return starting(
        directory,
        mongodb_uri=stores.mongodb_uri,
        redis_url=stores.redis_url,
        database=database,
        GATEWAY_CREDENTIAL_CACHE_SECONDS="1",
    )


@asynccontextmanager
async def live_gateway(settings: Settings) -> AsyncIterator[LiveGateway]:
    async with listening(settings) as (app, client):
        state: State = app.state.gateway
        await until(lambda: state.prepared)
        yield LiveGateway(str(client.base_url).rstrip("/"), state)


async def reader_key(workspace: Workspace) -> tuple[str, str]:
    """Return the token of a new key that may read, and its prefix, by which it is revoked."""
    scopes = [Scope.PROFILES_READ, Scope.PERSONAL_READ]
    token, key = await create_key(workspace.database, workspace.id, name="feeds", scopes=scopes)
    return token, key["prefix"]


async def visit(workspace: Workspace, bus: Bus, profile: ProfileDoc, pages: Sequence[int]) -> None:
    """Add a visit of each page, in one edit; the higher its number, the later it was."""

    def change(working: Edit) -> None:
        for page in pages:
            working.add_event(an_event(at=CREATED + timedelta(seconds=page), page=page))

    await edit(workspace, profile["_id"], change, actor=TESTER, bus=bus)


def id_of(profile: ProfileDoc) -> str:
    return to_public("prf", profile["_id"])
