"""Lists of profiles: a range of what the list is ordered by is a range of its index, and the right one."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from storage.filters import ORDER_KEYS, AttributeMatch, Comparison, ProfileMatch, ProfileOrderField, TimeRange
from storage.past.tail import looked_back
from storage.profiles import ProfileDoc, list_profiles
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
        for name in ("createdAt", "lastActivityAt"):
            ranged = TimeRange(since, until)
            match = ProfileMatch(created=ranged) if name == "createdAt" else ProfileMatch(last_activity=ranged)
            wanted = {profile["_id"] for profile in profiles if holds(profile.get(name), since, until)}  # type: ignore[arg-type]
            found = set()
            after = None
            while True:
                page = await list_profiles(workspace, match, PageRequest(first=4, after=after), order=order)
                found |= {profile["_id"] for profile in page.items}
                if not page.has_next:
                    break
                after = cursor_of(page.items[-1], order)
            assert found == wanted, (name, since, until)


def holds(at: datetime | None, since: datetime | None, until: datetime | None) -> bool:
    """Return whether a time is in a range, both as they are stored: in whole milliseconds."""
    if since is None and until is None:
        return True
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


def test_a_range_of_the_order_is_one_of_its_key() -> None:
    ranged = TimeRange(CREATED, EDGE)
    for match, order in (
        (ProfileMatch(created=ranged), ProfileOrderField.CREATED_AT),
        (ProfileMatch(last_activity=ranged), ProfileOrderField.LAST_ACTIVITY_AT),
    ):
        assert set(match.condition(order)[ORDER_KEYS[order]]) == {"$gte", "$lt"}
        assert ORDER_KEYS[order] not in match.condition(ProfileOrderField.NAME)


def test_the_ends_of_time_are_bounds_too() -> None:
    ends = TimeRange(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    for order in ProfileOrderField:
        assert ProfileMatch(created=ends, last_activity=ends).condition(order)


def test_conditions_stand_beside_each_other_where_they_can() -> None:
    city = [AttributeMatch("city", Comparison.EXISTS), AttributeMatch("name", Comparison.EXISTS)]
    match = ProfileMatch(attributes=city, recognized=True, all_tags=["a", "b"])
    assert match.condition(ProfileOrderField.NAME) == {
        "attributes.name": "city",
        "tags.name": "a",
        "recognized": True,
        "$and": [{"attributes.name": "name"}, {"tags.name": "b"}],
    }


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
