"""What the subscribers of the live benchmark follow: a profile that gets events through the write path."""

import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from gateway.settings import Settings
from storage.actors import Actor, ActorKind
from storage.events import Direction, EventDoc
from storage.sources import ChangeSource
from storage.store.bus import Bus
from storage.store.ids import time_id, to_public
from storage.store.mongo import CommandListener, Database
from storage.store.workspace import Workspace
from storage.write.edits import edit
from storage.write.working_copy import Edit

BENCH = Actor(ActorKind.API_KEY, "bench", "Bench", ChangeSource.API)


class Commits(CommandListener):
    """Remembers when the store told of the latest commit, in microseconds of the machine's clock."""

    at = 0

    def started(self, event: Any) -> None:
        """Nothing: what counts is the answer."""

    def succeeded(self, event: Any) -> None:
        if event.command_name == "commitTransaction":
            self.at = time.monotonic_ns() // 1000

    failed = started


@dataclass(slots=True)
class Writing:
    """A profile in the stores of a running gateway, written from another process, as another gateway would."""

    workspace: Workspace
    bus: Bus
    commits: Commits
    profile: bytes = field(default_factory=lambda: time_id(datetime.now(UTC)))

    @property
    def id(self) -> str:
        return to_public("prf", self.profile)

    async def create(self) -> None:
        created_at = datetime.now(UTC)
        await edit(self.workspace, self.profile, lambda _: None, actor=BENCH, bus=self.bus, created_at=created_at)

    async def write(self, events: int) -> int:
        """Write so many events in one transaction and return when it was committed."""

        def change(working: Edit) -> None:
            for number in range(events):
                working.add_event(an_event(number))

        await edit(self.workspace, self.profile, change, actor=BENCH, bus=self.bus)
        return self.commits.at


def an_event(number: int) -> EventDoc:
    now = datetime.now(UTC)
    return {
        "uuid": str(uuid.uuid4()),
        "action": "page.visit",
        "label": "Visited a page",
        "occurredAt": now,
        "receivedAt": now,
        "source": "SDK",
        "ip": "192.0.2.7",
        "direction": Direction.BY_PROFILE,
        "params": {"page": f"/products/{number}", "title": "A page", "referrer": "https://shop.example/"},
    }


@asynccontextmanager
async def writing(data_dir: Path) -> AsyncIterator[Writing]:
    stores = orjson.loads((data_dir / "stores.json").read_bytes())
    commits, settings = Commits(), Settings()
    name = settings.mongodb_database
    database = Database.connect(stores["mongodb_uri"], name=name, timeout=30, listeners=[commits])
    bus = Bus.connect(stores["redis_url"])
    try:
        writing = Writing(Workspace(database, settings.workspace), bus, commits)
        await writing.create()
        yield writing
    finally:
        await database.close()
        await bus.close()
