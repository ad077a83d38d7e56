"""Questions about the events of a profile that are more than the value of an aggregate."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from storage.columns.histories import Question
from storage.engines.aggregates import Result
from storage.engines.breakdowns import Groups
from storage.engines.columns import Columns
from storage.engines.evaluation import id_range, slices_between
from storage.engines.tables import newest

PAUSE = 500  # groups between which others work


@dataclass(frozen=True, slots=True)
class Newest(Question):
    """The newest events that pass the filters: `value` of its one result is their rows, with these parameters."""

    params: tuple[str, ...] = ()
    limit: int = 1

    async def answered(self, blocks: Sequence[Columns]) -> list[Result]:
        rows = newest(self.aggregate, blocks, self.span, self.params, self.limit)
        return [Result(rows, len(rows), 0)]


@dataclass(frozen=True, slots=True)
class Breakdown(Question):
    """An aggregate for each value of the parameter that it is split by: `groups` of its result are the greatest.

    Where there are more, `value` is that of all others together, and None where there are not.
    """

    most: int = 1

    async def answered(self, blocks: Sequence[Columns]) -> list[Result]:
        groups = Groups(self.aggregate)
        for slices in slices_between(self.aggregate, blocks, *id_range(self.span)):
            groups.add(slices)
            await asyncio.sleep(0)  # a thousand events have to be looked at one by one
        told = []
        for number, each in enumerate(groups.results()):
            told.append(each)
            if number % PAUSE == PAUSE - 1:
                await asyncio.sleep(0)
        return [groups.result(told, self.most)]
