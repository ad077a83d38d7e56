"""`profile-gateway verify`: check that profiles, journal, identifiers and notes agree, and repair what is derived."""

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.console import Console

from gateway.cli.options import DataDir, JsonOption, print_json, settings_with
from gateway.database import open_database
from gateway.embedded.running_stores import find_mongodb
from gateway.errors import OperatorError
from gateway.running.progress import progress
from gateway.settings import Settings
from resolvers.verification import Progress, Verdict, verify
from storage.profiles import NOUN
from storage.store.ids import to_public
from storage.workspaces import workspace_name

STORE_SECONDS = 60.0  # a batch may be large, and no client waits

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

WorkspaceOption = Annotated[
    str | None, typer.Option("--workspace", "-w", help="Workspace to verify.", show_default="all of them")
]
RepairOption = Annotated[bool, typer.Option("--repair", help="Put right what follows from the rest.")]


@app.command(name="verify", epilog="Examples: profile-gateway verify | profile-gateway verify -w demo --repair --json")
def main(
    *,
    workspace: WorkspaceOption = None,
    repair: RepairOption = False,
    data_dir: DataDir = None,
    as_json: JsonOption = False,
) -> None:
    """Verify that profiles agree with their journals, identifiers, notes and tasks.

    Uses GATEWAY_MONGODB_URI, else the store of a running `profile-gateway run`; gateways may serve meanwhile. Prints a
    line for each finding, without personal values, and exits with 1 if there are any. With --repair the derived parts
    are set as they should be, and only what is left counts. See docs/operations.md.
    """
    settings = settings_with(data_dir=data_dir)
    uri = find_mongodb(settings, purpose="verify")
    done = asyncio.run(verify_store(uri, workspace, settings=settings, repair=repair, quiet=as_json))
    if as_json:
        print_json({"profiles": done.profiles, "verdicts": [as_json_object(verdict) for verdict in done.verdicts]})
    else:
        typer.echo("\n".join([*lines(done), summary(done)]))
    if any(verdict.findings for verdict in done.verdicts):
        raise typer.Exit(1)


async def verify_store(uri: str, workspace: str | None, *, settings: Settings, repair: bool, quiet: bool) -> Progress:
    patient = settings.model_copy(update={"store_timeout": STORE_SECONDS})
    async with open_database(patient, uri) as database:
        if workspace is not None and await workspace_name(database, workspace) is None:
            raise OperatorError(f"There is no workspace {workspace!r}.")
        console = Console(stderr=True, quiet=quiet)
        with progress(console, "Verifying", unit="profiles") as update:
            return await verify(
                database, workspace, repair=repair, report=lambda now: update(now.profiles, now.total, "")
            )


def lines(done: Progress) -> Iterator[str]:
    for verdict in done.verdicts:
        id = f"{verdict.workspace} {to_public(NOUN.prefix, verdict.profile)}"
        if verdict.repaired:
            yield f"{id} REPAIRED: {', '.join(verdict.repaired)}."
        yield from (f"{id} {finding.check}: {finding.message}" for finding in verdict.findings)


def summary(done: Progress) -> str:
    wrong = sum(bool(verdict.findings) for verdict in done.verdicts)
    repaired = sum(bool(verdict.repaired) for verdict in done.verdicts)
    repairs = f" {repaired:,} repaired." if repaired else ""
    return f"{done.profiles:,} profiles verified, {wrong:,} with findings.{repairs}"


def as_json_object(verdict: Verdict) -> dict[str, Any]:
    return {
        "workspace": verdict.workspace,
        "profile": to_public(NOUN.prefix, verdict.profile),
        "findings": [{"check": finding.check, "message": finding.message} for finding in verdict.findings],
        "repaired": verdict.repaired,
    }
