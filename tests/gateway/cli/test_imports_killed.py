"""Imports that are killed: started again, they go on, and end as if nothing had happened."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bench.harness.processes import discarded
from bench.harness.waiting import wait_for
from gateway.cli.import_report import reporting
from gateway.cli.imports import fingerprint, import_file
from gateway.embedded.mongodb import start_mongodb
from gateway.errors import OperatorError
from gateway.settings import Settings
from resolvers.imports.rows import Outcome, RowResult
from resolvers.verification import verify
from storage.setup import prepare, prepare_workspace
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from storage.workspaces import workspace_created_at

PEOPLE = 24
HEADER = "customId,email,uuid,firstName,description,tags"


def rows() -> list[str]:
    """Return rows that make people, change some of those, say the same again, and are wrong."""
    made = [
        f'C-{number},p{number}@example.com,u-{number},"Ann\nof {number}",,t{number % 3};all' for number in range(PEOPLE)
    ]
    return [
        row
        for number, one in enumerate(made)
        for row in (
            one,
            *([f"C-{number},,,,Came back,late"] if number % 4 == 0 else []),
            *([one] if number % 5 == 0 else []),
            *([f"C-\u00ad{number},,,,,"] if number % 6 == 0 else []),
        )
    ]


def reported(report: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in report.read_bytes().splitlines()]


async def content(workspace: Workspace) -> dict[str, Any]:
    """Return everything that an import wrote, without ids and times, which no two runs have in common."""
    profiles = await workspace.find("profiles", {})
    journal = await workspace.find("journal", {})
    identifiers = await workspace.find("identifiers", {})
    called = {profile["_id"]: profile["identities"]["customId"] for profile in profiles}
    assert len(set(called.values())) == len(profiles)
    return {
        "profiles": {
            called[profile["_id"]]: [
                *(profile[key] for key in ("version", "seq", "eventCount", "description", "displayName")),
                *(profile["identities"]["email"], [uuid["value"] for uuid in profile["identities"]["uuids"]]),
                [(attribute["name"], attribute["value"], attribute["source"]) for attribute in profile["attributes"]],
                [(tag["name"], tag["source"]) for tag in profile["tags"]],
            ]
            for profile in profiles
        },
        "journal": Counter(
            (
                *(called[entry["profile"]], entry["seq"], entry["kind"], entry["actor"]["id"], entry["source"]),
                *(change["field"] for change in entry["changes"]),
            )
            for entry in journal
        ),
        "identifiers": Counter((called[one["profile"]], one["kind"], one["value"]) for one in identifiers),
        "tags": Counter(tag["name"] for tag in await workspace.find("tags", {})),
    }


def as_command(settings: Settings, mongodb_uri: str, file: Path) -> subprocess.Popen[bytes]:
    environment = {"GATEWAY_MONGODB_URI": mongodb_uri, "GATEWAY_MONGODB_DATABASE": settings.mongodb_database}
    return subprocess.Popen(
        [sys.executable, "-m", "gateway.cli.main", "import", "profiles", str(file)],
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


async def killed(process: subprocess.Popen[bytes], directory: Path, *, after: int) -> int:
    """Kill an import once its report has more than `after` lines, and return how many it has then."""

    def lines() -> int:
        assert process.poll() is None, process.communicate()
        return sum(part.read_bytes().count(b"\n") for part in directory.glob("*.part"))

    try:
        await asyncio.to_thread(wait_for, lambda: lines() > after, "lines of the report")
    finally:
        process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.communicate()
    return lines_of(directory)


def lines_of(directory: Path) -> int:
    (part,) = directory.glob("*.part")
    return part.read_bytes().count(b"\n")


async def test_killed_imports_end_as_if_they_had_not_been(
    settings: Settings, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The store starts again as well, since it would keep the transaction of the killed process open for a minute."""
    file = tmp_path / "rows" / "people.csv"
    file.parent.mkdir()
    file.write_text("\n".join([HEADER, *rows()]))
    mongodb = await start_mongodb(tmp_path)
    database = Database.connect(mongodb.address, name=settings.mongodb_database, timeout=20)
    try:
        await prepare(database)
        demo = await prepare_workspace(database, settings.workspace, name="Demo")
        done = 0
        for _ in range(request.config.getoption("--crash-rounds")):
            after = done + random.randint(0, (len(rows()) - done) // 2)  # noqa: S311
            done = await killed(as_command(settings, mongodb.address, file), file.parent, after=after)
            await discarded(mongodb)
            mongodb = await start_mongodb(tmp_path)
        output, _ = await asyncio.to_thread(as_command(settings, mongodb.address, file).communicate)

        whole = await prepare_workspace(database, "whole", name="Never killed")
        report = tmp_path / "whole.ndjson"
        unbroken = settings.model_copy(update={"workspace": whole.id})
        counted = await import_file(mongodb.address, file, report, names={}, settings=unbroken)
        assert counted.total() == len(rows())
        assert set(counted) == set(RowResult)

        assert list(file.parent.glob("*.part")) == []
        told, expected = reported(file.with_name("people.csv.report.ndjson")), reported(report)
        assert [without_id(row) for row in told] == [without_id(row) for row in expected]
        assert output.decode().startswith(", ".join(f"{counted[result]} {result.lower()}" for result in RowResult)), (
            output
        )
        assert await content(demo) == await content(whole)
        assert (await verify(database)).verdicts == []
    finally:
        await database.close()
        await discarded(mongodb)


def without_id(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "profile": row["profile"] is not None}


@pytest.mark.parametrize(("last", "result"), [("C-2,Bob", "CREATED"), ("C-1,Bob", "UPDATED"), ("C-1,Ann", "UNCHANGED")])
async def test_a_row_that_was_written_and_not_told_is_told_as_it_was(
    settings: Settings, database: Database, tmp_path: Path, last: str, result: str
) -> None:
    assert settings.mongodb_uri is not None
    uri = settings.mongodb_uri.get_secret_value()
    workspace = await prepare_workspace(database, settings.workspace, name="Demo")
    created_at = await workspace_created_at(database, workspace.id)
    assert created_at is not None
    file, report = tmp_path / "people.csv", tmp_path / "report"
    file.write_text(f"customId,firstName\nC-1,Ann\n{last}\n")
    await import_file(uri, file, report, names={}, settings=settings)
    first, second = whole = report.read_bytes().splitlines(keepends=True)
    before = await content(workspace)

    with file.open("rb") as source:
        part = tmp_path / f"report.{fingerprint(source, settings, {}, created_at)}.part"
    part.write_bytes(first + second[:9])
    if result != "UNCHANGED":
        told_at = max(entry["receivedAt"] for entry in await workspace.find("journal", {})).timestamp()
        os.utime(part, (told_at, told_at))
    report.unlink()
    counted = await import_file(uri, file, report, names={}, settings=settings)
    assert report.read_bytes().splitlines(keepends=True) == whole
    assert reported(report)[-1]["result"] == result
    assert counted.total() == 2
    assert await content(workspace) == before


def test_another_import_starts_a_report_of_its_own(tmp_path: Path) -> None:
    report = tmp_path / "report"
    with suppress(KeyboardInterrupt), reporting(report, "one") as written:
        written.add(Outcome(2, RowResult.SKIPPED))
        raise KeyboardInterrupt
    assert not report.exists()
    with reporting(report, "one") as written:
        assert (written.last_line, written.counts) == (2, {RowResult.SKIPPED: 1})
        with pytest.raises(OperatorError, match="running already"), reporting(report, "one"):
            pass
    assert [row["line"] for row in reported(report)] == [2]
    (tmp_path / "report.one.part").write_bytes(b"")
    with reporting(report, "two") as written:
        assert written.last_line == 0
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
    assert reported(report) == []
