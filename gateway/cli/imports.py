"""`profile-gateway import`: profiles from a file, with a report of what became of each line."""

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
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from gateway.cli.import_report import reporting
from gateway.cli.options import DataDir, settings_with
from gateway.database import opened
from gateway.embedded.running_stores import mongodb_uri
from gateway.operator_error import OperatorError
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
    uri = mongodb_uri(settings)
    if uri is None:
        raise OperatorError("No store to import into: set GATEWAY_MONGODB_URI, or start `profile-gateway run` first.")
    if file.suffix.lower() not in READERS:
        raise OperatorError(f"The file's name must end with one of {', '.join(READERS)}.")
    names = dict(read_mapping(text) for text in mapped or [])
    target = report or file.with_name(f"{file.name}.report.ndjson")
    counted = asyncio.run(import_file(uri, file, target, names=names, settings=settings))
    numbers = ", ".join(f"{counted[result]:,} {result.lower()}" for result in RowResult)
    typer.echo(f"{numbers}. Line by line: {target}")


def read_mapping(text: str) -> tuple[str, str]:
    column, found, name = text.rpartition("=")
    if not (found and column.strip() and name.strip()):
        raise OperatorError(f"--map {text}: expected a column and a field, for example mail=email.", exit_code=2)
    return column.strip(), name.strip()


async def import_file(
    uri: str, file: Path, report: Path, *, names: Mapping[str, str], settings: Settings
) -> Counter[RowResult]:
    """Import a file and return how many rows became what."""
    async with opened(settings, uri) as database:
        await prepare(database)
        created_at = await workspace_created_at(database, settings.workspace)
        if created_at is None:
            raise OperatorError(f"There is no workspace {settings.workspace!r}.")
        workspace = Workspace(database, settings.workspace)
        with file.open("rb") as source:
            mark = fingerprint(source, settings, names, created_at)
            with reporting(report, mark) as told, shown(source) as rows_of:
                rows = (row for row in READERS[file.suffix.lower()](rows_of, names) if row.line > told.done)
                for place, row in enumerate(rows):
                    outcome = await patiently(workspace, row, settings)
                    # A run that was killed may have written its last row and not come to telling so.
                    if place == 0 and outcome.result is RowResult.UNCHANGED and outcome.profile:
                        outcome.result = await earlier_result(workspace, outcome.profile, since=told.told_at)
                    told.tell(outcome)
    return told.counted


def fingerprint(source: io.BufferedReader, settings: Settings, names: Mapping[str, str], created_at: datetime) -> str:
    """Return what tells an import from another one: of other rows, read in another way, or into another workspace.

    Its workspace is told from one of the same name in another database by its creation.
    """
    content = hashlib.file_digest(source, "sha256").hexdigest()
    said = [content, settings.workspace, created_at.isoformat(), str(settings.phone_region), *sorted(names.items())]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


async def patiently(workspace: Workspace, row: Row, settings: Settings) -> Outcome:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return await import_row(workspace, row, region=settings.phone_region)
        except UnavailableError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(1)


@contextmanager
def shown(source: BinaryIO) -> Iterator[Iterator[str]]:
    """Give the lines of a file, with a bar in a terminal that moves as they are taken."""
    console = Console(stderr=True)
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    columns = (TextColumn("Importing"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=size)

        def lines() -> Iterator[str]:
            for number, line in enumerate(source, 1):
                bar.advance(task, len(line))
                try:
                    yield line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    raise OperatorError(f"Line {number} is not UTF-8; convert the file first.") from error

        yield lines()
