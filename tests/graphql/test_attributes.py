"""Attributes of a profile, and their definitions."""

from datetime import UTC, datetime
from typing import Any

from storage.attribute_definitions import Section, ensure_definitions
from storage.attributes import AttributeType
from storage.sources import ChangeSource
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile

ATTRIBUTES = """
query ($id: ID!, $section: Section, $names: [String!], $includeUnset: Boolean!) { profile(by: {id: $id}) {
  attributes(filter: {section: $section, names: $names}, includeUnset: $includeUnset) {
    name displayName section type display masked updatedAt source value { __typename
      ... on StringValue { string } ... on NumberValue { number } ... on DateValue { date }
      ... on BooleanValue { boolean } ... on ArrayValue { items } }
} } }
"""
DEFINITIONS = """
query ($first: Int, $after: String, $section: Section) {
  attributeDefinitions(first: $first, after: $after, filter: {section: $section}) {
    edges { node { id name displayName type section system personal } } pageInfo { hasNextPage endCursor }
} }
"""


async def attributes(ask: Ask, profile: Any, *, include_unset: bool = False, **arguments: Any) -> dict[str, Any]:
    data = await ask(ATTRIBUTES, id=to_public("prf", profile["_id"]), includeUnset=include_unset, **arguments)
    return {attribute["name"]: attribute for attribute in data["profile"]["attributes"]}


async def test_values_of_every_type(ask: Ask, workspace: Workspace) -> None:  # R18 R21
    values = {
        "text": ("blue", {"__typename": "StringValue", "string": "blue"}, "blue", "STRING"),
        "whole": (3, {"__typename": "NumberValue", "number": 3.0}, "3", "NUMBER"),
        "part": (2.5, {"__typename": "NumberValue", "number": 2.5}, "2.5", "NUMBER"),
        "flag": (True, {"__typename": "BooleanValue", "boolean": True}, "true", "BOOLEAN"),
        "list": (["a", 1.0, False], {"__typename": "ArrayValue", "items": ["a", 1.0, False]}, "a, 1, false", "ARRAY"),
        "day": (
            datetime(2020, 2, 29, tzinfo=UTC),
            {"__typename": "DateValue", "date": "2020-02-29T00:00:00+00:00"},
            "2020-02-29",
            "DATE",
        ),
        "moment": (
            datetime(2020, 2, 29, 7, 30, tzinfo=UTC),
            {"__typename": "DateValue", "date": "2020-02-29T07:30:00+00:00"},
            "2020-02-29T07:30:00+00:00",
            "DATE",
        ),
        "null": (None, None, "N/A", "STRING"),
    }
    profile = await a_profile(workspace, **{name: value[0] for name, value in values.items()})
    found = await attributes(ask, profile)
    assert list(found) == sorted(values)
    for name, (_, value, display, kind) in values.items():
        shown = found[name]
        assert (shown["value"], shown["display"], shown["type"]) == (value, display, kind), name
        assert (shown["source"], shown["section"], shown["masked"]) == ("API", "OTHER", False)
        assert shown["updatedAt"] is not None


async def test_definitions_name_and_place_an_attribute(ask: Ask, workspace: Workspace) -> None:  # R18 R20
    await ensure_definitions(
        workspace,
        [{"name": "loyalty", "displayName": "Loyalty tier", "type": AttributeType.STRING, "section": Section.CONTACT}],
        now=CREATED,
    )
    profile = await a_profile(workspace, loyalty="gold", city="Oslo")
    found = await attributes(ask, profile, section="CONTACT")
    assert list(found) == ["loyalty"]
    assert found["loyalty"]["displayName"] == "Loyalty tier"
    assert list(await attributes(ask, profile, names=["city", "none"])) == ["city"]


async def test_unset_attributes_are_listed_as_not_available(ask: Ask, workspace: Workspace) -> None:  # R10 R22
    profile = await a_profile(workspace, firstName="Ann", company=None)
    found = await attributes(ask, profile, include_unset=True)
    assert found["lastName"]["display"] == found["company"]["display"] == "N/A"
    assert found["lastName"]["updatedAt"] is found["lastName"]["source"] is None
    assert found["company"]["updatedAt"] is not None  # set to null, which is not the same as unset
    assert set(await attributes(ask, profile, include_unset=True, names=["city", "none"])) == {"city"}
    assert set(await attributes(ask, profile)) == {"firstName", "company"}


