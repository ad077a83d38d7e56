"""The gateway's own schema over a stored world: the same answers with the compiler on and off."""

import gc
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from random import Random, SystemRandom
from typing import Any

import pytest
from graphql import OperationDefinitionNode, OperationType, type_from_ast

from storage.mongo import Database
from tests.compiler.documents import operations
from tests.compiler.operations import Pools, Writer, plain
from tests.compiler.stored import Both, pools_of
from tests.conftest import Stores
from tests.graphql.fuzzed_world import GRAPH, make_world
from tests.graphql.generating import Known

# graphql-core leaves coroutines behind when the neighbour of what awaits them has failed.
pytestmark = pytest.mark.filterwarnings(
    "ignore:coroutine:RuntimeWarning", "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"
)
DOCUMENTS, CASES = 24, 4  # and of each document
RACES = 0.02
# Given by chance they only make errors, of which there are enough.
PAGING = frozenset({"after", "before", "last"})


@pytest.fixture(scope="module")
async def both(stores: Stores) -> AsyncIterator[Both]:
    database = Database.connect(stores.mongodb_uri, name="compiled", timeout=30)
    try:
        yield Both(await make_world(database))
        await database.drop()
    finally:
        await database.close()


@pytest.fixture(autouse=True)
def no_garbage() -> Iterator[None]:
    """Collect what was left behind while it is not yet held against another test."""
    yield
    gc.collect()


@pytest.mark.timeout(0)
async def test_reads_do_not_differ(both: Both, request: pytest.FixtureRequest) -> None:
    given = request.config.getoption("--fuzz-examples")
    random = Random(SystemRandom().getrandbits(32) if given else 0)
    pools = pools_of(both.world)
    for _ in range(given or DOCUMENTS):
        writer = Writer(GRAPH, random, pools, wrong=0.005, optional=0.1, without=PAGING)
        depth, width = random.randint(3, 8), random.randint(3, 7)
        text, variables = writer.operation("query", GRAPH.query_type, depth=depth, width=width)
        for case in range(CASES):
            await both.compare(text, variables, personal=case != 1)
            variables = writer.variables()
    assert both.races <= both.cases * RACES, (both.races, both.cases)


async def test_operations_of_the_tests_and_the_documentation_do_not_differ(both: Both) -> None:
    profile = both.world.known[Known("profile", ours=True)]
    others = pools_of(both.world)["ID"]
    pools = {**pools_of(both.world), "ID": lambda random: random.choice([profile, others(random)])}
    random = Random(0)
    ran: Counter[OperationType] = Counter()
    answered = 0
    for text, operation in operations(GRAPH):
        ran[operation.operation] += 1
        if operation.operation is OperationType.SUBSCRIPTION:  # events are executed elsewhere
            continue
        for _ in range(2):
            variables = variables_of(operation, pools, random)
            if operation.operation is OperationType.QUERY or is_dry(operation, variables):
                answer = await both.compare(
                    text, variables, personal=True, name=operation.name and operation.name.value
                )
                answered += answer.data is not None
    assert ran.total() > 100, ran
    assert answered > ran.total()


def is_dry(operation: OperationDefinitionNode, variables: dict[str, Any]) -> bool:
    """Return whether a mutation is only tried: its input is a variable, in which that is said."""
    sent = [value for value in variables.values() if isinstance(value, dict) and value.get("dryRun")]
    return len(sent) == len(operation.selection_set.selections) == 1


def variables_of(operation: OperationDefinitionNode, pools: Pools, random: Random) -> dict[str, Any]:
    """Return values for all variables; no mutation is to change anything."""
    writer = Writer(GRAPH, random, pools, wrong=0)
    variables = {}
    for each in operation.variable_definitions or ():
        type: Any = type_from_ast(GRAPH, each.type)
        variables[each.variable.name.value] = value = plain(writer.value(type))
        if isinstance(value, dict) and "dryRun" in getattr(getattr(type, "of_type", type), "fields", ()):
            value["dryRun"] = True
    return variables
