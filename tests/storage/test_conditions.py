"""Conditions mean what they say: random trees over a small population, against a plain reading of each tree."""

import operator
import uuid as uuids
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.conditions import (
    AllOf,
    AnyOf,
    AttributeMatch,
    Comparison,
    Condition,
    CreatedMatch,
    LastActivityMatch,
    Not,
    RecognizedMatch,
    SearchMatch,
    TagMatch,
    TimeRange,
)
from storage.filters import ORDER_KEYS, ProfileOrderField, profile_filter
from storage.profiles import ProfileDoc, count_profiles, list_profiles
from storage.sources import ChangeSource
from storage.store.mongo import Database
from storage.store.pages import PageRequest
from storage.store.workspace import Workspace
from storage.write.working_copy import Edit
from tests.support.factories import CREATED, a_profile, an_event

DAYS = [CREATED + timedelta(days=number) for number in range(4)]
WITHOUT_VALUE = {Comparison.EXISTS, Comparison.NOT_EXISTS}
ORDERED = {
    Comparison.LT: operator.lt,
    Comparison.LTE: operator.le,
    Comparison.GT: operator.gt,
    Comparison.GTE: operator.ge,
}
# What is compared with what: values that are on profiles, between them, and beyond.
COMPARED: Mapping[str, list[Any]] = {
    "city": ["", "Bergen", "Oslo", "Z"],
    "age": [0.0, 30.0, 35.5, 40.0],
    "vip": [True, False],
    "since": [*DAYS, datetime(1970, 1, 1, tzinfo=UTC)],
    "sizes": ["S", "M", 1.0, 2.0, True],
}
MEMBERS: list[dict[str, Any]] = [
    {},
    {"city": "Oslo", "age": 30, "vip": True, "tags": "a", "sizes": ["S", 1]},
    {"city": "Bergen", "age": 40, "vip": False, "tags": "ab", "sizes": []},
    {"city": None, "age": None, "vip": None, "since": None, "sizes": None, "tags": "b"},
    {"city": "Oslo", "since": DAYS[1], "sizes": ["M", 2, True], "tags": "abc"},
    {"age": 35.5, "since": DAYS[2], "firstName": "Ann", "lastName": "Lee", "email": "lee@example.com"},
    {"firstName": "Lee", "tags": "c", "sizes": [0.5, "S"]},
]


def comparisons() -> st.SearchStrategy[Condition]:
    with_value = st.sampled_from([each for each in Comparison if each not in WITHOUT_VALUE])
    return st.one_of(
        st.sampled_from([*COMPARED]).flatmap(
            lambda name: st.builds(AttributeMatch, st.just(name), with_value, st.sampled_from(COMPARED[name]))
        ),
        st.builds(AttributeMatch, st.sampled_from([*COMPARED, "none"]), st.sampled_from([*WITHOUT_VALUE])),
    )


def leaves() -> st.SearchStrategy[Condition]:
    ranges = st.builds(TimeRange, st.none() | st.sampled_from(DAYS), st.none() | st.sampled_from(DAYS)).filter(
        lambda within: (within.since, within.until) != (None, None)
    )
    return st.one_of(
        comparisons().filter(lambda leaf: not is_senseless(leaf)),
        st.builds(TagMatch, st.sampled_from("abcd")),
        st.builds(RecognizedMatch, st.booleans()),
        st.builds(CreatedMatch, ranges),
        st.builds(LastActivityMatch, ranges),
        st.builds(SearchMatch, st.sampled_from(["LEE", "ann l", "lee@", ".*", "x"])),
    )


def is_senseless(leaf: Any) -> bool:
    """Return whether the leaf wants truth values to have an order, which is refused before."""
    return isinstance(leaf.value, bool) and leaf.comparison in ORDERED


def trees() -> st.SearchStrategy[Condition]:
    def joined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        several = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return st.one_of(st.builds(AllOf, several), st.builds(AnyOf, several), st.builds(Not, inner))

    return st.recursive(leaves(), joined, max_leaves=8)


def meets(profile: ProfileDoc, condition: Any) -> bool:
    """Return whether the profile meets the condition, read as plainly as it can be."""
    match condition:
        case AllOf(conditions):
            return all(meets(profile, each) for each in conditions)
        case AnyOf(conditions):
            return any(meets(profile, each) for each in conditions)
        case Not(inner):
            return not meets(profile, inner)
    return meets_leaf(profile, condition)


def meets_leaf(profile: ProfileDoc, leaf: Any) -> bool:
    match leaf:
        case TagMatch(name):
            return any(tag["name"] == name for tag in profile["tags"])
        case RecognizedMatch(value):
            return profile["recognized"] is value
        case CreatedMatch(within):
            return is_within(profile["createdAt"], within)
        case LastActivityMatch(within):
            return is_within(profile.get("lastActivityAt"), within)
        case SearchMatch(prefix):
            return any(text.startswith(prefix.casefold()) for text in profile["search"])
        case AttributeMatch(name, comparison, value):
            held = [each["value"] for each in profile["attributes"] if each["name"] == name]
            if comparison in WITHOUT_VALUE:
                return bool(held) is (comparison is Comparison.EXISTS)
            return any(compares(each, comparison, value) for each in held)
    raise LookupError(leaf)


