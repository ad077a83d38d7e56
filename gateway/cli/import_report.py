"""The report of an import, line by line, from which an import that was killed resumes."""

import fcntl
import glob
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any

import orjson

from gateway.errors import OperatorError
from resolvers.imports.rows import Outcome, RowResult
from storage.profiles import NOUN
from storage.store.ids import to_public


@dataclass(slots=True)
class Report:
    """A report that is being written; an earlier run wrote it up to `last_line` of the import, at `written_at`."""

    file: FileIO
    last_line: int
    written_at: datetime
    counts: Counter[RowResult]

    def add(self, outcome: Outcome) -> None:
        self.file.write(orjson.dumps(as_json(outcome), option=orjson.OPT_APPEND_NEWLINE))
        self.counts[outcome.result] += 1


@contextmanager
def reporting(target: Path, fingerprint: str) -> Iterator[Report]:
    """Give the report of the import with this fingerprint; it is moved to `target` when the import is complete.

    Until then it is beside it as `.FINGERPRINT.part`, where each line is written at once, and the same import resumes
    it. What another import left there is removed.
    """
    part = target.with_name(f"{target.name}.{fingerprint}.part")
    for other in target.parent.glob(f"{glob.escape(target.name)}.*.part"):
        if other != part:
            other.unlink()
    with FileIO(part, "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperatorError(f"This import is running already: it writes {part}.") from None
        written_at = datetime.fromtimestamp(part.stat().st_mtime, UTC)
        yield resume(file, written_at)
    part.replace(target)


def resume(file: FileIO, written_at: datetime) -> Report:
    """Return the report with what it holds; half a line, which a full disk may leave, is dropped."""
    file.seek(0)
    content = file.readall()
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        file.truncate(len(whole))
    rows = [orjson.loads(line) for line in whole.splitlines()]
    last_line = rows[-1]["line"] if rows else 0
    return Report(file, last_line, written_at, Counter(RowResult(row["result"]) for row in rows))


def as_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "line": outcome.line,
        "result": outcome.result,
        "profile": to_public(NOUN.prefix, outcome.profile) if outcome.profile else None,
        "errors": [
            {"code": error.code, "field": list(error.field), "message": error.message} for error in outcome.errors
        ],
    }
