"""Columns under test: profiles that grow, figures over their columns, and the same over the journal."""

import random
from datetime import timedelta
from typing import Any

from storage.columns.histories import Question, histories_of
from storage.engines.aggregates import Aggregate, Function
from storage.engines.windows import Span
from storage.profiles import ProfileDoc
from storage.store.workspace import Workspace
from storage.write.edits import edit
from storage.write.working_copy import Edit
from tests.support.factories import CREATED, TESTER, an_event
from tests.support.plain_aggregates import plain

FIGURES = [
    Aggregate(Function.SUM, ("buy",), "amount"),
    Aggregate(Function.LAST, ("buy", "visit"), "amount"),
    Aggregate(Function.TOP_N, ("buy",), "product", limit=3),
    Aggregate(Function.COUNT, ("visit",)),
]


def some(chance: random.Random, number: int) -> list[Any]:
    """Return events of which some are of one moment, and those to come later are often earlier."""
    return [
        an_event(
            chance.choice(("buy", "visit")),
            at=CREATED + timedelta(minutes=chance.randrange(5_000)),
            amount=chance.choice((0.1, 2, None, "x", True)),
            product=chance.choice("abcde"),
        )
        for _ in range(number)
    ]


async def adding(workspace: Workspace, profile: ProfileDoc, events: list[Any]) -> ProfileDoc:
    def change(working: Edit) -> None:
        for event in events:
            working.add_event(event)

    outcome = await edit(workspace, profile["_id"], change, actor=TESTER)
    assert outcome is not None
    return outcome["profile"]


async def agree(workspace: Workspace, profile: ProfileDoc) -> None:
    """Compare figures over columns with a loop over the journal."""
    history = (await histories_of(workspace, {profile["_id"]: profile}, whole=True))[profile["_id"]]
    journal = await workspace.find("journal", {"profile": profile["_id"], "kind": "EVENT"})
    middle = CREATED + timedelta(minutes=2_000)
    for span in (Span(), Span(middle, None), Span(middle, middle + timedelta(minutes=900))):
        answers = await history.answer([Question.within(figure, span) for figure in FIGURES])
        for figure, (found,) in zip(FIGURES, answers, strict=True):
            expected = plain(figure, journal, span.since, span.until)
            assert (found.value, found.matched, found.skipped) == (expected.value, expected.matched, expected.skipped)
    assert history.seq == profile["seq"]


async def orphans(workspace: Workspace) -> list[bytes]:
    """Return the leaves that no head names."""
    named = {leaf["id"] for head in await workspace.find("heads", {}) for leaf in head["leaves"]}
    return [leaf["_id"] for leaf in await workspace.find("leaves", {}) if leaf["_id"] not in named]


async def no_orphans(workspace: Workspace) -> None:
    """Assert that the leaves are those that heads name."""
    named = {leaf["id"] for head in await workspace.find("heads", {}) for leaf in head["leaves"]}
    assert {leaf["_id"] for leaf in await workspace.find("leaves", {})} == named
