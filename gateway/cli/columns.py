"""`profile-gateway columns`: make what figures are computed from anew."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from gateway.cli.options import DataDir, settings_with
from gateway.database import open_database
from gateway.embedded.running_stores import find_mongodb
from gateway.errors import OperatorError
from gateway.running.progress import progress
from gateway.settings import Settings
from resolvers.rebuilding import rebuild_columns
from storage.past.records import count_profiles
from storage.setup import prepare
from storage.store.leases import LostLeaseError
from storage.store.workspace import Workspace
from storage.workspaces import workspace_ids, workspace_name

STORE_SECONDS = 60.0  # no client waits

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Make the columns that figures are computed from anew. "
    "Uses GATEWAY_MONGODB_URI, else the store of a running `profile-gateway run`.",
)

WorkspaceOption = Annotated[
    str | None, typer.Option("--workspace", "-w", help="Workspace to rebuild.", show_default="all of them")
]


@app.callback()
def columns() -> None: ...


@app.command(
    name="rebuild", epilog="Examples: profile-gateway columns rebuild | profile-gateway columns rebuild -w demo"
)
def main(workspace: WorkspaceOption = None, data_dir: DataDir = None) -> None:
    """Make the columns of every profile anew from its journal.

    Gateways may serve meanwhile, and their answers stay the same. One that was stopped, however that went, goes on
    where it was when it is started again. Nobody needs this for an upgrade: columns of another form are made anew when
    they are read.
    """
    settings = settings_with(data_dir=data_dir)
    uri = find_mongodb(settings, purpose="rebuild columns in")
    console = Console(stderr=True)
    try:
        done = asyncio.run(rebuild_store(uri, workspace, settings=settings, console=console))
    except LostLeaseError:
        raise OperatorError("Another `columns rebuild` has taken over, and goes on from here.") from None
    except KeyboardInterrupt:
        raise OperatorError("Stopped. The same command goes on from here.", exit_code=130) from None
    typer.echo(f"The columns of {done:,} profiles are as their journals say.")


async def rebuild_store(uri: str, workspace: str | None, *, settings: Settings, console: Console) -> int:
    patient = settings.model_copy(update={"store_timeout": STORE_SECONDS})
    async with open_database(patient, uri) as database:
        if workspace is not None and await workspace_name(database, workspace) is None:
            raise OperatorError(f"There is no workspace {workspace!r}.")
        await prepare(database)
        ids = [workspace] if workspace is not None else await workspace_ids(database)
        return sum([await rebuild_workspace(Workspace(database, id), console) for id in ids])


async def rebuild_workspace(workspace: Workspace, console: Console) -> int:
    """Rebuild a workspace, and return how many profiles it has."""
    total = await count_profiles(workspace.database, workspace.id)
    with progress(console, f"Rebuilding {workspace.id}", unit="profiles", has_lines=True) as update:
        await rebuild_columns(workspace, report=lambda done: update(min(done, total), total, ""))
    return total
