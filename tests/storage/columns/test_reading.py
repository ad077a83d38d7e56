"""Columns agree with the journal, whoever folds them, when, and however late events come."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from storage.columns import documents, histories, reading, writing
from storage.columns.folding import Fold
from storage.columns.histories import History, Question, histories_of
from storage.columns.reading import folds_of
from storage.engines.windows import Span
from storage.store.workspace import Workspace
from tests.support.columns import FIGURES, adding, agree, some
from tests.support.factories import CREATED, a_profile, an_event
from tests.support.plain_aggregates import plain


@pytest.mark.parametrize("seed", range(4))
async def test_they_agree_with_the_journal_as_it_grows(workspace: Workspace, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - not a secret
    profile = await a_profile(workspace, events=some(chance, chance.choice((0, 20, 700))))
    for _ in range(5):
        profile = await adding(workspace, profile, some(chance, chance.choice((1, 30, 65, 600))))
        await agree(workspace, profile)
        await agree(workspace, profile)


async def test_a_late_event_comes_into_the_leaf_of_its_time(workspace: Workspace) -> None:
    profile = await a_profile(workspace, events=some(random.Random(1), 3_000))  # noqa: S311
    await agree(workspace, profile)
    (head,) = await workspace.find("heads", {"_id": profile["_id"]})
    assert (head["seq"], len(head["leaves"])) == (profile["seq"] - 1, 3)  # the last page is short
    first = head["leaves"][0]["id"]
    late = [an_event("buy", at=CREATED, amount=7), *some(random.Random(2), 70)]  # noqa: S311
    profile = await adding(workspace, profile, late)
    await agree(workspace, profile)
    (head,) = await workspace.find("heads", {"_id": profile["_id"]})
    named = {leaf["id"] for leaf in head["leaves"]}
    assert first not in named
    assert {leaf["_id"] for leaf in await workspace.find("leaves", {"profile": profile["_id"]})} == named


async def test_two_at_once_leave_what_one_would(workspace: Workspace) -> None:
    profile = await a_profile(workspace, events=some(random.Random(3), 2_500))  # noqa: S311
    wanted = {profile["_id"]: profile["seq"]}
    folds = await asyncio.gather(*(folds_of(workspace, wanted) for _ in range(4)))
    assert {fold[profile["_id"]].seq for fold in folds} == {profile["seq"]}
    await agree(workspace, profile)
    (head,) = await workspace.find("heads", {"_id": profile["_id"]})
    stored = await workspace.find("leaves", {"profile": profile["_id"]})
    assert {leaf["_id"] for leaf in stored} == {leaf["id"] for leaf in head["leaves"]}


async def test_leaves_that_others_rewrote_are_read_anew(workspace: Workspace) -> None:
    profile = await a_profile(workspace, events=some(random.Random(6), 2_500))  # noqa: S311
    wanted = {profile["_id"]: profile["seq"]}
    history = History(workspace, profile["_id"], (await folds_of(workspace, wanted))[profile["_id"]])
    behind = History(workspace, profile["_id"], (await folds_of(workspace, wanted))[profile["_id"]])
    was = await workspace.find("journal", {"profile": profile["_id"], "kind": "EVENT"})
    profile = await adding(workspace, profile, some(random.Random(7), 200))  # noqa: S311
    await agree(workspace, profile)
    for figure in FIGURES:  # it stays as of its entry, though the columns have gone on
        ((found,),) = await behind.answer([Question.within(figure, Span())])
        expected = plain(figure, was, None, None)
        assert (found.value, found.matched, found.skipped) == (expected.value, expected.matched, expected.skipped)
        assert await behind.counted(figure, Span()) == expected.ids
    assert history.seq == behind.seq < profile["seq"]


async def test_who_is_killed_between_leaves_and_head_does_no_harm(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = await a_profile(workspace, events=some(random.Random(4), 2_500))  # noqa: S311

    async def killed(*_: Any) -> bool:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(writing, "replace_head", killed)
        with pytest.raises(asyncio.CancelledError):
            await folds_of(workspace, {profile["_id"]: profile["seq"]})
    assert await workspace.find("heads", {}) == []
    await agree(workspace, profile)


async def test_columns_of_another_form_are_made_anew(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = await a_profile(workspace, events=some(random.Random(5), 200))  # noqa: S311
    await agree(workspace, profile)
    newer = documents.ENGINE + 1
    for module in (documents, reading, writing):
        monkeypatch.setattr(module, "ENGINE", newer)
    await agree(workspace, profile)
    (head,) = await workspace.find("heads", {"_id": profile["_id"]})
    assert head["engine"] == documents.ENGINE


async def test_a_window_reads_the_leaves_that_it_reaches_into(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [an_event("buy", at=CREATED + timedelta(minutes=minute), amount=1) for minute in range(5_000)]
    profile = await a_profile(workspace, events=events)
    await agree(workspace, profile)
    wanted = {profile["_id"]: profile["seq"]}
    history = History(workspace, profile["_id"], (await folds_of(workspace, wanted))[profile["_id"]])
    span = Span(CREATED, CREATED + timedelta(minutes=10))
    with monkeypatch.context() as patch:
        read: list[int] = []

        async def counting(workspace: Workspace, fold: Fold, places: Sequence[int]) -> None:
            read.append(len(places))
            await reading.read_blocks(workspace, fold, places)

        patch.setattr(histories, "read_blocks", counting)
        assert (await history.answer([Question.within(FIGURES[0], span)]))[0][0].value == 10
    assert read == [1]


async def test_small_gaps_are_filled_from_the_profile(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal is read where the profile can't carry all that is missing, or does not show it."""
    chance = random.Random(8)  # noqa: S311
    profile = await a_profile(workspace, events=some(chance, 1_500))
    await agree(workspace, profile)
    read: list[tuple[int, int]] = []
    real = reading.events_between

    async def counting(workspace: Workspace, profile: bytes, after: int, until: int) -> list[Any]:
        read.append((after, until))
        return await real(workspace, profile, after, until)

    monkeypatch.setattr(reading, "events_between", counting)
    newest = [an_event("buy", at=CREATED + timedelta(days=9, minutes=minute), amount=minute) for minute in range(20)]
    folded_to = profile["seq"]
    profile = await adding(workspace, profile, newest)
    await agree(workspace, profile)
    assert read == []
    masked = (await histories_of(workspace, {profile["_id"]: profile}, whole=False))[profile["_id"]]
    assert (masked.seq, read) == (profile["seq"], [(folded_to, profile["seq"])])

    late = await adding(workspace, profile, [an_event("buy", at=CREATED, amount=7)])
    await agree(workspace, late)
    assert read[1:] == [(folded_to, late["seq"])]
    for event in late["recent"]:
        del event["seq"]  # as an earlier version wrote it
    await agree(workspace, late)
    assert len(read) == 3


async def test_columns_whose_leaves_are_lost_are_made_anew(workspace: Workspace) -> None:
    profile = await a_profile(workspace, events=some(random.Random(9), 3_000))  # noqa: S311
    await agree(workspace, profile)
    (head,) = await workspace.find("heads", {"_id": profile["_id"]})
    await workspace.database.delete("leaves", {"_id": head["leaves"][0]["id"]})
    await agree(workspace, profile)
    (anew,) = await workspace.find("heads", {"_id": profile["_id"]})
    assert anew["gen"] > head["gen"]
    assert {leaf["_id"] for leaf in await workspace.find("leaves", {"profile": profile["_id"]})} == {
        leaf["id"] for leaf in anew["leaves"]
    }


async def test_columns_of_a_newer_form_are_left_to_who_knows_it(workspace: Workspace) -> None:
    profile = await a_profile(workspace, events=some(random.Random(10), 200))  # noqa: S311
    await agree(workspace, profile)
    await workspace.database.update("heads", {"_id": profile["_id"]}, {"$set": {"engine": documents.ENGINE + 1}})
    await agree(workspace, profile)
    (head,) = await workspace.find("heads", {"_id": profile["_id"]})
    assert (head["engine"], head["gen"]) == (documents.ENGINE + 1, 1)
