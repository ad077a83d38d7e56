"""The timeline of a profile: its events and the changes of its data in one list."""

from collections.abc import Sequence
from typing import Any

from loaders.queries import TimelineQuery
from resolvers.activity import live_cursor, until_live_cursor
from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.entries import shown_entries
from resolvers.filters import check_listed, check_range
from storage import changes
from storage.conditions import TimeRange
from storage.credentials import Scope
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
    kinds: Sequence[EntryKind] | None = None,
    actions: Sequence[str] | None = None,
    occurred: TimeRange | None = None,
) -> TimelineDoc:
    """Return one page of everything that happened to the profile, newest first (X2)."""
    context.credential.require(Scope.PROFILES_READ)
    check_listed(kinds, "filter.kinds")
    check_listed(actions, "filter.actions")
    check_range(occurred, "filter.occurred")
    within = occurred or TimeRange()
    query = TimelineQuery(
        page, tuple(sorted(set(kinds or ()))), tuple(sorted(set(actions or ()))), within.since, within.until
    )
    entries = until_live_cursor(profile, await context.loaders.timeline.load((profile["_id"], query)))
    page_of = connection(entries, items=await shown_entries(context, entries.items))
    return {**page_of, "liveCursor": live_cursor(profile)}


async def find_changes(context: Context, ids: Sequence[bytes]) -> list[dict[str, Any]]:
    """Return those of the changes that exist, in no order."""
    return await shown_entries(context, await changes.changes_by_id(context.workspace, ids))
