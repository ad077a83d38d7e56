"""Imports: what a job of this kind is given, and what comes of it."""

from enum import StrEnum
from typing import TypedDict

from storage.store.refusals import UserErrorCode

MOST_ROWS = 10_000
MOST_COLUMNS = 500
MOST_BYTES = 8_000_000  # the document with its content has to stay below 16 MB
MOST_PROBLEMS = 1_000


class ImportFormat(StrEnum):
    """How the content of an import is written."""

    CSV = "CSV"
    NDJSON = "NDJSON"


class ImportColumn(TypedDict):
    """What a column means."""

    column: str
    field: str


class ImportInput(TypedDict):
    """How to read the content; `region` is that of phone numbers without a country code."""

    format: ImportFormat
    columns: list[ImportColumn]
    region: str | None


class ImportProblem(TypedDict):
    """What was wrong with a row, or left out of it, without the value."""

    line: int
    code: UserErrorCode
    field: list[str]
    message: str


class ImportResult(TypedDict):
    """How many rows became what, and the first problems; `moreProblems` tells that there were more."""

    created: int
    updated: int
    unchanged: int
    skipped: int
    problems: list[ImportProblem]
    moreProblems: bool


def no_result() -> ImportResult:
    """Return the result of an import that has not begun."""
    return {"created": 0, "updated": 0, "unchanged": 0, "skipped": 0, "problems": [], "moreProblems": False}
