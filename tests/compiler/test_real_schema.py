"""Reads of the gateway's own schema over a stored world: the same answers with the compiler on and off."""

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import product
from random import Random
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from gateway.execution.engine import Engine
from schema import schema
from storage.mongo import Database
from tests.compiler.operations import SCALARS, Pools, Writer
from tests.conftest import Stores
from tests.graphql.fuzzed_world import GRAPH, LOOSE, World, make_world

# graphql-core leaves coroutines behind when the neighbour of what awaits them has failed.
pytestmark = pytest.mark.filterwarnings(
    "ignore:coroutine:RuntimeWarning", "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"
)
FUZZ = hypothesis.settings.get_profile("fuzz")
EXAMPLES = hypothesis.settings(FUZZ, max_examples=20) if FUZZ.derandomize else FUZZ
# Given by chance they only make errors, of which there are enough.
PAGING = frozenset({"after", "before", "last"})
TRIES = 6
MOMENTS = "2026-01-01T00:00:00Z", "1970-01-01T00:00:00+02:00", "2100-01-01T00:00:00.5Z"


class Both:
    """One world behind two engines, of which the first compiles."""

    def __init__(self, world: World) -> None:
        self._worlds = [
            replace(world, engine=Engine(schema, settings, world.engine._make_context))
            for settings in (LOOSE.model_copy(update={"compiler": compiled}) for compiled in (True, False))
        ]
        self.pools = pools_of(world)

    async def answers(self, text: str, variables: dict[str, Any], *, personal: bool) -> list[Any]:
        return [told(await world.send(text, personal=personal, **variables)) for world in self._worlds]


@pytest.fixture(scope="module")
async def both(stores: Stores) -> AsyncIterator[Both]:
    database = Database.connect(stores.mongodb_uri, name="compiled", timeout=30)
    try:
        yield Both(await make_world(database))
        await database.drop()
    finally:
        await database.close()


def pools_of(world: World) -> Pools:
    ids = sorted(map(str, (known for kind, known in world.known.items() if kind.kind != "version")))
    return {
        **SCALARS,
        "Int": lambda random: random.choice([1, 2, 20, 100]),
        "ID": lambda random: random.choice(ids),
        "DateTime": lambda random: random.choice(MOMENTS),
        "Date": lambda random: random.choice(["2026-01-01", "1970-01-01"]),
        "JSON": lambda random: random.choice([1, "red", None, [True], {"a": 1}]),
        "String": lambda random: random.choice(["u-1", "ann@example.com", "vip", "page.visit", "attributes.shade", ""]),
    }


@pytest.mark.timeout(0)
@EXAMPLES
@hypothesis.given(seed=st.integers(0, 2**32))
async def test_reads_do_not_differ(both: Both, seed: int) -> None:
    random = Random(seed)
    writer = Writer(GRAPH, random, both.pools, wrong=0.005, optional=0.1, without=PAGING)
    depth, width = random.randint(3, 8), random.randint(3, 7)
    text, variables = writer.operation("query", GRAPH.query_type, depth=depth, width=width)
    personal = random.random() < 0.8
    # What the store is done with first may decide which of several errors is told; what is different stays so.
    answers = [await both.answers(text, variables, personal=personal)]
    while len(answers) < TRIES and not meet(answers):
        answers.append(await both.answers(text, variables, personal=personal))
    assert meet(answers), "\n".join([text, str(variables), *map(str, answers[0])])


def meet(answers: list[list[Any]]) -> bool:
    """Return whether the one has ever given what the other gave."""
    return any(compiled == reference for compiled, reference in product(*zip(*answers, strict=True)))


def told(answer: dict[str, Any]) -> Any:
    return repr(answer.get("data", "none")), sorted(map(repr, answer.get("errors", [])))
