"""Awaits what an execution has left open, until nothing is: a task for each awaitable, one call for each batch.

Each awaitable has a task of its own, so that a resolver may set timeouts and cancel itself without its siblings'
noticing; where there is only one, it is awaited where it is, as graphql-core does.
"""

from asyncio import CancelledError, Future, ensure_future, gather, get_running_loop
from collections.abc import Sequence
from types import CoroutineType
from typing import Any, NamedTuple

from graphql import GraphQLError

from compiler.arguments import arguments
from compiler.positions import Nullable, Position, as_path
from compiler.runtime import Pending, Row, Run


class Batch(NamedTuple):
    """The parents of a batched field that are known at a time."""

    position: Position
    rows: list[Row]


Work = Pending | Batch


class Tasks:
    """What is awaited of one execution."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._tasks: dict[Future[Any], Work] = {}
        self._done: list[Future[Any]] = []
        self._wake: Future[None] | None = None

    async def settle(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the data when all of it is there; raises the error that makes it null."""
        run = self._run
        try:
            while run.pending or run.batches or self._tasks:
                works: list[Work] = [*run.pending, *(Batch(*each) for each in run.batches.items())]
                run.pending, run.batches = [], {}
                if len(works) == 1 and not self._tasks:
                    await self._awaited(works[0])
                    continue
                for work in works:
                    self._start(work)
                if self._tasks:
                    await self._some()
        finally:
            await self._end()
        return data

    def _begun(self, work: Work) -> Any:
        """Return what is to be awaited of it, or None where a batch function has answered at once."""
        if isinstance(work, Pending):
            return work.awaitable
        run, position = self._run, work.position
        if run.dead:
            work.rows[:] = [row for row in work.rows if not run.is_dead(row[3])]
        if not work.rows or position.batch is None:
            return None
        path = work.rows[0][2]
        given = arguments(run, position, path)
        if given is None:
            for source, container, path, above in work.rows:
                self._delegated(position, source, container, path, above)
            return None
        try:
            values = position.batch(run.infos.info(position, path), [row[0] for row in work.rows], **given)
            if run.is_awaitable(values):
                return values
        except Exception as error:  # noqa: BLE001 - as of any resolver
            self._failed(error, work)
        else:
            self._arrived(values, work)
        return None

    def _delegated(self, position: Position, source: Any, container: Any, path: Any, above: Nullable | None) -> None:
        try:
            self._run.delegate(position, source, container, position.key, path, above)
        except GraphQLError as error:
            self._null(above, error)

    async def _awaited(self, work: Work) -> None:
        awaitable = self._begun(work)
        if awaitable is not None:
            try:
                value = await awaitable
            except Exception as error:  # noqa: BLE001 - as of any resolver
                self._failed(error, work)
            else:
                self._arrived(value, work)

    def _start(self, work: Work) -> None:
        awaitable = self._begun(work)
        if awaitable is not None:
            task = ensure_future(awaitable)
            self._tasks[task] = work
            task.add_done_callback(self._note)

    def _note(self, task: Future[Any]) -> None:
        self._done.append(task)
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def _some(self) -> None:
        """Wait until something is there, and go on with all that is."""
        if not self._done:
            self._wake = get_running_loop().create_future()
            await self._wake
        done, self._done = self._done, []
        for task in done:
            work = self._tasks.pop(task)
            if task.cancelled():
                if not self._is_dead(work):
                    raise CancelledError
                continue
            error = task.exception()
            if error is None:
                self._arrived(task.result(), work)
            elif isinstance(error, Exception):
                self._failed(error, work)
            else:
                raise error

    def _arrived(self, value: Any, work: Work) -> None:
        """Put what has come in its place."""
        if isinstance(work, Batch):
            self._spread(value, work)
        elif work.complete:
            work.container[work.key] = value
        else:
            self._complete(work.position, value, work.container, work.key, work.path, work.above)

    def _spread(self, values: Sequence[Any], batch: Batch) -> None:
        """Give each parent of a batch its value; one that is an exception fails for this parent."""
        position, rows = batch
        try:
            given = len(values)
            if given != len(rows):
                raise ValueError(f"A batch of {len(rows)} parents gave {given} values.")  # noqa: TRY301 - as it would be
        except Exception as error:  # noqa: BLE001 - as of any resolver
            self._failed(error, batch)
            return
        for (_, container, path, above), value in zip(rows, values, strict=True):
            self._complete(position, value, container, position.key, path, above)

    def _complete(
        self, position: Position, value: Any, container: Any, key: str | int, path: Any, above: Nullable | None
    ) -> None:
        if self._run.dead and self._run.is_dead(above):
            return
        try:
            self._run.complete(position, value, container, key, path, above)
        except GraphQLError as error:
            self._null(above, error)

    def _failed(self, error: Exception, work: Work) -> None:
        for container, key, path, above in places(work):
            if not self._run.is_dead(above):
                try:
                    self._run.refuse(work.position, error, container, key, path)
                except GraphQLError as located:
                    self._null(above, located)

    def _null(self, place: Nullable | None, error: GraphQLError) -> None:
        """Make the nearest place null that may be, and cancel what is awaited beneath it."""
        if place is None:
            raise error
        container, key, path, _ = place
        container[key] = None
        self._run.executor.collected_errors.add(error, as_path(path))
        dispose(self._run.forget(place))
        for task, work in self._tasks.items():
            if self._is_dead(work):
                task.cancel()

    def _is_dead(self, work: Work) -> bool:
        return all(self._run.is_dead(above) for *_, above in places(work))

    async def _end(self) -> None:
        """Leave nothing running: what is not done is cancelled, and waited for."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await gather(*self._tasks, return_exceptions=True)
        dispose(self._run.forget(None))


def places(work: Work) -> list[tuple[Any, str | int, Any, Nullable | None]]:
    """Return where the values go: container, key, path, and the nearest place around it that may be null."""
    if isinstance(work, Pending):
        return [(work.container, work.key, work.path, work.above)]
    return [(container, work.position.key, path, above) for _, container, path, above in work.rows]


def dispose(awaitables: list[Any]) -> None:
    """Close what has not begun."""
    for awaitable in awaitables:
        if isinstance(awaitable, CoroutineType):
            awaitable.close()
        else:
            ensure_future(awaitable).cancel()
