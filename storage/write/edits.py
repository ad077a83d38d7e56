"""The write path: the one way to change profiles, as a transaction over everything that the change touches."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from inspect import isawaitable
from typing import Any
from weakref import WeakValueDictionary

from storage.actors import Actor
from storage.idempotency import Once
from storage.parts import empty_parts
from storage.profiles import ProfileDoc
from storage.store.bus import Bus
from storage.store.hints import profile_channel, workspace_channel
from storage.store.ids import whole_milliseconds
from storage.store.mongo import Document, Session
from storage.store.refusals import check_version
from storage.store.workspace import Workspace
from storage.write.once import write_once
from storage.write.stored_events import StoredEvents
from storage.write.working_copy import Edit
from storage.write.writing import Outcome, store, tell, write

Edits = Mapping[bytes, Edit]
Outcomes = Mapping[bytes, Outcome]

locks: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()


async def edit(
    workspace: Workspace,
    profile: bytes,
    change: Callable[[Edit], Awaitable[None] | None],
    *,
    actor: Actor,
    bus: Bus | None = None,
    created_at: datetime | None = None,
    expected_version: int | None = None,
    once: Once | None = None,
    dry_run: bool = False,
) -> Outcome | None:
    """Change one profile as `edit_together` does and return what came of it; None when it does not exist.

    With `created_at` a profile that does not exist is made.
    """

    async def change_it(edits: Edits) -> None:
        for working in edits.values():
            check_version(working.before["version"], expected_version)
            await finished(change(working))

    def answer(outcomes: Outcomes) -> Document:
        return dict(outcomes.get(profile, {}))

    answered = await edit_together(
        workspace,
        {profile: created_at},
        change_it,
        answer,
        actor=actor,
        bus=bus,
        once=once,
        dry_run=dry_run,
    )
    return answered or None  # type: ignore[return-value]  # as `answer` made it


async def edit_together(
    workspace: Workspace,
    profiles: Mapping[bytes, datetime | None],
    change: Callable[[Edits], Awaitable[None] | None],
    answer: Callable[[Outcomes], Document],
    *,
    actor: Actor,
    bus: Bus | None = None,
    once: Once | None = None,
    dry_run: bool = False,
) -> Document:
    """Change some profiles in one transaction, all or none, and return what `answer` makes of the outcomes.

    `profiles` are given with the time to make each at, if it does not exist; without one it is left out. `change` is
    called with the working copies, and again whenever the transaction has to start over, so it must only look at and
    change those. It may raise an exception, such as `RefusedError`: then nothing is left. Edits of one profile queue
    up in this process; other processes are met by `seq`, which every write moves. After the commit a hint for each
    profile tells live feeds where to look.
    """
    hints: dict[str, str] = {}

    async def body(session: Session) -> Document:
        edits = await begin(workspace, profiles, session)
        await finished(change(edits))
        outcomes = await write(list(edits.values()), workspace, session, actor=actor)
        hints.clear()
        hints.update(
            {
                profile_channel(profile): str(outcome["profile"]["seq"])
                for profile, outcome in outcomes.items()
                if outcome["profile"]["seq"] != edits[profile].before["seq"]
            }
        )
        return answer(outcomes)

    async with AsyncExitStack() as held:
        for profile in sorted(profiles):
            await held.enter_async_context(locks.setdefault(profile, asyncio.Lock()))
        answered, repeated = await write_once(workspace, body, once=once, dry_run=dry_run)
    if bus is not None and hints and not repeated and not dry_run:
        await bus.hint({**hints, workspace_channel(workspace.id): ""})
    return answered


async def make_in_turns(
    workspace: Workspace,
    profile: bytes,
    turns: Sequence[tuple[Actor, Callable[[Edit], None]]],
    *,
    created_at: datetime,
) -> ProfileDoc | None:
    """Make a profile by one edit after another, each with its actor, and return it; None when it is there already.

    All are one transaction, which writes the profile once: who is stopped halfway has made nothing. No feed is told.
    """

    async def body(session: Session) -> Document:
        edits = await begin(workspace, {profile: created_at}, session)
        whole = working = edits[profile]
        if whole.before["seq"]:
            return {}
        entries: list[Document] = []
        beside: list[Any] = []
        for actor, change in turns:
            change(working)
            entries += await tell(working, actor) or []
            beside += working.beside
            # Entries of one moment have no order, and these have one.
            now = max(whole_milliseconds(datetime.now(UTC)), working.now + timedelta(milliseconds=1))
            working = Edit(workspace, session, working.profile, now, working.stored_events)
        whole.profile, whole.beside = working.before, beside
        await store([whole], entries, workspace, session)
        return {"profile": whole.profile}

    async with locks.setdefault(profile, asyncio.Lock()):
        answered, _ = await write_once(workspace, body)
    return answered.get("profile")


async def begin(workspace: Workspace, profiles: Mapping[bytes, datetime | None], session: Session) -> Edits:
    """Return working copies of the profiles that exist, and of those to make."""
    condition = {"_id": {"$in": list(profiles)}}
    found: list[ProfileDoc] = await workspace.find("profiles", condition, session=session)
    stored = {profile["_id"]: profile for profile in found}
    now = whole_milliseconds(datetime.now(UTC))
    stored_events = StoredEvents(workspace, session)
    edits = {}
    for profile, created_at in profiles.items():
        if profile in stored:
            edits[profile] = Edit(workspace, session, stored[profile], now, stored_events)
        elif created_at is not None:
            blank = blank_profile(workspace, profile, whole_milliseconds(created_at))
            edits[profile] = Edit(workspace, session, blank, now, stored_events)
    return edits


def blank_profile(workspace: Workspace, profile: bytes, created_at: datetime) -> ProfileDoc:
    return {
        "_id": profile,
        "workspace": workspace.id,
        "createdAt": created_at,
        "version": 0,
        "seq": 0,
        "eventCount": 0,
        **empty_parts(),
        "lastActivityAt": None,
        "recent": [],
    }


async def finished(doing: Awaitable[None] | None) -> None:
    if isawaitable(doing):
        await doing
