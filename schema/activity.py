"""When a profile was active, and its events."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import activity as resolve
from schema.connections import After, Before, First, Last, or_none, page
from schema.documents import Info, batched, computed, one, reads
from schema.events import Event, EventConnection
from schema.filters import TimeRangeInput
from schema.scalars import Cursor
from storage.profiles import ProfileDoc


@strawberry.input(description="Which events to list; all conditions that are given must hold")
class EventFilter:
    actions: list[str] | None = strawberry.field(default=None, description="Only events of these types")
    occurred: TimeRangeInput | None = strawberry.field(default=None, description="When they occurred")


Filter = Annotated[EventFilter | None, strawberry.argument(description="Which events to list; all without one")]


def online(root: strawberry.Parent[ProfileDoc], info: Info) -> bool:
    return resolve.is_online(info.context, root)


def since_seconds(root: strawberry.Parent[ProfileDoc], info: Info) -> int | None:
    return resolve.seconds_since_activity(info.context, root)


def events_of_each(
    info: Info,
    profiles: Sequence[ProfileDoc],
    first: int | None = UNSET,
    after: str | None = UNSET,
    last: int | None = UNSET,
    before: str | None = UNSET,
    filter: EventFilter | None = UNSET,
) -> Any:
    given = or_none(filter) or EventFilter()
    return resolve.events_of_each(
        info.context,
        profiles,
        page(first, after, last, before),
        actions=given.actions,
        occurred=given.occurred.plain() if given.occurred else None,
    )


def events(
    root: strawberry.Parent[ProfileDoc],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
    filter: Filter = UNSET,
) -> Any:
    return one(events_of_each(info, [root], first, after, last, before, filter))


@strawberry.type(description="Activity of a profile")
class Activity:
    online = strawberry.field(
        online,
        graphql_type=bool,
        description="Indicates whether the last activity is within the online window",
        metadata=reads("lastActivityAt"),
    )
    last_activity_at: datetime | None = strawberry.field(
        description="Timestamp of the latest event that counts as activity"
    )
    since_seconds = strawberry.field(
        since_seconds,
        graphql_type=int | None,
        description="Seconds since the last activity",
        metadata=reads("lastActivityAt"),
    )
    events = strawberry.field(
        events,
        graphql_type=EventConnection | None,
        description="Events of the profile, newest first",
        metadata=batched(
            events_of_each,
            *("recent._id", "eventCount", "seq"),
            view=Event,
            part="recent",
            path=("edges", "node"),
        ),
    )
    live_cursor = computed(
        resolve.live_cursor,
        Cursor,
        "Cursor to follow activity on from, after the events that are shown with it",
        "seq",
    )
