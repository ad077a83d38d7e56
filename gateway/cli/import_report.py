"""The report of an import, line by line; by it an import that was killed finds where to go on."""

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

from gateway.operator_error import OperatorError
from resolvers.imports.rows import Outcome, RowResult
from storage.profiles import PREFIX
from storage.store.ids import to_public


@dataclass(slots=True)
class Report:
    """A report that is written; up to line `done` an earlier run told it, the last of it at `told_at`."""

    file: FileIO
    done: int
    told_at: datetime
    counted: Counter[RowResult]

    def tell(self, outcome: Outcome) -> None:
        self.file.write(orjson.dumps(as_json(outcome), option=orjson.OPT_APPEND_NEWLINE))
        self.counted[outcome.result] += 1


@contextmanager
def reporting(target: Path, fingerprint: str) -> Iterator[Report]:
    """Give the report of an import that `fingerprint` tells from others; it takes its place when the import is over.

    Until then it stands beside it as `.FINGERPRINT.part`, each line there as soon as it is told, and the same import
    goes on with it. What another import left there is removed.
    """
    part = target.with_name(f"{target.name}.{fingerprint}.part")
    for other in target.parent.glob(f"{glob.escape(target.name)}.*.part"):
        if other != part:
            other.unlink()
    with FileIO(part, "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperatorError(f"This import is running already: {part} grows.") from None
        told_at = datetime.fromtimestamp(part.stat().st_mtime, UTC)
        yield opened(file, told_at)
    part.replace(target)


def opened(file: FileIO, told_at: datetime) -> Report:
    """Return the report with what it has; half a line, which a full disk may leave, is dropped."""
    file.seek(0)
    content = file.readall()
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        file.truncate(len(whole))
    told = [orjson.loads(line) for line in whole.splitlines()]
    done = told[-1]["line"] if told else 0
    return Report(file, done, told_at, Counter(RowResult(row["result"]) for row in told))


def as_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "line": outcome.line,
        "result": outcome.result,
        "profile": to_public(PREFIX, outcome.profile) if outcome.profile else None,
        "errors": [
            {"code": error.code, "field": list(error.field), "message": error.message} for error in outcome.errors
        ],
    }
