"""Running an import: row by row, each recorded in its own transaction, so that whoever takes over goes on behind it."""

import asyncio
from dataclasses import dataclass

from resolvers.imports.content import AT_ONCE, rows_of
from resolvers.imports.rows import Outcome, import_row
from storage.actors import acted_by
from storage.imports import MOST_PROBLEMS, ImportInput, ImportProblem, ImportResult
from storage.job_leases import Lease, advance
from storage.jobs import JobDoc
from storage.rules import LONGEST_NAME
from storage.sources import ChangeSource
from storage.store.bus import Bus
from storage.store.mongo import Document, Session
from storage.store.refusals import UserError
from storage.store.workspace import Workspace


@dataclass(slots=True)
class Progress:
    """How many rows are done, and how many problems were told."""

    done: int
    problems: int


async def run_import(workspace: Workspace, job: JobDoc, lease: Lease, bus: Bus | None) -> None:
    """Import the rows that are not done yet.

    Raises `LostLeaseError` when they are no longer this process's to do, and `UnavailableError` when the store does not
    answer: whether the row at hand is done, the job then says.
    """
    input: ImportInput = job["input"]  # type: ignore[assignment]  # of this kind
    result: ImportResult = job["result"]  # type: ignore[assignment]  # likewise
    progress = Progress(job["done"], len(result["problems"]))
    actor = acted_by(job["actor"], ChangeSource.IMPORT)

    async def record(outcome: Outcome, session: Session) -> None:
        await advance(
            workspace.database,
            lease,
            done=progress.done,
            counted=outcome.result.lower(),
            add=telling(outcome, progress.problems),
            session=session,
        )

    for place, row in enumerate(rows_of(job["content"], input["format"], input["columns"])):
        if place >= job["done"]:
            outcome = await import_row(workspace, row, region=input["region"], actor=actor, bus=bus, record=record)
            progress.done += 1
            progress.problems = min(MOST_PROBLEMS, progress.problems + len(outcome.errors))
        elif place % AT_ONCE == 0:
            await asyncio.sleep(0)


def telling(outcome: Outcome, told: int) -> Document:
    """Return what adds the problems of a row to those that were told, as far as there is room."""
    problems = [problem(outcome.line, error) for error in outcome.errors]
    room = MOST_PROBLEMS - told
    add: Document = {}
    if problems[:room]:
        add["$push"] = {"result.problems": {"$each": problems[:room]}}
    if problems[room:]:
        add["$set"] = {"result.moreProblems": True}
    return add


def problem(line: int, error: UserError) -> ImportProblem:
    """Return what was wrong as it may be kept and shown: it names columns, and no value or other profile."""
    field = [name[:LONGEST_NAME] for name in error.field]
    message = error.message
    if field == ["email"]:  # what the library says of an address, after the first sentence, may quote it
        message = f"{message.partition('. ')[0].removesuffix('.')}."
    return {"line": line, "code": error.code, "field": field, "message": message}
