"""Factories of the tests: each makes one thing through the real write path, with as few words as it can."""

import uuid as uuids
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from storage import notes, tasks
from storage.actors import Actor, ActorDoc, ActorKind
from storage.events import Direction, EventDoc
from storage.notes import NoteDoc, new_note
from storage.nouns import BESIDE
from storage.profiles import ProfileDoc
from storage.sources import ChangeSource
from storage.store.ids import time_id
from storage.store.workspace import Workspace
from storage.tasks import TaskDoc, new_task
from storage.write.edits import edit
from storage.write.working_copy import Edit

CREATED = datetime(2026, 1, 1, 12, tzinfo=UTC)
TESTER = Actor(ActorKind.API_KEY, "tester", "Tester", ChangeSource.API)
EVE: ActorDoc = {"kind": ActorKind.API_KEY, "id": "pgk_desk", "name": "Desk", "onBehalfOf": "Eve"}


def an_event(
    action: str = "page.visit",
    *,
    at: datetime = CREATED,
    uuid: str | None = None,
    **params: Any,
) -> EventDoc:
    return {
        "uuid": uuid or str(uuids.uuid4()),
        "action": action,
        "label": f"Did {action}",
        "occurredAt": at,
        "receivedAt": at,
        "source": "SDK",
        "ip": "192.0.2.7",
        "direction": Direction.BY_PROFILE,
        "params": params,
    }


def visits(number: int, *, start: datetime = CREATED) -> list[EventDoc]:
    """Return page visits, one a second."""
    return [an_event(at=start + timedelta(seconds=second), page=second) for second in range(number)]


async def a_profile(
    workspace: Workspace,
    *,
    created_at: datetime = CREATED,
    email: str | None = None,
    events: int | list[EventDoc] = 0,
    change: Callable[[Edit], None] | None = None,
    **attributes: Any,
) -> ProfileDoc:
    """Return a new profile; `events` are themselves, or how many page visits to make, a second apart."""
    made = events if isinstance(events, list) else visits(events)

    def fill(working: Edit) -> None:
        for name, value in attributes.items():
            working.set_attribute(name, value, source=ChangeSource.API)
        if email is not None:
            working.set("email", email)
        for event in made:
            working.add_event(event)
        if change is not None:
            change(working)

    outcome = await edit(
        workspace, time_id(created_at, workspace.id, uuids.uuid4().hex), fill, actor=TESTER, created_at=created_at
    )
    assert outcome is not None
    return outcome["profile"]


def add_note(edit: Edit, title: str, text: str = "", *, author: ActorDoc = EVE, at: datetime = CREATED) -> NoteDoc:
    return edit.put(notes.NOUN, None, new_note(edit.profile, title=title, text=text, author=author, at=at))


def a_task(edit: Edit, title: str = "Call back", *, author: ActorDoc = EVE, **fields: Any) -> TaskDoc:
    """Return a new task about the profile, to be put beside it."""
    return new_task(edit.profile, title=title, author=author, at=CREATED, **fields)


def add_task(edit: Edit, title: str = "Call back", **fields: Any) -> TaskDoc:
    return edit.put(tasks.NOUN, None, a_task(edit, title, **fields))


# How a document of each noun that stands beside profiles is put there, with a text to know it by.
ADD_BESIDE: Mapping[str, Callable[[Edit, str], Any]] = {"notes": add_note, "tasks": add_task}


def add_beside(edit: Edit, text: str) -> None:
    """Put a document of each noun beside the profile."""
    for name in BESIDE:
        ADD_BESIDE[name](edit, text)
