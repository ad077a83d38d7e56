"""The content of an import that was asked for by the API: checked and counted when it comes, read again row by row."""

import asyncio
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from resolvers.imports.files import Row, csv_rows, ndjson_rows, renamed
from resolvers.imports.rows import MATCHING
from storage.imports import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, ImportColumn, ImportFormat
from storage.rules import check_name, check_number
from storage.store.errors import BadInputError
from storage.store.refusals import UserErrorCode, refuse

READERS = {ImportFormat.CSV: csv_rows, ImportFormat.NDJSON: ndjson_rows}
UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # as `is_unstorable`, and quick over millions of characters
AT_ONCE = 200
FIELD = ["content"]


def rows_of(content: str, format: ImportFormat, columns: Sequence[ImportColumn]) -> Iterator[Row]:
    """Yield the rows of a content; raises `BadInputError` where the rest of it can't be read."""
    return READERS[format](lines_of(content), names_of(columns))


def lines_of(content: str) -> io.StringIO:
    return io.StringIO(content.removeprefix("\ufeff"), newline="\n")


def names_of(columns: Sequence[ImportColumn]) -> Mapping[str, str]:
    return {column["column"]: column["field"] for column in columns}


async def count_rows(content: str, format: ImportFormat, columns: Sequence[ImportColumn]) -> int:
    """Return how many rows a content has, or refuse what can't be read as a whole."""
    check_content(content)
    number = 0
    try:
        if format is ImportFormat.CSV:
            check_header(content, columns)
        for number, _ in enumerate(rows_of(content, format, columns), 1):
            check_number(number, FIELD, most=MOST_ROWS)
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
    except BadInputError as error:
        raise refuse(UserErrorCode.INVALID_VALUE, FIELD, error.message) from error
    if not number:
        raise refuse(UserErrorCode.BLANK, FIELD, "There are no rows.")
    return number


def check_header(content: str, columns: Sequence[ImportColumn]) -> None:
    """Refuse CSV that names no column to find profiles by: each row would be skipped, or the first one is no header."""
    try:
        header = next(csv.reader(lines_of(content), strict=True), [])
    except csv.Error as error:
        raise BadInputError(f"The first line is not CSV: {error}.") from error
    if {renamed(column, names_of(columns)) for column in header}.isdisjoint(MATCHING):
        message = f"The first line must name the columns, one of {', '.join(MATCHING)} among them."
        raise refuse(UserErrorCode.INVALID_VALUE, FIELD, message)


def check_content(content: str) -> None:
    if not content or content.isspace():
        raise refuse(UserErrorCode.BLANK, FIELD, "This must not be blank.")
    if found := UNSTORABLE.search(content):
        message = f"The character U+{ord(found[0]):04X} at position {found.start()} is not allowed here."
        raise refuse(UserErrorCode.FORBIDDEN_CHARACTER, FIELD, message)
    if (size := len(content.encode())) > MOST_BYTES:
        message = f"This has {size:,} bytes; at most {MOST_BYTES:,} are allowed."
        raise refuse(UserErrorCode.TOO_LONG, FIELD, message)


def checked_columns(columns: Sequence[Mapping[str, str]]) -> list[ImportColumn]:
    """Return what columns mean, or refuse names that can't be, and a column with two meanings."""
    check_number(len(columns), ["columns"], most=MOST_COLUMNS)
    checked: dict[str, ImportColumn] = {}
    for position, given in enumerate(columns):
        path = ["columns", str(position)]
        column = check_name(given["column"], [*path, "column"]).strip()
        field = check_name(given["field"], [*path, "field"]).strip()
        if column in checked:
            raise refuse(UserErrorCode.INVALID_VALUE, [*path, "column"], "This column is given twice.")
        checked[column] = {"column": column, "field": field}
    return list(checked.values())
