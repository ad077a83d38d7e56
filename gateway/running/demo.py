"""Demo data: data sets are fetched and loaded, by a command or beside the gateway on its first start."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from gateway.database import open_database
from gateway.datasets.loading import Progress, is_loaded, load
from gateway.datasets.people import require_faker
from gateway.datasets.registry import DATASETS, WHEELS
from gateway.embedded.wheels import fetch
from gateway.errors import OperatorError
from gateway.running.progress import progress
from gateway.settings import Settings
from storage.store.errors import GatewayError
from storage.store.mongo import Database
from storage.store.workspace import Workspace


async def load_dataset(
    database: Database, workspace: str, name: str, *, data_dir: Path, console: Console, limit: int | None = None
) -> bool:
    """Load a data set and return True; False when it is there already, which takes one query to see."""
    dataset = DATASETS[name]
    if await is_loaded(Workspace(database, workspace), dataset, limit=limit):
        return False
    require_faker()
    (file,) = await fetch(WHEELS[name], data_dir / "datasets")
    with reporting(console, name) as report:
        await load(database, workspace, dataset, file, limit=limit, report=report)
    return True


@contextmanager
def reporting(console: Console, name: str) -> Iterator[Callable[[Progress], None]]:
    """Give the function that a load reports to."""
    started = time.monotonic()
    with progress(console, f"Loading {name}", unit="profiles", has_lines=True) as update:

        def report(loaded: Progress) -> None:
            seconds = max(time.monotonic() - started, 0.001)
            profiles = (loaded.profiles - loaded.skipped) / seconds
            pace = f"{profiles:,.0f} profiles/s, {loaded.events / seconds:,.0f} events/s"
            update(loaded.profiles, loaded.total, pace)

        yield report


async def load_demo_data(settings: Settings, console: Console) -> None:
    """Load the data set that the settings name, if any; a failure is printed and leaves the gateway running."""
    if not settings.demo_data or settings.mongodb_uri is None:
        return
    name, workspace = settings.demo_data, settings.workspace
    try:
        async with open_database(settings, settings.mongodb_uri.get_secret_value()) as database:
            added = await load_dataset(database, workspace, name, data_dir=settings.data_dir, console=console)
        if added:
            console.print(f"The demo data is loaded: {name}.", highlight=False)
    except (OperatorError, GatewayError) as error:
        console.print(
            f"The demo data is not complete. {error}\nThe gateway keeps serving; the next start resumes the load.",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
