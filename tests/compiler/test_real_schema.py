"""The gateway's own schema over a stored world: the same answers with the compiler on and off."""

from collections import Counter
from random import Random, SystemRandom

import pytest
from graphql import OperationType

from tests.support.compiler.comparing import LEFT_BEHIND
from tests.support.compiler.documents import dry, operations, variables_of
from tests.support.compiler.operations import Writer
from tests.support.compiler.stored import Both, pools_of
from tests.support.fuzzing.inputs import Known
from tests.support.graph import GRAPH

pytestmark = LEFT_BEHIND
DOCUMENTS, CASES = 24, 4  # and of each document
RACES = 0.02
KINDS = {OperationType.QUERY, OperationType.MUTATION}  # the others are followed in test_live_events.py
# Given by chance they only make errors, of which there are enough.
PAGING = frozenset({"after", "before", "last"})


@pytest.mark.timeout(0)
async def test_reads_do_not_differ(both: Both, request: pytest.FixtureRequest) -> None:
    given = request.config.getoption("--fuzz-examples")
    random = Random(SystemRandom().getrandbits(32) if given else 0)
    pools = pools_of(both.world)
    valid = 0
    for _ in range(given or DOCUMENTS):
        writer = Writer(GRAPH, random, pools, wrong=0.005, optional=0.1, without=PAGING)
        depth, width = random.randint(3, 8), random.randint(3, 7)
        text, variables = writer.operation("query", GRAPH.query_type, depth=depth, width=width)
        valid += both.is_valid(text)
        for case in range(CASES):
            await both.compare(text, variables, personal=case != 1)
            variables = writer.variables()
    assert valid > (given or DOCUMENTS) * 0.8  # the others have a value that is wrong, and are refused
    assert both.races <= both.cases * RACES, (both.races, both.cases)


@pytest.mark.timeout(0)
async def test_operations_of_the_tests_and_the_documentation_do_not_differ(
    both: Both, request: pytest.FixtureRequest
) -> None:
    given = request.config.getoption("--fuzz-examples")
    random = Random(SystemRandom().getrandbits(32) if given else 0)
    profile = both.world.known[Known("profile", ours=True)]
    others = pools_of(both.world)["ID"]
    pools = {**pools_of(both.world), "ID": lambda random: random.choice([profile, others(random)])}
    ran: Counter[OperationType] = Counter()
    answered = 0
    for text, operation in operations(GRAPH, KINDS, both.is_valid):
        ran[operation.operation] += 1
        is_query = operation.operation is OperationType.QUERY
        for _ in range(5 if given and operation.variable_definitions else 1):
            answer = await both.compare(
                text if is_query else dry(text),
                variables_of(GRAPH, operation, pools, random),
                personal=True,
                name=operation.name and operation.name.value,
            )
            answered += not answer.errors or any((answer.data or {}).values())
    assert min(ran.values()) > 90, ran
    assert ran.total() > 250, ran
    assert answered > ran.total() * 0.8
