"""What can be followed live."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers.entries import shown_entries
from resolvers.jobs import shown_job
from resolvers.live import activity, analyses, changes, presence
from resolvers.live import jobs as live_jobs
from resolvers.live.statistics import StatisticsQuery, shown_statistics
from resolvers.privacy import shown_one
from schema.aggregates import AggregateWindowInput
from schema.analyses import AggregateResult
from schema.connections import or_none
from schema.documents import Info
from schema.entries import TimelineEntry
from schema.jobs import Job
from schema.profiles import Profile
from schema.scalars import Cursor
from schema.statistics import Granularity, Statistics, Within, Zone
from storage.journal import EntryKind

ProfileId = Annotated[strawberry.ID, strawberry.argument(description="Id of the profile")]
ProfileIds = Annotated[list[strawberry.ID], strawberry.argument(description="Ids of the profiles, at most 100")]
Names = Annotated[
    list[str] | None,
    strawberry.argument(description="Names of definitions, at most 100; all shown on profiles without"),
]
WithStatistics = Annotated[bool, strawberry.argument(description="Whether to follow statistics, too")]
JobId = Annotated[strawberry.ID, strawberry.argument(description="Id of the job")]
After = Annotated[
    Cursor | None,
    strawberry.argument(
        description="Cursor to go on after, from this feed or from liveCursor, however old; from now on without one"
    ),
]


async def node(root: strawberry.Parent[Any], info: Info) -> Any:
    return (await shown_entries(info.context, [root["entry"]]))[0]


def changed_profile(root: strawberry.Parent[Any], info: Info) -> Any:
    return shown_one(info.context, root["profile"])


def changed_statistics(root: strawberry.Parent[Any], info: Info) -> Any:
    followed = root["statistics"]
    return followed and shown_statistics(info.context, followed)


def moved_job(root: strawberry.Parent[Any]) -> Any:
    return shown_job(root["job"])


@strawberry.type(description="Something that happened, and where it stands in the feed")
class LiveEntry:
    cursor: Cursor = strawberry.field(description="Cursor to go on after this entry")
    node = strawberry.field(node, graphql_type=TimelineEntry | None, description="Event or change itself")


@strawberry.type(description="Profile as it became")
class ProfileChanged:
    version: int = strawberry.field(description="Number of edits so far, for expectedVersion")
    changed: list[str] = strawberry.field(
        description="Fields that changed since the last message, as in history; events change activity. Empty at first"
    )
    profile = strawberry.field(changed_profile, graphql_type=Profile | None, description="Profile as it is now")


@strawberry.type(description="Figures of a profile as they became")
class AnalysesChanged:
    seq: int = strawberry.field(description="Number of the latest entry of the profile that they count")
    as_of: datetime = strawberry.field(description="Timestamp that windows are counted from")
    aggregates: list[AggregateResult] = strawberry.field(
        description="All that are followed at first; then those whose value, counts or definition have changed"
    )
    removed: list[str] = strawberry.field(
        description="Names of the figures that were deleted, or are no longer shown on profiles, since the last message"
    )
    statistics = strawberry.field(
        changed_statistics,
        graphql_type=Statistics | None,
        description="Statistics at first and when they have changed; null otherwise, and where they are not followed",
    )


@strawberry.type(description="Presence of a person")
class Presence:
    profile = strawberry.field(changed_profile, graphql_type=Profile | None, description="Profile of the person")
    online: bool = strawberry.field(description="Indicates whether the last activity is within the online window")
    last_activity_at: datetime | None = strawberry.field(
        description="Timestamp of the latest event that counts as activity"
    )


@strawberry.type(description="Job as it became")
class JobProgress:
    job = strawberry.field(moved_job, graphql_type=Job | None, description="Job as it is now")


@strawberry.input(description="Which entries to follow: all that match what is given")
class ActivityFilter:
    actions: list[str] | None = strawberry.field(default=None, description="Only entries with these actions")
    kinds: list[EntryKind] | None = strawberry.field(default=None, description="Only entries of these kinds")

    def plain(self) -> activity.EntryMatch:
        return activity.entry_match(self.actions, self.kinds)


Filter = Annotated[ActivityFilter | None, strawberry.argument(description="Which entries to follow; all without one")]


async def follow_activity(
    info: Info, profile_id: ProfileId, filter: Filter = UNSET, after: After = UNSET
) -> AsyncIterator[LiveEntry]:
    match = (or_none(filter) or ActivityFilter()).plain()
    return await activity.profile_activity(info.context, profile_id, match, after=or_none(after))  # type: ignore[return-value]


async def follow_profile(info: Info, profile_id: ProfileId) -> AsyncIterator[ProfileChanged]:
    return await changes.profile_changes(info.context, profile_id)  # type: ignore[return-value]


async def follow_analyses(
    info: Info,
    profile_id: ProfileId,
    names: Names = UNSET,
    statistics: WithStatistics = False,
    window: Within = None,
    time_zone: Zone = "UTC",
    granularity: Granularity = UNSET,
) -> AsyncIterator[AnalysesChanged]:
    within = tuple((window or AggregateWindowInput()).plain().items())
    query = StatisticsQuery(within, time_zone, or_none(granularity)) if statistics else None
    return await analyses.analyses_changes(info.context, profile_id, names=or_none(names), statistics=query)  # type: ignore[return-value]


async def follow_presence(info: Info, profile_ids: ProfileIds) -> AsyncIterator[Presence]:
    return await presence.presence_of(info.context, profile_ids)  # type: ignore[return-value]


async def follow_workspace(info: Info, filter: Filter = UNSET, after: After = UNSET) -> AsyncIterator[LiveEntry]:
    match = (or_none(filter) or ActivityFilter()).plain()
    return await activity.workspace_activity(info.context, match, after=or_none(after))  # type: ignore[return-value]


async def follow_job(info: Info, id: JobId) -> AsyncIterator[JobProgress]:
    return await live_jobs.job_progress(info.context, id)  # type: ignore[return-value]


@strawberry.type(description="Everything that can be followed live")
class Subscription:
    activity = strawberry.subscription(
        follow_activity, description="Events and changes of one profile, each once and in order; never a gap"
    )
    profile_changed = strawberry.subscription(
        follow_profile, description="Profile as it is, and again whenever it changed; changes at once come together"
    )
    analyses_changed = strawberry.subscription(
        follow_analyses,
        description="Figures of a profile, and again those that an event, a definition or the clock has changed",
    )
    presence = strawberry.subscription(
        follow_presence, description="Presence of profiles, and again whenever one comes, stays or goes"
    )
    workspace_activity = strawberry.subscription(
        follow_workspace,
        description="Events and changes of all profiles of the workspace, each at least once: know them by their ids",
    )
    job = strawberry.subscription(
        follow_job, description="Job as it is, and again whenever it has moved; complete once it is finished"
    )
