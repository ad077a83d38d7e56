"""When a profile was active last, and the list of its events."""

from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from loaders.queries import EventQuery
from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.feeds.cursors import profile_cursor
from resolvers.filters import check_listed, check_range
from resolvers.privacy import mask_event
from storage.conditions import TimeRange
from storage.credentials import Scope
from storage.events import RECENT
from storage.profiles import ProfileDoc
from storage.store.pages import Page, PageRequest
from storage.store.timestamps import aware

EntryT = TypeVar("EntryT", bound=Any)


def seconds_since_activity(context: Context, profile: ProfileDoc) -> int | None:
    """Return whole seconds since the last activity, or None without one (R37)."""
    last = profile.get("lastActivityAt")
    return None if last is None else max(0, int((context.now - aware(last)).total_seconds()))


def is_online(context: Context, profile: ProfileDoc) -> bool:
    """Return whether the last activity is within the online window (R37)."""
    since = seconds_since_activity(context, profile)
    return since is not None and since < context.online_window.total_seconds()


def live_cursor(profile: ProfileDoc) -> str:
    """Return the cursor from which a feed continues what is listed here, with neither a gap nor a repetition."""
    return profile_cursor(profile["_id"], profile["seq"])


def until_live_cursor(profile: ProfileDoc, page: Page[EntryT]) -> Page[EntryT]:
    """Return a page without what happened after the profile was read: a feed from its live cursor brings that."""
    return replace(page, items=[entry for entry in page.items if entry["seq"] <= profile["seq"]])


def events_of_each(
    context: Context,
    profiles: Sequence[ProfileDoc],
    page: PageRequest,
    *,
    actions: Sequence[str] | None = None,
    occurred: TimeRange | None = None,
) -> list[ConnectionDoc] | Awaitable[list[ConnectionDoc]]:
    """Return one page of each profile's events, newest first (R39).

    The first page comes with the profile itself, which carries its newest events: then there is nothing to await.
    """
    context.credential.require(Scope.PROFILES_READ)
    check_listed(actions, "filter.actions")
    check_range(occurred, "filter.occurred")
    filtered = bool(actions or occurred)
    from_start = not (filtered or page.backwards) and page.after is None
    size = page.size
    beyond = [profile for profile in profiles if not (from_start and carries(profile, size))]
    if not beyond:
        return [carried(profile, size) for profile in profiles]
    within = occurred or TimeRange()
    query = EventQuery(page, tuple(sorted(set(actions or ()))), within.since, within.until)
    return loaded(context, profiles, beyond, query, filtered=filtered)


async def loaded(
    context: Context, profiles: Sequence[ProfileDoc], beyond: Sequence[ProfileDoc], query: EventQuery, *, filtered: bool
) -> list[ConnectionDoc]:
    """Return that page of each profile; those of `beyond` do not carry theirs, so that it is loaded."""
    read = await context.loaders.events.load_many([(profile["_id"], query) for profile in beyond])
    pages = {profile["_id"]: until_live_cursor(profile, page) for profile, page in zip(beyond, read, strict=True)}
    return [
        event_page(context, pages[profile["_id"]], total=None if filtered else profile["eventCount"])
        if profile["_id"] in pages
        else carried(profile, query.page.size)
        for profile in profiles
    ]


def carries(profile: ProfileDoc, size: int) -> bool:
    """Return whether the first `size` of all events are among those that the profile carries."""
    return size <= RECENT or profile["eventCount"] <= RECENT


def carried(profile: ProfileDoc, size: int) -> ConnectionDoc:
    """Return that page, masked already with its profile."""
    count = profile["eventCount"]
    return connection(Page(profile["recent"][:size], size < count, False, "_id"), total=count)


def event_page(context: Context, page: Page[Any], *, total: int | None) -> ConnectionDoc:
    items = page.items if context.sees_personal else [mask_event(event) for event in page.items]
    return connection(page, items=items, total=total)
