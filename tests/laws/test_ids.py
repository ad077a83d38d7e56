"""What can't be an id, or is one of something else, is told in the same way wherever it is given."""

from typing import Any

import pytest
from graphql import get_named_type

from tests.support.asking import Ask
from tests.support.graph import GRAPH, MUTATIONS
from tests.support.mutating import document, refusals
from tests.support.mutation_inputs import filled
from tests.support.world import populate

NONSENSE = ("", "nonsense", "prf_", "prf_" + "F" * 32, "x" * 40_000, "\x00")
IDS = [
    (name, argument)
    for name, field in MUTATIONS.items()
    for argument, given in field.args.items()
    if get_named_type(given.type) is GRAPH.type_map["ID"]
]
READS = {
    "node": "query ($id: ID!) { found: node(id: $id) { id } }",
    "nodes": "query ($id: ID!) { found: nodes(ids: [$id]) { id } }",
    "profile": "query ($id: ID!) { found: profile(by: {id: $id}) { id } }",
}


@pytest.mark.parametrize("read", READS)
async def test_a_query_tells_it(ask: Ask, read: str) -> None:
    for id in NONSENSE:
        data, errors = await ask(READS[read], id=id, partial=True)
        assert data["found"] in (None, [None])
        assert [error.original_error.extensions["code"] for error in errors] == ["NOT_FOUND"]


@pytest.mark.parametrize(("mutation", "argument"), IDS)
async def test_a_mutation_tells_it(ask: Ask, mutation: str, argument: str) -> None:
    ids = await populate(ask)
    given = filled(mutation, ids)
    other = ids["task" if argument == "profileId" or not mutation.startswith("task") else "note"]
    for id in (*NONSENSE, other, given[argument][:4] + "0" * 32):
        arguments: dict[str, Any] = {**given, argument: id}
        payload = (await ask(document(mutation, "__typename"), **arguments))["payload"]
        assert refusals(payload) == [("NOT_FOUND", [argument])]


async def test_a_batch_tells_it_of_one_event(ask: Ask) -> None:
    event = {"uuid": "e-1", "action": "a", "occurredAt": "2026-01-01T00:00:00Z"}
    for id in ("nonsense", "nte_" + "0" * 32):
        given = {"events": [{**event, "person": {"profileId": id}}]}
        payload = (await ask(document("eventsCreate", "results { code field }"), input=given))["payload"]
        told = {"code": "NOT_FOUND", "field": ["input", "events", "0", "person", "profileId"]}
        assert (payload["results"], payload["userErrors"]) == ([told], [])
