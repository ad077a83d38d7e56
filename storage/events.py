"""Events: what a person did, or what was done for them, as entries of the journal."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

from storage.actors import ActorDoc
from storage.credentials import Scope
from storage.declaration import Noun
from storage.journal import COLLECTION, EntryKind, id_range, one_of
from storage.store.mongo import Projection
from storage.store.pages import Page, PageRequest, newest_of_each
from storage.store.workspace import Workspace

NOUN = Noun(type="Event", prefix="evt", scope=Scope.PROFILES_READ, collection=COLLECTION)
RECENT = 20

# Exactly these move the last activity (R38); `event log` is spelled with its space.
ACTIVITY_ACTIONS = frozenset(
    {
        "client.applicationStarted",
        "screen.view",
        "screen.click",
        "dynamicContent.show",
        "page.visit",
        "form.submit",
        "button.click",
        "event log",
        "slider.change",
        "switch.change",
    }
)


class Direction(StrEnum):
    """Whether the person did it, or it was done for the person, such as an email sent (R40)."""

    BY_PROFILE = "BY_PROFILE"
    FOR_PROFILE = "FOR_PROFILE"


class EventResult(StrEnum):
    """What became of an event: one whose UUID is known is a duplicate, or a conflict when it says something else."""

    CREATED = "CREATED"
    DUPLICATE = "DUPLICATE"
    CONFLICT = "CONFLICT"
    REJECTED = "REJECTED"


class EventDoc(TypedDict, total=False):
    """An event, in the journal and among a profile's `recent`; there without the first four keys.

    `originalOccurredAt` is the sender's time where that was in the future or before 1970; `occurredAt` is the time of
    receipt then, or the beginning of 1970.
    """

    workspace: str
    profile: bytes
    kind: EntryKind
    actor: ActorDoc
    seq: int
    _id: bytes
    uuid: str
    action: str
    label: str | None
    occurredAt: datetime
    originalOccurredAt: datetime | None
    receivedAt: datetime
    arrival: bytes
    source: str
    ip: str | None
    direction: Direction
    params: dict[str, Any]


CONTENT = ("action", "label", "source", "direction", "params")


def is_repeated(earlier: EventDoc, event: EventDoc, profile: bytes) -> bool:
    """Return whether an event of `profile` says what the earlier one of its UUID said.

    When and from where they arrived does not count.
    """
    return (
        earlier["profile"] == profile
        and sender_time(earlier) == sender_time(event)
        and all(earlier.get(key) == event.get(key) for key in CONTENT)
    )


def sender_time(event: EventDoc) -> datetime:
    """Return the time that the sender gave, as it is stored."""
    return event.get("originalOccurredAt") or event["occurredAt"]


async def list_events(
    workspace: Workspace,
    profiles: Sequence[bytes],
    page: PageRequest,
    *,
    actions: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    projection: Projection | None = None,
) -> dict[bytes, Page[EventDoc]]:
    """Return the same page of the events of each profile, newest first, with one command."""
    matching = {
        "kind": EntryKind.EVENT,
        **({"action": one_of(actions)} if actions else {}),
        **id_range(page, since=since, until=until),
    }
    return await newest_of_each(workspace, "journal", profiles, matching, page=page, projection=projection)


async def events_by_id(workspace: Workspace, ids: Sequence[bytes]) -> list[EventDoc]:
    """Return those of the events that exist, in no order."""
    return [entry for entry in await workspace.by_id("journal", ids) if entry["kind"] == EntryKind.EVENT]
