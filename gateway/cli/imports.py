"""`profile-gateway import`: profiles from a file, with a report on each line."""

import asyncio
import hashlib
import io
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.console import Console

from gateway.cli.import_report import reporting
from gateway.cli.options import DataDir, settings_with
from gateway.database import open_database
from gateway.embedded.running_stores import find_mongodb
from gateway.errors import OperatorError
from gateway.running.progress import progress
from gateway.settings import Settings
from resolvers.imports.files import Row, csv_rows, ndjson_rows
from resolvers.imports.rows import Outcome, RowResult, earlier_result, import_row
from storage.setup import prepare
from storage.store.errors import UnavailableError
from storage.store.workspace import Workspace
from storage.workspaces import workspace_created_at

READERS = {".csv": csv_rows, ".ndjson": ndjson_rows, ".jsonl": ndjson_rows}
# MongoDB keeps the transaction of a killed process open for a minute, and refuses other writes of its documents.
PATIENCE = 90.0

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Import from a file.", rich_markup_mode="markdown")


@app.callback()
def root() -> None: ...


@app.command(
    epilog="Example: profile-gateway import profiles people.csv --map mail=email --map 'Loyalty points=points'"
)
def profiles(
    *,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV with a header, or NDJSON.")],
    mapped: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD", help="Field that a column means; give it again for more."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Where the outcome of each line goes.", show_default="FILE.report.ndjson")
    ] = None,
    workspace: Annotated[
        str | None,
        typer.Option("--workspace", "-w", help="Workspace of the profiles.", show_default="GATEWAY_WORKSPACE"),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Import profiles: those with the same customId, email or uuid are updated, others made.

    The fields are email, phone, customId (or custom_identify), uuid, description, tags (separated by `;`), and the
    names of attributes. What is empty is left as it is. An import that was stopped is started again with the same
    command, and goes on. See docs/operations.md.
    """
    settings = settings_with(workspace=workspace, data_dir=data_dir)
    uri = find_mongodb(settings, purpose="import into")
    if file.suffix.lower() not in READERS:
        raise OperatorError(f"The file's name must end with one of {', '.join(READERS)}.")
    names = dict(read_mapping(text) for text in mapped or [])
    target = report or file.with_name(f"{file.name}.report.ndjson")
    counted = asyncio.run(import_file(uri, file, target, names=names, settings=settings))
    numbers = ", ".join(f"{counted[result]:,} {result.lower()}" for result in RowResult)
    typer.echo(f"{numbers}. Line by line: {target}")


def read_mapping(text: str) -> tuple[str, str]:
    column, equals, name = text.rpartition("=")
    if not (equals and column.strip() and name.strip()):
        raise OperatorError(f"--map {text}: expected a column and a field, for example mail=email.", exit_code=2)
    return column.strip(), name.strip()


async def import_file(
    uri: str, file: Path, report: Path, *, names: Mapping[str, str], settings: Settings
) -> Counter[RowResult]:
    """Import a file and return how many rows became what."""
    async with open_database(settings, uri) as database:
        await prepare(database)
        created_at = await workspace_created_at(database, settings.workspace)
        if created_at is None:
            raise OperatorError(f"There is no workspace {settings.workspace!r}.")
        workspace = Workspace(database, settings.workspace)
        with file.open("rb") as source:
            key = fingerprint(source, settings, names, created_at)
            with reporting(report, key) as written, reading(source) as lines:
                rows = (row for row in READERS[file.suffix.lower()](lines, names) if row.line > written.last_line)
                for place, row in enumerate(rows):
                    outcome = await import_patiently(workspace, row, settings)
                    # A run that was killed may have imported its last row without reporting it.
                    if place == 0 and outcome.result is RowResult.UNCHANGED and outcome.profile:
                        outcome.result = await earlier_result(workspace, outcome.profile, since=written.written_at)
                    written.add(outcome)
    return written.counts


def fingerprint(source: io.BufferedReader, settings: Settings, names: Mapping[str, str], created_at: datetime) -> str:
    """Return the key of an import: another one has other rows, reads them in another way, or has another workspace.

    Workspaces of the same name in two databases differ in when they were created.
    """
    content = hashlib.file_digest(source, "sha256").hexdigest()
    parts = [content, settings.workspace, created_at.isoformat(), str(settings.phone_region), *sorted(names.items())]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


async def import_patiently(workspace: Workspace, row: Row, settings: Settings) -> Outcome:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return await import_row(workspace, row, region=settings.phone_region)
        except UnavailableError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(1)


@contextmanager
def reading(source: BinaryIO) -> Iterator[Iterator[str]]:
    """Give the lines of a file; the progress moves as they are taken."""
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    with progress(Console(stderr=True), "Importing", unit="bytes") as update:

        def lines() -> Iterator[str]:
            taken = 0
            for number, line in enumerate(source, 1):
                taken += len(line)
                update(taken, size, "")
                try:
                    yield line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    raise OperatorError(f"Line {number} is not UTF-8; convert the file first.") from error

        yield lines()
