"""Lists of profiles: a range of what the list is ordered by is a range of its index, and the right one."""

from datetime import datetime, timedelta
from itertools import product

import pytest

from storage.conditions import CreatedMatch, LastActivityMatch, TimeRange
from storage.filters import ORDER_KEYS, ProfileOrderField, counted_order
from storage.past.tail import looked_back
from storage.profiles import ProfileDoc, count_profiles, list_profiles
from storage.store.ids import floor_id, whole_milliseconds
from storage.store.pages import PageRequest, beyond, encode_cursor
from storage.store.workspace import Workspace
from tests.support.factories import CREATED, a_profile, an_event

MILLISECOND = timedelta(milliseconds=1)
EDGE = CREATED + timedelta(hours=1)
AROUND = [EDGE - MILLISECOND, EDGE, EDGE + MILLISECOND]
FINER = timedelta(microseconds=500)
BOUNDS = [None, *AROUND, EDGE - FINER, EDGE + FINER]


@pytest.mark.parametrize("order", ProfileOrderField)
async def test_ranges_are_exact_in_every_order(workspace: Workspace, order: ProfileOrderField) -> None:
    profiles = [
        await a_profile(workspace, firstName=f"P{number}", created_at=created, events=[an_event(at=active)])
        for number, (created, active) in enumerate(product(AROUND, AROUND))
    ]
    profiles.append(await a_profile(workspace, firstName="Never active", created_at=EDGE))
    for since, until in product(BOUNDS, BOUNDS):
        if since is until is None:
            continue
        for name, condition in (
            ("createdAt", CreatedMatch(TimeRange(since, until))),
            ("lastActivityAt", LastActivityMatch(TimeRange(since, until))),
        ):
            wanted = {profile["_id"] for profile in profiles if holds(profile.get(name), since, until)}  # type: ignore[arg-type]
            found = set()
            after = None
            while True:
                page = await list_profiles(workspace, condition, PageRequest(first=4, after=after), order=order)
                found |= {profile["_id"] for profile in page.items}
                if not page.has_next:
                    break
                after = cursor_of(page.items[-1], order)
            assert found == wanted, (name, since, until)
            assert await count_profiles(workspace, condition, most=100) == len(wanted)


def holds(at: datetime | None, since: datetime | None, until: datetime | None) -> bool:
    """Return whether a time is in a range, both as they are stored: in whole milliseconds."""
    return (
        at is not None
        and (since is None or whole_milliseconds(since) <= at)
        and (until is None or at < whole_milliseconds(until))
    )


def cursor_of(profile: ProfileDoc, order: ProfileOrderField) -> str:
    from_key = {
        ProfileOrderField.CREATED_AT: profile["_id"],
        ProfileOrderField.LAST_ACTIVITY_AT: profile["orderKeys"]["lastActivityAt"],
        ProfileOrderField.NAME: profile["orderKeys"]["name"],
    }
    return encode_cursor(ORDER_KEYS[order], from_key[order])


async def test_counting_ends_where_it_is_told_to(workspace: Workspace) -> None:
    for _ in range(3):
        await a_profile(workspace)
    assert [await count_profiles(workspace, None, most=most) for most in (1, 3, 4)] == [1, 3, 3]


def test_what_is_counted_is_a_range_of_an_index_where_it_can_be() -> None:
    within = TimeRange(CREATED, EDGE)
    assert counted_order(LastActivityMatch(within)) is ProfileOrderField.LAST_ACTIVITY_AT
    assert counted_order(CreatedMatch(within)) is counted_order(None) is ProfileOrderField.CREATED_AT


def test_a_page_begins_within_its_range() -> None:
    early, late = floor_id(CREATED), floor_id(EDGE)
    assert beyond({"$gte": early, "$lt": late}, early, down=True) == {"$gte": early, "$lt": early}
    assert beyond({"$lt": early}, late, down=True) == {"$lt": early}
    assert beyond({"$gte": early, "$lt": late}, late, down=False) == {"$gte": early, "$gt": late, "$lt": late}


def test_where_a_reader_looks_back_to_is_as_long_as_what_it_is_compared_with() -> None:
    # MongoDB compares binary values by their length first.
    for arrival in (floor_id(CREATED), bytes(16)):
        assert len(looked_back(arrival)) == len(arrival)
        assert looked_back(arrival) <= arrival
