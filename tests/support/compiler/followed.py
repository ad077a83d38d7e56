"""Subscriptions that are followed twice: by an engine that compiles, and by one that does not."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from gateway.execution.engine import Engine
from gateway.execution.operation import Operation
from tests.support.compiler.comparing import Answer, Error, check_race, is_same
from tests.support.compiler.stored import Both, answer_of, credential_of

PATIENCE = 30.0  # seconds
QUIET = 0.2  # seconds without a result; no feed pauses for so long


@dataclass
class Follower:
    """One subscription, and what its client got so far."""

    engine: Engine
    got: list[Answer] = field(default_factory=list)

    async def follow(self, operation: Operation, *, personal: bool) -> None:
        async with aclosing(self.engine.stream(operation, credential_of(personal=personal))) as results:
            async for result in results:
                self.got.append(answer_of(result.encoded))


class Pair:
    """The same subscription by both engines; it has to be ended."""

    def __init__(self, engines: Sequence[Engine], operation: Operation, *, personal: bool) -> None:
        self._operation = operation
        self._personal = personal
        self.raced = False  # another cause was told of a null that has several
        self.followers = [Follower(engine) for engine in engines]
        self.running = [
            asyncio.create_task(follower.follow(operation, personal=personal)) for follower in self.followers
        ]

    def __str__(self) -> str:
        numbers = [len(follower.got) for follower in self.followers]
        return f"{numbers} {[task.done() for task in self.running]} {self._operation} {self._personal}"

    async def end(self) -> None:
        for task in self.running:
            task.cancel()
        await asyncio.wait(self.running)

    async def compare(self, both: Both) -> list[Answer]:
        """Return what both clients got."""
        expected, got = [follower.got for follower in self.followers]
        try:
            assert [task.done() for task in self.running] in ([False, False], [True, True])
            differing = [answers for answers in zip(expected, got, strict=True) if not is_same(*answers)]
            if differing:
                both.nullable.clear()
                errors = await self._errors(both.revealed)
                self.raced = sum(check_race(*answers, Answer(None, errors), both.nullable) for answers in differing) > 0
        except (AssertionError, ValueError, KeyError) as error:
            error.add_note(f"{self}\n{expected}\n{got}")
            raise
        return got

    async def _errors(self, engine: Engine) -> list[Error]:
        """Return all that goes wrong when the subscription is followed again."""
        again = Audience([engine])
        again.add(self._operation, personal=self._personal)
        try:
            await again.settle()
            return [error for each in again.pairs[0].followers[0].got for error in each.errors]
        finally:
            await again.end()


@dataclass
class Audience:
    """All pairs of two engines."""

    engines: Sequence[Engine]
    pairs: list[Pair] = field(default_factory=list)

    def add(self, operation: Operation, *, personal: bool) -> Pair:
        self.pairs.append(Pair(self.engines, operation, personal=personal))
        return self.pairs[-1]

    async def end(self) -> None:
        await asyncio.gather(*(pair.end() for pair in self.pairs))

    @property
    def size(self) -> int:
        return sum(len(follower.got) for pair in self.pairs for follower in pair.followers)

    def is_still(self) -> bool:
        """Return whether each subscription follows, or is over, with nothing left to be executed."""
        groups = [group for engine in self.engines for group, _ in engine.subscriptions.groups._groups.values()]
        running = [task for pair in self.pairs for task in pair.running if not task.done()]
        return sum(len(group.members) for group in groups) == len(running) and not any(
            group._working for group in groups
        )

    async def settle(self, moved: Callable[[], bool] = lambda: True) -> None:
        """Wait until what has to move has, and then all have for a while got nothing more."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._settle(moved)
        except TimeoutError as error:
            error.add_note("\n".join(map(str, self.pairs)))
            raise

    async def _settle(self, moved: Callable[[], bool]) -> None:
        size, since = self.size, time.monotonic()
        while not (moved() and self.is_still() and time.monotonic() - since > QUIET):
            await asyncio.sleep(0.02)
            if self.size != size or not moved():
                size, since = self.size, time.monotonic()
