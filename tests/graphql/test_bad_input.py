"""Odd arguments at every field: each answers, or is told in a coded error; none is a fault."""

from typing import Any

import pytest
from graphql import GraphQLError

from gateway.execution.faults import cause_of
from storage.attribute_definitions import ensure_definitions
from storage.attributes import AttributeType
from storage.sources import ChangeSource
from storage.store.errors import GatewayError
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.tags import ensure_tag
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile

TEXTS = (
    *("", " ", "\x00", "a\x00b", "\n", "\u2028", "\u00ad", "😀", "Ω", "$where", "$ne", "a.b", ".*", "(", "[a-", "\\"),
    *(
        "null",
        "{}",
        "[]",
        "0",
        "-1",
        "a" * 199,
        "a" * 10_000,
        "prf_",
        "ZzpfOg",
        "X2lkOmI6",
        "X2lkOnM6AAA",
        "bmFtZTpzOmE",
    ),
)
MOMENTS = (
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "1969-12-31T23:59:59Z", "2026-02-30T00:00:00Z"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-01-01T00:00:00", "2026-01-01", "now", "", "1e9"),
)
NUMBERS = (0, -1, 101, 2**31 - 1, -(2**31))
EVENTS = "query ($x: %s) { profiles { edges { node { activity { events(%s) { edges { cursor } } } } } } }"
CALLS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "node": ("query ($x: ID!) { node(id: $x) { id } }", TEXTS),
    "nodes": ("query ($x: ID!) { nodes(ids: [$x, $x]) { id } }", TEXTS),
    **{
        f"by {kind}": (f"query ($x: {name}) {{ profile(by: {{{kind}: $x}}) {{ id }} }}", TEXTS)
        for kind, name in (
            ("id", "ID!"),
            *((kind, "String!") for kind in ("uuid", "firebaseId", "email", "phone", "customId")),
        )
    },
    **{
        field: (f"query ($x: String!) {{ {field}(name: $x) {{ id }} }}", TEXTS)
        for field in ("tag", "attributeDefinition", "eventDefinition")
    },
    **{
        f"{field} {argument}": (f"query ($x: {name}) {{ {field}({argument}: $x) {{ edges {{ cursor }} }} }}", values)
        for field in ("profiles", "tags", "attributeDefinitions", "eventDefinitions")
        for argument, name, values in (("after", "String", TEXTS), ("first", "Int", NUMBERS), ("last", "Int", NUMBERS))
    },
    **{
        f"filter {name}": (f"query ($x: {kind}) {{ profiles(filter: {{{filter}}}) {{ edges {{ cursor }} }} }}", values)
        for name, kind, filter, values in (
            ("search", "String!", "search: $x", TEXTS),
            ("tag", "String!", "tag: {name: $x}", TEXTS),
            ("tags", "String!", "all: [{tag: {name: $x}}, {not: {tag: {name: $x}}}]", TEXTS),
            ("attribute", "String!", "attribute: {name: $x, comparison: EXISTS}", TEXTS),
            ("text", "String!", 'attribute: {name: "a", comparison: GT, value: {string: $x}}', TEXTS),
            ("number", "Float!", 'attribute: {name: "n", value: {number: $x}}', (*NUMBERS, 1.5e308, -0.0)),
            ("date", "DateTime!", 'attribute: {name: "d", comparison: LT, value: {date: $x}}', MOMENTS),
            ("item", "String!", 'any: [{attribute: {name: "l", value: {string: $x}}}, {search: $x}]', TEXTS),
            ("created", "DateTime", "created: {from: $x}", MOMENTS),
            ("active", "DateTime", "lastActivity: {to: $x}", MOMENTS),
        )
    },
    **{
        f"events {argument}": (EVENTS % (kind, given), values)
        for argument, kind, given, values in (
            ("after", "String", "after: $x", TEXTS),
            ("from", "DateTime", "filter: {occurred: {from: $x}}", MOMENTS),
            ("to", "DateTime", "filter: {occurred: {to: $x}}", MOMENTS),
            ("actions", "String!", "filter: {actions: [$x]}", TEXTS),
        )
    },
    "attribute names": (
        """query ($x: String!) { profiles { edges { node { attributes(filter: {names: [$x]}) { name }
          attribute(name: $x) { name } attributeValues(names: [$x]) } } } }""",
        TEXTS,
    ),
    "count": ("query ($x: Int) { profilesCount(limit: $x) { count precision } }", NUMBERS),
}


def is_told(error: GraphQLError) -> bool:
    return isinstance(cause_of(error), GatewayError | GraphQLError)


@pytest.mark.parametrize("call", CALLS)
async def test_no_argument_is_a_fault(ask: Ask, workspace: Workspace, call: str) -> None:
    kinds = {"a": AttributeType.STRING, "n": AttributeType.NUMBER, "d": AttributeType.DATE, "l": AttributeType.ARRAY}
    await ensure_definitions(
        workspace, [{"name": name, "displayName": name, "type": kind} for name, kind in kinds.items()], now=CREATED
    )
    await a_profile(workspace, email="a@example.com", events=22, a="x", n=1.5, d=CREATED, l=["x"])
    await ensure_tag(workspace, "a", source=ChangeSource.API, now=CREATED)
    query, values = CALLS[call]
    faults = []
    for value in values:
        try:
            await ask(query, x=value)
        except AssertionError as refused:
            (errors,) = refused.args
            faults += [(value, error) for error in errors if not is_told(error)]
    assert faults == []


@pytest.mark.parametrize("text", ["\x00", "a\x00b"])
async def test_a_search_has_no_null_character(ask: Ask, text: str) -> None:
    query = "query ($x: String!) { profiles(filter: {search: $x}) { edges { cursor } } }"
    (error,) = await ask(query, x=text, failing=True)
    assert error.original_error.extensions["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("moment", ["2026-01-01T00:00:00", "yesterday", "0001-01-01T00:00:00+14:00"])
async def test_a_timestamp_is_one_moment(ask: Ask, workspace: Workspace, moment: str) -> None:
    profile = await a_profile(workspace)
    query = """query ($id: ID!, $x: DateTime) { profile(by: {id: $id}) { activity {
      events(filter: {occurred: {from: $x}}) { totalCount } } } }"""
    (error,) = await ask(query, id=to_public("prf", profile["_id"]), x=moment, failing=True)
    assert "2026-11-21T18:20:00Z" in error.message