async def test_names_are_answered_in_their_order(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace, firstName="Ann", city="Oslo", loose="x")
    asked = ["loose", "none", "city", "lastName", "firstName", "city"]
    assert list(await attributes(ask, profile, names=asked)) == ["loose", "city", "firstName"]
    unset = await attributes(ask, profile, include_unset=True, names=asked)
    assert list(unset) == ["loose", "city", "lastName", "firstName"]
    assert list(await attributes(ask, profile, names=asked, section="PERSONAL")) == ["city", "firstName"]
    assert await attributes(ask, profile, names=[]) == {}


async def test_one_attribute(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace, city="Oslo", loose=1)
    query = """query ($id: ID!) { profile(by: {id: $id}) {
      city: attribute(name: "city") { name displayName display value { ... on StringValue { string } } }
      unset: attribute(name: "company") { name display type updatedAt } loose: attribute(name: "loose") { display type }
      none: attribute(name: "none") { name } } }"""
    assert (await ask(query, id=to_public("prf", profile["_id"])))["profile"] == {
        "city": {"name": "city", "displayName": "City", "display": "Oslo", "value": {"string": "Oslo"}},
        "unset": {"name": "company", "display": "N/A", "type": "STRING", "updatedAt": None},
        "loose": {"display": "1", "type": "NUMBER"},
        "none": None,
    }


VALUES = (
    "query ($id: ID!, $names: [String!]!) { profile(by: {id: $id}) { displayName attributeValues(names: $names) } }"
)


async def test_values_by_name(ask: Ask, workspace: Workspace) -> None:
    at = datetime(2020, 2, 29, 7, 30, tzinfo=UTC)
    profile = await a_profile(workspace, text="x", whole=3, flag=False, moment=at, list=["a", 1, True], null=None)
    names = ["whole", "text", "none", "moment", "list", "null", "flag", "text"]
    found = (await ask(VALUES, id=to_public("prf", profile["_id"]), names=names))["profile"]["attributeValues"]
    assert list(found.items()) == [
        ("whole", 3),
        ("text", "x"),
        ("none", None),
        ("moment", "2020-02-29T07:30:00+00:00"),
        ("list", ["a", 1, True]),
        ("null", None),
        ("flag", False),
    ]


async def test_values_of_too_many_names_are_refused_and_the_rest_stands(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    id = to_public("prf", profile["_id"])
    full = [f"n{number}" for number in range(100)]
    assert (await ask(VALUES, id=id, names=full))["profile"]["attributeValues"] == dict.fromkeys(full)
    (error,) = await ask(VALUES, id=id, names=[*full, "one more"], failing=True)
    assert error.original_error.extensions == {"code": "BAD_USER_INPUT", "argument": "names"}
    assert error.path == ["profile", "attributeValues"]


async def test_sources(ask: Ask, workspace: Workspace) -> None:  # R18
    def change(edit: Edit) -> None:
        for source in ChangeSource:
            edit.set_attribute(f"from {source}", "x", source=source)

    profile = await a_profile(workspace, change=change)
    found = await attributes(ask, profile)
    assert {attribute["source"] for attribute in found.values()} == set(ChangeSource)


async def test_definitions_page_by_name(ask: Ask) -> None:
    everything = await ask(DEFINITIONS, first=100)
    listed = [edge["node"]["name"] for edge in everything["attributeDefinitions"]["edges"]]
    assert listed == sorted(listed)
    assert {"firstName", "snrs_has_web_push_devices", "receive_whatsapp_messages"} < set(listed)
    first = await ask(DEFINITIONS, first=5)
    rest = await ask(DEFINITIONS, first=100, after=first["attributeDefinitions"]["pageInfo"]["endCursor"])
    paged = [edge["node"]["name"] for data in (first, rest) for edge in data["attributeDefinitions"]["edges"]]
    assert paged == listed
    personal = await ask(DEFINITIONS, section="PERSONAL")
    assert {edge["node"]["section"] for edge in personal["attributeDefinitions"]["edges"]} == {"PERSONAL"}
