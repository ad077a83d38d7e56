"""The timeline of a profile: its events and the changes of its data in one list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from loaders import TimelineQuery
from resolvers.activity import check_actions, live_cursor, until_live_cursor
from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.entries import shown_entries
from storage import changes
from storage.journal import EntryKind
from storage.profiles import ProfileDoc
from storage.store.pages import PageRequest


class TimelineDoc(ConnectionDoc):
    """A page of a timeline, and where to follow on from."""

    liveCursor: str  # noqa: N815 - a key of the document


async def timeline_of(
    context: Context,
    profile: ProfileDoc,
    page: PageRequest,
    *,
    kinds: Sequence[EntryKind] = (),
    actions: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
) -> TimelineDoc:
    """Return one page of everything that happened to the profile, newest first (X2)."""
    check_actions(actions)
    query = TimelineQuery(page, tuple(sorted(set(kinds))), tuple(sorted(set(actions))), since, until)
    entries = until_live_cursor(profile, await context.loaders.timeline.load((profile["_id"], query)))
    page_of = connection(entries, items=await shown_entries(context, entries.items))
    return {**page_of, "liveCursor": live_cursor(profile)}


async def find_changes(context: Context, ids: Sequence[bytes]) -> list[dict[str, Any]]:
    """Return those of the changes that exist, in no order."""
    return await shown_entries(context, await changes.changes_by_id(context.workspace, ids))
