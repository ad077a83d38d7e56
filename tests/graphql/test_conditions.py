"""Conditions of profiles through the schema: what they find, and what of them is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.attribute_definitions import ensure_definitions
from storage.attributes import AttributeType
from storage.sources import ChangeSource
from storage.store.workspace import Workspace
from storage.tags import ensure_tag
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile, an_event

FOUND = """
query ($filter: ProfileCondition) {
  profiles(filter: $filter, orderBy: {field: NAME, direction: ASC}) { edges { node { displayName } } }
  profilesCount(filter: $filter) { count precision }
}
"""
LATER = CREATED + timedelta(days=30)
KINDS = {
    "age": AttributeType.NUMBER,
    "vip": AttributeType.BOOLEAN,
    "since": AttributeType.DATE,
    "shade": AttributeType.STRING,
    "sizes": AttributeType.ARRAY,
}


@pytest.fixture
async def people(workspace: Workspace) -> Workspace:
    """Three profiles, with definitions of what they have and tags that are in the catalogue."""
    await ensure_definitions(
        workspace, [{"name": name, "displayName": name, "type": kind} for name, kind in KINDS.items()], now=CREATED
    )

    def tag(*tags: str) -> Any:
        return lambda edit: [edit.add_tag(name, source=ChangeSource.API) for name in tags]

    for name in ("a", "b", "nobody's"):
        await ensure_tag(workspace, name, source=ChangeSource.API, now=CREATED)
    ann: dict[str, Any] = {"age": 30, "vip": True, "sizes": ["S", "M", 36]}
    await a_profile(workspace, firstName="Ann", lastName="Lee", email="lee@example.com", change=tag("a", "b"), **ann)
    await a_profile(workspace, firstName="Bob", age=40, since=datetime(2025, 5, 1, tzinfo=UTC), change=tag("b"))
    cid: dict[str, Any] = {"vip": False, "shade": "red", "sizes": []}
    await a_profile(workspace, firstName="Cid", created_at=LATER, events=[an_event(at=LATER)], **cid)
    return workspace


def attribute(name: str, comparison: str = "EQ", **value: Any) -> dict[str, Any]:
    return {"attribute": {"name": name, "comparison": comparison, **({"value": value} if value else {})}}


def tag(name: str) -> dict[str, Any]:
    return {"tag": {"name": name}}


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (None, ["Ann Lee", "Bob", "Cid"]),
        ({"any": [tag("a"), tag("b")]}, ["Ann Lee", "Bob"]),
        ({"all": [tag("a"), tag("b")]}, ["Ann Lee"]),
        (tag("nobody's"), []),
        ({"not": tag("a")}, ["Bob", "Cid"]),
        ({"all": [tag("b"), {"not": {"any": [tag("a"), tag("nobody's")]}}]}, ["Bob"]),
        ({"recognized": True}, ["Ann Lee"]),
        ({"recognized": False}, ["Bob", "Cid"]),
        ({"search": "LEE"}, ["Ann Lee"]),
        ({"search": "ann l"}, ["Ann Lee"]),
        ({"search": "lee@ex"}, ["Ann Lee"]),
        ({"search": ".*"}, []),
        ({"created": {"from": LATER.isoformat()}}, ["Cid"]),
        ({"created": {"to": LATER.isoformat()}}, ["Ann Lee", "Bob"]),
        ({"lastActivity": {"from": LATER.isoformat()}}, ["Cid"]),
        ({"not": {"lastActivity": {"from": LATER.isoformat()}}}, ["Ann Lee", "Bob"]),
        (attribute("age", number=30), ["Ann Lee"]),
        (attribute("age", "NE", number=30), ["Bob"]),
        ({"not": attribute("age", number=30)}, ["Bob", "Cid"]),
        (attribute("age", "GT", number=30), ["Bob"]),
        (attribute("age", "LTE", number=40), ["Ann Lee", "Bob"]),
        (attribute("vip", boolean=False), ["Cid"]),
        (attribute("vip", "EXISTS"), ["Ann Lee", "Cid"]),
        (attribute("vip", "NOT_EXISTS"), ["Bob"]),
        (attribute("since", date="2025-05-01T00:00:00Z"), ["Bob"]),
        (attribute("sizes", string="S"), ["Ann Lee"]),
        (attribute("sizes", "NE", string="S"), ["Cid"]),
        (attribute("sizes", "GT", number=35), ["Ann Lee"]),
        ({"all": [attribute("vip", boolean=True), attribute("age", "LT", number=35)]}, ["Ann Lee"]),
        ({"any": [attribute("shade", string="red"), {"all": [{"recognized": True}, tag("a")]}]}, ["Ann Lee", "Cid"]),
        ({"any": [{"not": {"all": [{"any": [tag("a")]}]}}]}, ["Bob", "Cid"]),
    ],
    ids=repr,
)
@pytest.mark.usefixtures("people")
async def test_who_is_found(ask: Ask, filter: Any, expected: list[str]) -> None:  # R23
    data = await ask(FOUND, filter=filter)
    assert [edge["node"]["displayName"] for edge in data["profiles"]["edges"]] == expected
    assert data["profilesCount"] == {"count": len(expected), "precision": "EXACT"}


def nested(depth: int) -> Any:
    return tag("a") if depth == 1 else {"all": [nested(depth - 1)]}


AT = CREATED.isoformat()
WHY = {
    "unknown attribute": ({"all": [tag("a"), attribute("x", "EXISTS")]}, "all.1.attribute.name", "No attribute"),
    "unknown tag": ({"any": [{"not": tag("x")}]}, "any.0.not.tag.name", "No tag"),
    "text for a number": (attribute("age", string="30"), "attribute.value", "a finite number"),
    "number for a text": ({"not": attribute("shade", "LT", number=1)}, "not.attribute.value", "a text"),
    "text for a date": (attribute("since", string=AT), "attribute.value", "a timestamp"),
    "number for a truth value": (attribute("vip", number=1), "attribute.value", "true or false"),
    "timestamp in a list": (attribute("sizes", date=AT), "attribute.value", "this is a timestamp"),
    "order of truth values": (attribute("vip", "LT", boolean=True), "attribute.comparison", "no order"),
    "order of truth values in a list": (attribute("sizes", "GTE", boolean=True), "attribute.comparison", "no order"),
    "no value": (attribute("age"), "attribute.value", "needs a value"),
    "null": ({"attribute": {"name": "age", "comparison": "NE", "value": None}}, "attribute.value", "needs a value"),
    "value of none": (attribute("age", "EXISTS", number=1), "attribute.value", "takes no value"),
    "value of a missing one": (attribute("age", "NOT_EXISTS", number=1), "attribute.value", "takes no value"),
    "empty all": ({"all": []}, "all", "at least one"),
    "empty any": ({"all": [{"not": {"any": []}}]}, "all.0.not.any", "at least one"),
    "endless range": ({"created": {}}, "created", "from, to, or both"),
    "endless range of nulls": ({"lastActivity": {"from": None, "to": None}}, "lastActivity", "from, to, or both"),
    "range of nothing": ({"created": {"from": AT, "to": AT}}, "created", "from must be before to"),
    "range backwards": ({"any": [{"lastActivity": {"from": LATER.isoformat(), "to": AT}}]}, "any.0.lastActivity", "to"),
    "range within a millisecond": (
        {"created": {"from": "2026-01-01T00:00:00.0001Z", "to": "2026-01-01T00:00:00.0009Z"}},
        "created",
        "by a millisecond",
    ),
    "no search": ({"search": ""}, "search", "from 1 to 200"),
    "blank search": ({"any": [{"search": "  "}]}, "any.0.search", "not only spaces"),
    "long search": ({"search": "x" * 201}, "search", "from 1 to 200"),
    "search for null": ({"search": "a\0"}, "search", "none of them null"),
    "too deep": (nested(6), "all.0.all.0.all.0.all.0.all.0", "at most 5 deep"),
    "too deep in not": ({"not": {"not": {"not": {"not": {"not": tag("a")}}}}}, "not.not.not.not.not", "at most 5"),
    "too many": ({"any": [{"all": [tag("a")] * 10}] * 2 + [{"recognized": True}]}, "", "at most 20"),
}


@pytest.mark.parametrize("why", WHY)
@pytest.mark.parametrize("field", ["profiles(filter: $x) { edges { cursor } }", "profilesCount(filter: $x) { count }"])
@pytest.mark.usefixtures("people")
async def test_what_cannot_be_meant_is_told_with_its_path(ask: Ask, why: str, field: str) -> None:
    filter, argument, says = WHY[why]
    query = f"query ($x: ProfileCondition) {{ {field} }}"
    (error,) = await ask(query, x=filter, failing=True)
    assert error.original_error.extensions == {
        "code": "BAD_USER_INPUT",
        "argument": f"filter.{argument}".rstrip("."),
    }
    assert says in error.message


@pytest.mark.parametrize(
    "filter", [{}, {"tag": None}, {"recognized": None}, {"recognized": True, "search": "x"}, {"all": [None]}], ids=repr
)
async def test_a_condition_says_exactly_one_thing(ask: Ask, filter: Any) -> None:
    assert await ask(FOUND, filter=filter, failing=True)


@pytest.mark.usefixtures("people")
async def test_as_deep_and_as_many_as_allowed(ask: Ask) -> None:
    for filter in (nested(5), {"any": [tag("a")] * 20}, {"not": {"not": {"not": {"not": tag("a")}}}}):
        data = await ask(FOUND, filter=filter)
        assert data["profilesCount"]["count"] == 1


@pytest.mark.usefixtures("people")
async def test_a_count_ends_at_its_limit(ask: Ask) -> None:
    query = "query ($limit: Int) { profilesCount(limit: $limit) { count precision } }"
    for limit, count, precision in ((1, 1, "AT_LEAST"), (2, 2, "AT_LEAST"), (3, 3, "EXACT"), (None, 3, "EXACT")):
        assert (await ask(query, limit=limit))["profilesCount"] == {"count": count, "precision": precision}
    for limit in (0, -1, 100_001):
        (error,) = await ask(query, limit=limit, failing=True)
        assert error.original_error.extensions == {"code": "BAD_USER_INPUT", "argument": "limit"}


async def test_a_refused_condition_leaves_its_siblings(ask: Ask, workspace: Workspace) -> None:
    await a_profile(workspace, firstName="Ann")
    query = """{ profilesCount { count } bad: profilesCount(filter: {all: []}) { count }
      worse: profiles(filter: {any: []}) { edges { cursor } } }"""
    errors = await ask(query, failing=True)
    assert {error.path[0] for error in errors} == {"bad", "worse"}


@pytest.mark.usefixtures("people")
async def test_totals_of_catalogues(ask: Ask) -> None:
    data = await ask("""{ tags(first: 1) { totalCount } eventDefinitions { totalCount }
      attributeDefinitions { totalCount edges { cursor } }
      other: attributeDefinitions(filter: {section: GEO}) { totalCount }
      all: attributeDefinitions(first: 100) { edges { node { section } } } }""")
    sections = [edge["node"]["section"] for edge in data["all"]["edges"]]
    assert data["tags"]["totalCount"] == 3
    assert data["eventDefinitions"]["totalCount"] == 0
    assert data["attributeDefinitions"]["totalCount"] == len(sections)
    assert data["other"]["totalCount"] == sections.count("GEO") > 0
