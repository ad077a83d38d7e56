"""The timeline of a profile: its events and the changes of its data."""

from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import timeline as resolve
from schema.connections import After, Before, Connection, First, Last, or_none, page
from schema.documents import Info
from schema.entries import TimelineEntry
from schema.filters import TimeRangeInput
from schema.scalars import Cursor
from storage.journal import EntryKind
from storage.profiles import ProfileDoc


@strawberry.type(description="Page of a timeline, newest first")
class TimelineConnection(Connection[TimelineEntry]):
    live_cursor: Cursor = strawberry.field(
        description="Cursor to follow activity on from, after the entries that are shown with it"
    )


@strawberry.input(description="Which entries to list; all conditions that are given must hold")
class TimelineFilter:
    kinds: list[EntryKind] | None = strawberry.field(default=None, description="Only entries of these kinds")
    actions: list[str] | None = strawberry.field(default=None, description="Only entries with these actions")
    occurred: TimeRangeInput | None = strawberry.field(default=None, description="When they were recorded as occurred")


Filter = Annotated[TimelineFilter | None, strawberry.argument(description="Which entries to list; all without one")]


def timeline(
    root: strawberry.Parent[ProfileDoc],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
    filter: Filter = UNSET,
) -> Any:
    given = or_none(filter) or TimelineFilter()
    return resolve.timeline_of(
        info.context,
        root,
        page(first, after, last, before),
        kinds=given.kinds,
        actions=given.actions,
        occurred=given.occurred.plain() if given.occurred else None,
    )
