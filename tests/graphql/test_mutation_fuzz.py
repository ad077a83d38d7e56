"""Every mutation of the schema, fuzzed: whatever comes in, it is done, or told, and never a fault."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLList, get_nullable_type
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.verification import verify
from storage.store.errors import ErrorCode
from storage.store.ids import to_public
from storage.store.mongo import Database
from tests.support.fuzzing.documents import selection
from tests.support.fuzzing.inputs import arguments
from tests.support.graph import GRAPH, MUTATIONS
from tests.support.stores import Stores
from tests.support.world import OURS, World, make_world

Step = tuple[str, Any, dict[str, bool]]

# What a client can't put right; nothing here is away, or slow enough for a time-out.
FAULTS = {ErrorCode.INTERNAL, ErrorCode.UNAVAILABLE, ErrorCode.OPERATION_TIMEOUT}
EVERYTHING = f"query {selection(GRAPH, GRAPH.query_type)}"
PROFILE = selection(GRAPH, GRAPH.type_map["Profile"])
AS_OF = f"query ($id: ID!, $at: DateTime) {{ profile(by: {{id: $id}}, asOf: $at) {PROFILE} }}"
FUZZ = settings.get_profile("fuzz")


@pytest.fixture(scope="module")
async def world(stores: Stores) -> AsyncIterator[World]:
    database = Database.connect(stores.mongodb_uri, name="fuzzed", timeout=30)
    try:
        yield await make_world(database)
        await database.drop()
    finally:
        await database.close()


@cache
def steps_of(name: str) -> st.SearchStrategy[Step]:
    """Return a mutation with its inputs, and how each is sent."""
    how = st.fixed_dictionaries({"inline": st.booleans(), "personal": st.sampled_from([True, True, False])})
    return st.tuples(st.just(name), arguments(name, MUTATIONS[name].args), how)


@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", MUTATIONS)
@settings(FUZZ)
@given(data=st.data())
async def test_a_mutation_is_done_or_told(world: World, name: str, data: st.DataObject) -> None:
    await run(world, [data.draw(steps_of(name))])


@pytest.mark.timeout(0)
@settings(FUZZ)
@given(sequence=st.lists(st.sampled_from(list(MUTATIONS)).flatmap(steps_of), min_size=2, max_size=8))
async def test_mutations_after_each_other_are_done_or_told(world: World, sequence: list[Step]) -> None:
    await run(world, sequence)


async def run(world: World, sequence: Sequence[Step]) -> None:
    """Take each step, and see that all that they left can be read and agrees."""
    await world.restore()
    for name, sent, how in sequence:
        await take(world, name, world.filled(sent), **how)
    if world.now != world.made:
        await read_back(world)


async def take(world: World, name: str, given: Any, **how: Any) -> None:
    """Run a mutation: what is refused or only tried leaves no trace, and a retry gets the same answer."""
    before = world.now
    answer = await world.mutate(name, given, **how)
    after = await world.look()
    codes = codes_of(answer)
    assert not FAULTS & codes, answer
    payload = (answer.get("data") or {}).get(name)
    options = given.get("options") or {}
    if payload is None or payload["userErrors"] or options.get("dryRun"):
        assert after == before, answer
    if payload is None:
        assert codes
        return
    for told in [*payload["userErrors"], *payload.get("results", [])]:
        assert told["code"] is None or (told["message"] and told["field"])
        assert leads(told["field"], given, MUTATIONS[name].args), told
    if options.get("idempotencyKey") is not None and after != before:
        again = (await world.mutate(name, given, **how))["data"][name]
        assert all(again[part] == payload[part] for part in ("changes", "results", "userErrors") if part in payload)
        assert await world.look() == after


def codes_of(answer: Mapping[str, Any]) -> set[str]:
    return {error["extensions"]["code"] for error in answer.get("errors", [])}


def leads(path: Sequence[str], given: Mapping[str, Any], arguments: Mapping[str, Any]) -> bool:
    """Return whether a path leads to an argument, or to a part of one."""
    if not path:
        return True
    name, *rest = path
    return name in arguments and leads_within(rest, arguments[name].type, given.get(name))


def leads_within(path: Sequence[str], type: Any, value: Any) -> bool:
    """Return whether a path can be followed into an input of this type; parts of JSON have any name."""
    if not path:
        return True
    name, *rest = path
    match get_nullable_type(type):
        case GraphQLInputObjectType(fields=fields):
            return name in fields and leads_within(rest, fields[name].type, (value or {}).get(name))
        case GraphQLList(of_type=item):
            items = value if isinstance(value, list) else [value]
            return name.isdecimal() and int(name) < len(items) and leads_within(rest, item, items[int(name)])
        case scalar:
            return str(scalar) == "JSON"


async def read_back(world: World) -> None:
    """Read all that there is, with and without the right to see what is personal, and verify what is stored."""
    answer = await world.send(EVERYTHING)
    assert "errors" not in answer, answer["errors"]
    assert not FAULTS & codes_of(await world.send(EVERYTHING, personal=False))
    at = datetime.now(UTC).isoformat()
    for profile in world.now["profiles"]:
        if profile["workspace"] == OURS and profile not in world.made["profiles"]:
            answer = await world.send(AS_OF, id=to_public("prf", profile["_id"]), at=at)
            assert "errors" not in answer, answer["errors"]
            assert answer["data"]["profile"]["version"] == profile["version"]
    assert (await verify(world.database)).verdicts == []
