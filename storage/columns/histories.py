"""Histories: the events of profiles as columns, and what questions about them are answered with."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from storage.columns.around import held_by
from storage.columns.folding import Fold
from storage.columns.reading import ROUNDS, GoneError, fold_again, fold_up_to, folds_of, read_blocks
from storage.engines.aggregates import Aggregate, Result
from storage.engines.columns import Columns
from storage.engines.evaluation import MILLISECOND, each_of, id_range, positions
from storage.engines.holding import Held
from storage.engines.windows import Span, Unit, boundaries
from storage.events import RECENT
from storage.profiles import ProfileDoc
from storage.store.errors import BadInputError, UnavailableError
from storage.store.ids import EPOCH, time_of
from storage.store.workspace import Workspace

LONGEST_TURN = 0.01  # seconds of computing, after which others have their turn


@dataclass(frozen=True, slots=True)
class Question:
    """An aggregate over spans that follow each other: from each of the bounds to before the next.

    The first may be None, which is without a beginning, and the last one, which is without an end.
    """

    aggregate: Aggregate
    bounds: tuple[datetime | None, ...]

    @classmethod
    def within(cls, aggregate: Aggregate, span: Span) -> "Question":
        return cls(aggregate, (span.since, span.until))

    @property
    def span(self) -> Span:
        """From the first of the bounds to the last; without any, no time at all."""
        return Span(self.bounds[0], self.bounds[-1]) if self.bounds else Span(EPOCH, EPOCH)

    async def answered(self, blocks: Sequence[Columns]) -> list[Result]:
        """Return the result of each of its spans, over blocks that have all events of them; others work in between."""
        clock = asyncio.get_running_loop().time
        results, begun = [], clock()
        for result in each_of(self.aggregate, blocks, self.bounds):
            results.append(result)
            if clock() - begun > LONGEST_TURN:
                await asyncio.sleep(0)
                begun = clock()
        return results


Answer = list[Result] | BadInputError


class History:
    """The events of a profile up to its entry `seq`, and no others; what is not in memory is read when it is needed."""

    def __init__(self, workspace: Workspace, profile: bytes, fold: Fold) -> None:
        self._workspace = workspace
        self._profile = profile
        self._fold = fold
        self.seq = fold.seq
        self._reading = asyncio.Lock()

    async def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Return for each question the result of each of its spans, or why it has none; others work in between."""
        async with self._reading:  # who asks a moment later finds what is read now
            await self._reach([question.span for question in questions])
        answers: list[Answer] = []
        blocks = self._blocks
        for question in questions:
            try:
                answers.append(await question.answered(blocks))
            except BadInputError as error:
                answers.append(error)
            await asyncio.sleep(0)
        return answers

    async def results(self, question: Question) -> list[Result]:
        """Return the result of each span of one question; raises `BadInputError` where there is none."""
        (answer,) = await self.answer([question])
        if isinstance(answer, BadInputError):
            raise answer
        return answer

    async def counted(
        self, aggregate: Aggregate, span: Span, *, before: bytes | None = None, limit: int | None = None
    ) -> list[bytes]:
        """Return the ids of the events that a value is of, newest first, from before the id `before` on."""
        async with self._reading:
            await self._reach([span])
        return positions(aggregate, self._blocks, span, before=before, limit=limit)

    @property
    def since(self) -> datetime | None:
        """When the first event was; None without any."""
        first = next((block.first for block in self._fold.blocks), self._fold.open.first)
        return time_of(first) if first else None

    def held(self, actions: Sequence[str], span: Span) -> Held:
        """Return which events of some actions are around the bounds of a span that has been read."""
        return held_by(self._fold, actions, span)

    def unread(self) -> "History":
        """Return the same history without what can be read again, which is large, for whoever keeps it."""
        blocks = [block if block.id is None else replace(block, columns=None) for block in self._fold.blocks]
        return History(self._workspace, self._profile, replace(self._fold, blocks=blocks))

    @property
    def until(self) -> datetime | None:
        """The first millisecond after the last event; None without any."""
        last = self._fold.open.last or next((block.last for block in reversed(self._fold.blocks)), b"")
        return time_of(last) + MILLISECOND if last else None

    def buckets(
        self, span: Span, granularity: Unit, zone: ZoneInfo, *, week_start: int, now: datetime
    ) -> tuple[datetime, ...]:
        """Return the instants between the buckets of a span; one without bounds is as long as the history, and to now.

        Raises `BadInputError` for too many of them.
        """
        since = span.since or min(now, self.since or now)
        until = span.until or max(now, self.until or now)
        return boundaries(Span(since, until), granularity, zone, week_start=week_start)

    async def _reach(self, spans: Sequence[Span]) -> None:
        """Read what any of the spans has a part in, with one command unless it was rewritten meanwhile."""
        ranges = [id_range(span) for span in spans]
        for _ in range(ROUNDS):
            places = {place for since, until in ranges for place in self._fold.within(since, until)}
            try:
                return await read_blocks(self._workspace, self._fold, sorted(places))
            except GoneError:
                newer = await fold_again(self._workspace, self._profile, self._fold)
                with suppress(GoneError):
                    self._fold = await fold_up_to(self._workspace, self._profile, newer, self.seq)
        raise UnavailableError("The columns of this profile keep changing; try again shortly.")

    @property
    def _blocks(self) -> list[Columns]:
        """The blocks that have been read, in the order of their events."""
        read = [block.columns for block in self._fold.blocks if block.columns is not None]
        return [*read, self._fold.open]


async def histories_of(
    workspace: Workspace, profiles: Mapping[bytes, ProfileDoc], *, whole: bool
) -> dict[bytes, History]:
    """Return the histories of profiles that were read with `seq`, `eventCount` and `recent`.

    Whose events are all among the newest, which the profile carries, needs nothing else, and who has only these more
    than the columns needs no journal; unless they are masked there and it is not `whole`.
    """
    small = {id: profile for id, profile in profiles.items() if whole and profile["eventCount"] <= RECENT}
    folds = {id: Fold(profile["seq"], open=Columns.of(recent_of(profile))) for id, profile in small.items()}
    large = {id: profile["seq"] for id, profile in profiles.items() if id not in small}
    folds |= await folds_of(workspace, large, carrying=profiles if whole else None) if large else {}
    return {id: History(workspace, id, fold) for id, fold in folds.items()}


def recent_of(profile: ProfileDoc) -> list[Any]:
    return list(profile["recent"])
