"""The events of our subscriptions: what clients get is the same with the compiler on and off."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random, SystemRandom
from typing import Any

import pytest
from graphql import OperationType, get_named_type

from gateway.execution.operation import Operation
from resolvers.feeds.cursors import profile_cursor, workspace_cursor
from resolvers.live import figures
from storage.sources import ChangeSource
from storage.store.ids import from_public
from storage.store.workspace import Workspace
from storage.write.edits import edit
from storage.write.working_copy import Edit
from tests.support.compiler.comparing import LEFT_BEHIND
from tests.support.compiler.documents import operations, variables_of
from tests.support.compiler.followed import Audience, Follower, Pair
from tests.support.compiler.operations import Writer
from tests.support.compiler.stored import Both, pools_of
from tests.support.factories import ADD_BESIDE, TESTER, an_event
from tests.support.fuzzing.documents import selection
from tests.support.fuzzing.inputs import Known
from tests.support.graph import GRAPH
from tests.support.world import OURS

pytestmark = LEFT_BEHIND
DOCUMENTS = 3  # of each field that can be followed
ROUND = 30  # of the examples asked for: what is told grows by each
RACES = 0.1  # of the subscriptions: one that can, does so with each event
PAGING = frozenset({"after", "before", "last"})
SUBSCRIPTIONS: Any = GRAPH.subscription_type


def profile_of(both: Both) -> str:
    return both.world.known[Known("profile", ours=True)]


def beginnings(profile: str, job: str) -> dict[str, str]:
    """Return each field that can be followed, with arguments by which it tells all that has ever happened."""
    return {
        "activity": f'activity(profileId: "{profile}", after: "{profile_cursor(from_public(profile)[1], 0)}")',
        "profileChanged": f'profileChanged(profileId: "{profile}")',
        "analysesChanged": f'analysesChanged(profileId: "{profile}", statistics: true)',
        "presence": f'presence(profileIds: ["{profile}"])',
        "workspaceActivity": f'workspaceActivity(after: "{workspace_cursor(bytes(16))}")',
        "job": f'job(id: "{job}")',
    }


@pytest.mark.timeout(0)
async def test_events_do_not_differ(
    both: Both, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "FRESH", timedelta(minutes=10))  # so that all begin with what is of the same moment
    fuzzed = request.config.getoption("--fuzz-examples")
    random = Random(SystemRandom().getrandbits(32) if fuzzed else 0)
    for number in range(1 + (fuzzed or 0) // ROUND):
        audience = Audience(both.engines)
        try:
            whole = add_all(audience, both, random)
            found = add_known(audience, both, random)
            await write_all(audience, both, whole, number)
            answers = [answer for pair in audience.pairs for answer in await pair.compare(both)]
            raced = sum(pair.raced for pair in audience.pairs)
        finally:
            await audience.end()
        told = [answer.data["activity"]["node"]["__typename"] for answer in whole["activity"].followers[0].got]
        assert {*told} == {type.name for type in GRAPH.get_possible_types(GRAPH.type_map["TimelineEntry"])}
        assert found >= 10
        assert len(answers) > 300
        assert raced <= len(audience.pairs) * RACES
        assert sum(bool(answer.errors) for answer in answers) < len(answers) / 3
    assert both.engines[1]._documents.lookups.hits > 300


def add_all(audience: Audience, both: Both, random: Random) -> dict[str, Pair]:
    """Follow each field that can be, with all that is beneath it and with some; return those that show all."""
    begun = beginnings(profile_of(both), both.world.known[Known("import", ours=True)])
    assert begun.keys() == SUBSCRIPTIONS.fields.keys()
    whole = {}
    for name, start in begun.items():
        type = get_named_type(SUBSCRIPTIONS.fields[name].type)
        operation = Operation(f"subscription {{ {start} {selection(GRAPH, type)} }}")
        whole[name] = audience.add(operation, personal=True)
        audience.add(operation, personal=False)
        for number in range(DOCUMENTS):
            written = [writer(both, random).operation("subscription", type, depth=6, of=start) for _ in range(3)]
            text, variables = max(written, key=lambda operation: len(operation.text))
            audience.add(Operation(text, variables=variables), personal=bool(number % 2))
    return whole


def add_known(audience: Audience, both: Both, random: Random) -> int:
    """Follow what the tests and the documentation follow, and return how many that are."""
    profile = profile_of(both)
    number = 0
    for text, operation in operations(GRAPH, {OperationType.SUBSCRIPTION}, both.is_valid):
        number += 1
        start = (
            workspace_cursor(bytes(16)) if "workspaceActivity" in text else profile_cursor(from_public(profile)[1], 0)
        )
        pools = {**pools_of(both.world), "ID": lambda _: profile, "Cursor": lambda _, start=start: start}
        for personal in (True, False):
            variables = variables_of(GRAPH, operation, pools, random)
            name = operation.name and operation.name.value
            audience.add(Operation(text, name, variables), personal=personal)
    return number


def writer(both: Both, random: Random) -> Writer:
    return Writer(GRAPH, random, pools_of(both.world), wrong=0, optional=0.1, without=PAGING)


def writes(number: int) -> Iterator[tuple[Callable[[Edit], Any], bool]]:
    """Yield changes of a profile, and whether they are its activity."""
    yield lambda working: working.add_event(an_event(at=datetime.now(UTC), page=number)), True
    yield lambda working: working.add_tag(f"new {number}", source=ChangeSource.API), False
    yield lambda working: working.add_event(an_event("form.submit", at=datetime.now(UTC))), True
    yield lambda working: working.set_attribute("shade", f"blue {number}", source=ChangeSource.API), False
    for add in ADD_BESIDE.values():
        yield lambda working, add=add: add(working, "Called"), False


async def write_all(audience: Audience, both: Both, told: dict[str, Pair], number: int) -> None:
    """Do one thing after the other, each when everybody knows the one before."""
    await audience.settle(lambda: all(follower.got for pair in told.values() for follower in pair.followers))
    workspace = Workspace(both.world.database, OURS)
    _, profile = from_public(profile_of(both))
    for change, is_activity in writes(number):
        silent = {"job", "analysesChanged"} if is_activity else {"job", "analysesChanged", "presence"}
        waiting = [each for name, pair in told.items() if name not in silent for each in pair.followers]
        goals = [len(follower.got) + 1 for follower in waiting]
        await edit(workspace, profile, change, actor=TESTER, bus=both.bus)
        await audience.settle(partial(reached, waiting, goals))


def reached(followers: Sequence[Follower], goals: Sequence[int]) -> bool:
    return all(len(follower.got) >= goal for follower, goal in zip(followers, goals, strict=True))
