"""Writing once: a transaction that a retry with the same idempotency key does not repeat."""

from collections.abc import Callable, Coroutine
from typing import Any

from storage.idempotency import Once, keep, recall
from storage.store.mongo import Document, Session
from storage.store.workspace import Workspace


class RolledBack(Exception):  # noqa: N818 - it is no error: it carries the answer of a dry run out of its transaction
    """Ends the transaction of a dry run."""

    def __init__(self, answer: Document) -> None:
        super().__init__()
        self.answer = answer


async def write_once(
    workspace: Workspace,
    body: Callable[[Session], Coroutine[Any, Any, Document]],
    *,
    once: Once | None = None,
    dry_run: bool = False,
) -> tuple[Document, bool]:
    """Run `body` in a transaction and return its answer, and whether it is the answer of an earlier time.

    With `once` the answer is kept in the same transaction; a retry gets it back and does nothing. A dry run does
    everything, and then undoes it.
    """

    async def attempt(session: Session) -> tuple[Document, bool]:
        if once is not None and (earlier := await recall(workspace, once, session)) is not None:
            return earlier, True
        answer = await body(session)
        if dry_run:
            raise RolledBack(answer)
        if once is not None:
            await keep(workspace, once, answer, session)
        return answer, False

    try:
        return await workspace.database.transaction(attempt)
    except RolledBack as end:
        return end.answer, False