def is_within(at: datetime | None, within: TimeRange) -> bool:
    return at is not None and (within.since or at) <= at and (within.until is None or at < within.until)


def compares(held: Any, comparison: Comparison, value: Any) -> bool:
    items = held if isinstance(held, list) else [held]
    if comparison is Comparison.NE:
        return not any(is_same(item, value) for item in items)
    if comparison is Comparison.EQ:
        return any(is_same(item, value) for item in items)
    return any(kind_of(item) is kind_of(value) and ORDERED[comparison](item, value) for item in items)


def is_same(item: Any, value: Any) -> bool:
    return kind_of(item) is kind_of(value) and bool(item == value)


def kind_of(value: Any) -> type:
    return float if value.__class__ is int else value.__class__


@pytest.fixture(scope="module")
async def people(shared_database: Database) -> tuple[Workspace, list[ProfileDoc]]:
    workspace = Workspace(shared_database, f"conditions-{uuids.uuid4().hex}")
    return workspace, [await a_person(workspace, number, **each) for number, each in enumerate(MEMBERS)]


async def a_person(workspace: Workspace, number: int, *, tags: str = "", **given: Any) -> ProfileDoc:
    def change(edit: Edit) -> None:
        for name in tags:
            edit.add_tag(name, source=ChangeSource.API)

    day = DAYS[number % len(DAYS)]
    events = [an_event(at=day + timedelta(hours=number))] if number % 3 else []
    return await a_profile(workspace, created_at=day, events=events, change=change, **given)


@settings(max_examples=150)
@given(condition=trees(), order=st.sampled_from(ProfileOrderField))
async def test_trees_find_who_meets_them(
    people: tuple[Workspace, list[ProfileDoc]], condition: Condition, order: ProfileOrderField
) -> None:
    workspace, everybody = people
    found = await list_profiles(workspace, condition, PageRequest(first=100), order=order)
    wanted = {profile["_id"] for profile in everybody if meets(profile, condition)}
    assert {profile["_id"] for profile in found.items} == wanted
    assert await count_profiles(workspace, condition, most=100) == len(wanted)


async def test_not_and_different_are_not_the_same(people: tuple[Workspace, list[ProfileDoc]]) -> None:
    workspace, everybody = people
    for condition, number in (
        (AttributeMatch("city", Comparison.EQ, "Oslo"), 2),
        (AttributeMatch("city", Comparison.NE, "Oslo"), 2),
        (Not(AttributeMatch("city", Comparison.EQ, "Oslo")), len(everybody) - 2),
        (Not(AttributeMatch("city", Comparison.NE, "Oslo")), len(everybody) - 2),
    ):
        assert await count_profiles(workspace, condition, most=100) == number


def test_what_must_hold_stands_beside_each_other() -> None:
    city = AllOf((AttributeMatch("city", Comparison.EXISTS), AttributeMatch("age", Comparison.EXISTS)))
    tags = AllOf((TagMatch("a"), AnyOf((TagMatch("b"),))))
    condition = AllOf((city, RecognizedMatch(value=True), tags))
    assert profile_filter(condition, ProfileOrderField.NAME) == {
        "attributes.name": "city",
        "tags.name": "a",
        "recognized": True,
        "$and": [{"attributes.name": "age"}, {"tags.name": "b"}],
    }


def test_equal_keys_of_alternatives_are_one_range_of_an_index() -> None:
    tags = AnyOf((TagMatch("a"), AnyOf((TagMatch("b"), AllOf((TagMatch("c"),))))))
    assert tags.filter() == {"tags.name": {"$in": ["a", "b", "c"]}}
    assert AnyOf((TagMatch("a"), RecognizedMatch(value=True), TagMatch("b"))).filter() == {
        "$or": [{"tags.name": {"$in": ["a", "b"]}}, {"recognized": True}]
    }
    assert Not(Not(TagMatch("a"))).filter()
    assert profile_filter(Not(Not(TagMatch("a"))), ProfileOrderField.NAME) == {"tags.name": "a"}


@pytest.mark.parametrize(
    ("order", "ranged"),
    [(ProfileOrderField.CREATED_AT, CreatedMatch), (ProfileOrderField.LAST_ACTIVITY_AT, LastActivityMatch)],
)
def test_only_a_range_that_must_hold_is_one_of_the_order(order: ProfileOrderField, ranged: type) -> None:
    key = ORDER_KEYS[order]
    early, late = ranged(TimeRange(DAYS[0], DAYS[2])), ranged(TimeRange(DAYS[1], DAYS[3]))
    alone = profile_filter(early, order)[key]
    assert set(alone) == {"$gte", "$lt"}
    both = profile_filter(AllOf((TagMatch("a"), AllOf((early, late)))), order)[key]
    assert both == {"$gte": profile_filter(late, order)[key]["$gte"], "$lt": alone["$lt"]}
    for condition in (AnyOf((early, TagMatch("a"))), Not(early), AllOf((Not(early), TagMatch("a")))):
        assert key not in profile_filter(condition, order)
    assert key not in profile_filter(early, ProfileOrderField.NAME)


def test_the_ends_of_time_are_bounds_too() -> None:
    ends = TimeRange(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    for order, ranged in product(ProfileOrderField, (CreatedMatch, LastActivityMatch)):
        assert profile_filter(ranged(ends), order)
