"""What can fail is nullable: a field that is refused is null with its error, and everything beside it stands (R64)."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from graphql import GraphQLError, GraphQLObjectType, is_non_null_type

from schema import schema
from storage.store.errors import ForbiddenError
from tests.support.asking import Ask
from tests.support.fuzzing.documents import selection
from tests.support.graph import GRAPH
from tests.support.world import populate

EVERYTHING = f"query {selection(GRAPH, GRAPH.query_type)}"
PROFILE = f"query ($id: ID!) {{ profile(by: {{id: $id}}) {selection(GRAPH, GRAPH.type_map['Profile'])} }}"
NODES = """query ($id: ID!) { viewer { name } node(id: $id) { id } nodes(ids: [$id]) { id } tag(name: "idle") { name }
  attributeDefinition(name: "shade") { name } eventDefinition(name: "page.visit") { name }
  aggregatePreview(profileId: $id, definition: {function: COUNT, actions: ["page.visit"]}) {
    matched events { edges { cursor } } series(granularity: YEARS) { matched } } }"""
JOB = "query ($id: ID!) { viewer { name } job(id: $id) { id } }"
# A payload answers for itself, and a feed for its messages.
ROOTS = {"Mutation", "Subscription"}
# They look at the clock of the operation, and at nothing else.
CLOCK = {("Activity", "online"), ("Activity", "sinceSeconds")}


def fallible() -> Iterator[tuple[str, str]]:
    """Yield the fields that do more than read their document: they look at the credential, or ask a store."""
    for name, type in GRAPH.type_map.items():
        if isinstance(type, GraphQLObjectType) and not name.startswith("__") and name not in ROOTS:
            definition = schema.get_type_by_name(name)
            for field in getattr(definition, "fields", ()):
                if field.base_resolver is not None and field.base_resolver.info_parameter is not None:
                    yield name, schema.config.name_converter.from_field(field)


FALLIBLE = sorted(set(fallible()) - CLOCK)


def test_there_are_some() -> None:
    assert {("Query", "tasks"), ("Profile", "notes"), ("Event", "definition"), ("Note", "profile")} <= set(FALLIBLE)


@pytest.mark.parametrize(("type", "field"), FALLIBLE)
def test_what_can_fail_is_nullable(type: str, field: str) -> None:
    assert not is_non_null_type(GRAPH.type_map[type].fields[field].type)  # type: ignore[attr-defined]  # an object type


async def test_a_field_that_is_refused_leaves_its_siblings(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = await populate(ask)
    id = ids["profile"]
    met = set()
    for query, variables in (
        (EVERYTHING, {}),
        (PROFILE, {"id": id}),
        (NODES, {"id": id}),
        (JOB, {"id": ids["import"]}),
    ):
        whole = await ask(query, **variables)
        for type, field in FALLIBLE:
            with monkeypatch.context() as patch:
                patch.setattr(GRAPH.type_map[type].fields[field], "resolve", refused)  # type: ignore[attr-defined]
                data, errors = await ask(query, **variables, partial=True)
            assert unclocked(data) == unclocked(without(whole, errors)), (type, field)
            met |= {(type, field)} if errors else set()
    assert set(FALLIBLE) - met == UNMET


# They are in what an edit answers with, or in messages of a feed.
UNMET = {
    ("AnalysesChanged", "statistics"),
    ("IdentifierTaken", "profile"),
    ("LiveEntry", "node"),
    ("Presence", "profile"),
    ("ProfileChanged", "profile"),
}


def unclocked(answer: Any) -> str:
    """Return an answer as text, without what changes with the clock, as the ends of windows do."""
    return re.sub(r'"sinceSeconds": [^,}]+|"\d{4}-\d\d-\d\dT[^"]+"', "", json.dumps(answer))


def refused(*_: Any, **__: Any) -> None:
    raise ForbiddenError("This needs a scope.", scope="some:scope")


def without(whole: Any, errors: list[GraphQLError]) -> Any:
    """Return an answer with null in the place of each error."""
    left = deepcopy(whole)
    for error in errors:
        assert error.path
        *way, last = error.path
        holder = left
        for step in way:
            holder = holder[step]
        holder[last] = None
    return left
