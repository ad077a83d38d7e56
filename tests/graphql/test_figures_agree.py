"""Figures through GraphQL against a straight loop over the journal, however they are folded, while writers write."""

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.events import EventDoc
from storage.profiles import ProfileDoc
from storage.store.ids import from_public, to_public
from storage.store.workspace import Workspace
from storage.write.edits import edit
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import TESTER, a_profile
from tests.support.figures import (
    ALL_NIGHTS,
    RESULT,
    Defined,
    answered,
    bounds_of,
    defined,
    near,
    sent,
    told,
    up_to,
)
from tests.support.mutating import mutate, refusals

FUZZ = settings.get_profile("fuzz")
EXAMPLES = settings(FUZZ, max_examples=max(12, FUZZ.max_examples))
NAMED = f"""query ($id: ID!, $names: [String!]) {{ profile(by: {{id: $id}}) {{ analyses {{
  aggregates(names: $names, hidden: true) {{ definition {{ name version }} ...result
    events(first: 100) {{ edges {{ node {{ id }} }} pageInfo {{ hasNextPage }} }} }} }} }} }} {RESULT}"""


def previews(count: int) -> str:
    """Return a query that tries some definitions at once."""
    declared = " ".join(f"$d{place}: AggregateInput!" for place in range(count))
    asked = " ".join(
        f"d{place}: aggregatePreview(profileId: $id, definition: $d{place}) {{ ...result }}" for place in range(count)
    )
    return f"query ($id: ID! {declared}) {{ {asked} }} {RESULT}"


def public(profile: ProfileDoc) -> str:
    return to_public("prf", profile["_id"])


async def adding(workspace: Workspace, profile: bytes, events: Sequence[EventDoc]) -> int:
    """Add events and return the profile's `seq` then."""

    def change(working: Edit) -> None:
        for event in events:
            working.add_event(event)

    outcome = await edit(workspace, profile, change, actor=TESTER)
    assert outcome is not None
    seq: int = outcome["profile"]["seq"]
    return seq


async def journal_of(workspace: Workspace, profile: bytes) -> list[Any]:
    return await workspace.find("journal", {"profile": profile})


async def tried(ask: Ask, id: str, wanted: Sequence[Defined], now: datetime) -> list[Any]:
    given = {f"d{place}": each.input() for place, each in enumerate(wanted)}
    answer = await ask(previews(len(wanted)), id=id, now=now, **given)
    return [answer[name] for name in given]


def agrees(each: Defined, figure: Any, journal: Sequence[Any], now: datetime) -> list[bytes]:
    """Compare a figure with the plain one of the same entries; return the ids of the events that it is of."""
    expected, ids, bounds = each.expected(up_to(journal, figure["seq"]), now)
    assert bounds_of(figure) == bounds, each
    assert answered(figure) == expected, each
    assert not figure["masked"]
    return ids


@EXAMPLES
@given(data=st.data(), history=sent())
async def test_previews_and_definitions_agree(ask: Ask, workspace: Workspace, data: Any, history: Any) -> None:
    night, events = history
    now = data.draw(near(night)) + timedelta(hours=data.draw(st.sampled_from([0, 30, 200])))
    wanted = data.draw(st.lists(defined(night), min_size=6, max_size=6))
    profile = await a_profile(workspace, events=events)
    journal = await journal_of(workspace, profile["_id"])
    for each, figure in zip(wanted, await tried(ask, public(profile), wanted, now), strict=True):
        agrees(each, figure, journal, now)
    made = [await defining(ask, f"{profile['_id'].hex()}-{place}", each) for place, each in enumerate(wanted[:3])]
    found = (await ask(NAMED, id=public(profile), names=made, now=now))["profile"]["analyses"]["aggregates"]
    for each, figure, name in zip(wanted, found, made, strict=False):
        ids = agrees(each, figure, journal, now)
        assert figure["definition"] == {"name": name, "version": 1}
        assert [from_public(edge["node"]["id"])[1] for edge in figure["events"]["edges"]] == ids


async def defining(ask: Ask, name: str, each: Defined) -> str:
    given = {"name": name, "displayName": name, **each.input()}
    payload = await mutate(ask, "aggregateCreate", given, selecting="aggregate { id }")
    assert refusals(payload) == [], payload
    return name


@pytest.mark.parametrize("behind", [1, 64, 65, 2_000])
async def test_columns_that_are_behind_agree(ask: Ask, workspace: Workspace, behind: int) -> None:
    chance = random.Random(behind)  # noqa: S311 - not a secret
    night = chance.choice(ALL_NIGHTS[:-1])
    wanted = some_definitions(night, 12)
    profile = await a_profile(workspace, events=some(chance, night, 300))
    now = night + timedelta(hours=40)
    for number in (0, behind):
        if number:
            await adding(workspace, profile["_id"], some(chance, night, number))
        journal = await journal_of(workspace, profile["_id"])
        for _ in range(2):  # the second time from what the first one may have folded
            for each, figure in zip(wanted, await tried(ask, public(profile), wanted, now), strict=True):
                agrees(each, figure, journal, now)
                assert figure["seq"] == max(entry["seq"] for entry in journal)


@pytest.mark.parametrize("length", [0, 19, 300])
async def test_answers_are_of_their_own_seq_while_writers_write(ask: Ask, workspace: Workspace, length: int) -> None:
    chance = random.Random(length)  # noqa: S311 - not a secret
    night = ALL_NIGHTS[1]
    wanted, now = some_definitions(night, 6), night + timedelta(hours=40)
    profile = await a_profile(workspace, events=some(chance, night, length))
    writing = asyncio.gather(*(write_on(workspace, profile["_id"], chance, night) for _ in range(3)))
    answers: list[Any] = []
    while not writing.done():
        answers.append(await tried(ask, public(profile), wanted, now))
    await writing
    answers.append(await tried(ask, public(profile), wanted, now))
    journal = await journal_of(workspace, profile["_id"])
    for answer in answers:
        for each, figure in zip(wanted, answer, strict=True):
            agrees(each, figure, journal, now)
    seqs = [figure["seq"] for answer in answers for figure in answer]
    assert (seqs[0] < seqs[-1], seqs[-1]) == (True, max(entry["seq"] for entry in journal))


async def write_on(workspace: Workspace, profile: bytes, chance: random.Random, night: datetime) -> None:
    for number in (1, 3, 19, 70, 1, 5):
        await adding(workspace, profile, some(chance, night, number))


def some(chance: random.Random, night: datetime, number: int) -> list[EventDoc]:
    return [told(night, chance.randbytes(8)) for _ in range(number)]


def some_definitions(night: datetime, number: int) -> list[Defined]:
    """Return the same definitions in every run, of every kind."""
    found: list[Defined] = []

    @settings(max_examples=1, database=None, derandomize=True)
    @given(st.data())
    def draw(data: Any) -> None:
        found.extend(data.draw(st.lists(defined(night), min_size=number, max_size=number)))

    draw()
    return found
