"""Files to import: CSV with a header, or NDJSON; each row has its line number, and its columns our names."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from storage.store.errors import BadInputError

ALIASES = {"custom_identify": "customId"}  # R14


@dataclass(frozen=True, slots=True)
class Row:
    """A row; `given` is None where the line can't be read. Cells that are empty or null are left out."""

    line: int
    given: Mapping[str, Any] | None


def csv_rows(lines: Iterable[str], names: Mapping[str, str]) -> Iterator[Row]:
    """Read CSV; its first line names the columns."""
    reader = csv.reader(lines, strict=True)
    try:
        header = [renamed(column, names) for column in next(reader, [])]
        if not header or len(set(header)) < len(header):
            raise BadInputError("The first line must name the columns, each once.")
        for cells in reader:
            fits = len(cells) == len(header)
            if cells:
                yield Row(reader.line_num, given(zip(header, cells, strict=True)) if fits else None)
    except csv.Error as error:
        raise BadInputError(f"Line {reader.line_num} is not CSV: {error}.") from error


def ndjson_rows(lines: Iterable[str], names: Mapping[str, str]) -> Iterator[Row]:
    """Read NDJSON: an object a line."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield Row(number, object_of(line, names))


def object_of(line: str, names: Mapping[str, str]) -> Mapping[str, Any] | None:
    try:
        parsed = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(parsed, dict) or len({renamed(key, names) for key in parsed}) < len(parsed):
        return None
    return given((renamed(key, names), value) for key, value in parsed.items())


def renamed(column: str, names: Mapping[str, str]) -> str:
    """Return the field that a column means: the one it is mapped to, else the one of its own name."""
    field = names.get(column.strip(), column.strip())
    return ALIASES.get(field, field)


def given(cells: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in cells if value not in ("", None)}
