"""The timeline of a profile: its events and the changes of its data in one list."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from loaders import TimelineQuery
from resolvers.activity import live_cursor, until_live_cursor
from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.mutations import ChangeDoc, shown_changes
from resolvers.privacy import mask_event
from storage import changes
from storage.journal import EntryKind
from storage.profiles import ProfileDoc
from storage.store.pages import PageRequest


class EntryDoc(TypedDict):
    """A change of the profile's data as clients see it."""

    _id: bytes
    occurredAt: datetime
    actor: str
    user: str | None
    source: str
    action: str
    changes: list[ChangeDoc]


class TimelineDoc(ConnectionDoc):
    """A page of a timeline, and where to follow on from."""

    liveCursor: str  # noqa: N815 - a key of the document


async def timeline_of(
    context: Context,
    profile: ProfileDoc,
    page: PageRequest,
    *,
    kinds: Sequence[EntryKind] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> TimelineDoc:
    """Return one page of everything that happened to the profile, newest first (X2)."""
    query = TimelineQuery(page, tuple(sorted(set(kinds or ()))), since, until)
    entries = until_live_cursor(profile, await context.loaders.timeline.load((profile["_id"], query)))
    page_of = connection(entries, items=[shown_entry(context, entry) for entry in entries.items])
    return {**page_of, "liveCursor": live_cursor(profile)}


async def find_changes(context: Context, ids: Sequence[bytes]) -> list[dict[str, Any]]:
    """Return those of the changes that exist, in no order."""
    return [shown_entry(context, entry) for entry in await changes.changes_by_id(context.workspace, ids)]


def shown_entry(context: Context, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry as the credential may see it, marked with its type."""
    if entry["kind"] == EntryKind.EVENT:
        event: Any = entry
        return {**(event if context.sees_personal else mask_event(event)), "__typename": "Event"}
    typename = f"{entry['kind'].capitalize()}Change"
    return {**entry, "changes": shown_changes(context, entry["changes"]), "__typename": typename}
