"""Demo data: a data set by name, fetched, loaded, and shown while it loads; on a first start beside the gateway."""

from pathlib import Path

from rich.console import Console

from gateway.cli.progress import shown
from gateway.database import opened
from gateway.datasets.loading import is_loaded, load
from gateway.datasets.people import require_faker
from gateway.datasets.registry import DATASETS
from gateway.operator_error import OperatorError
from gateway.settings import Settings
from gateway.wheels import DATA_FILES, fetch
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
    (file,) = await fetch(DATA_FILES[name], data_dir / "datasets")
    with shown(console, name) as report:
        await load(database, workspace, dataset, file, limit=limit, report=report)
    return True


async def load_demo_data(settings: Settings, console: Console) -> None:
    """Load the data set `settings.demo_data`; nothing when it is empty, and a failure leaves the gateway running."""
    if not settings.demo_data or settings.mongodb_uri is None:
        return
    name, workspace = settings.demo_data, settings.workspace
    try:
        async with opened(settings, settings.mongodb_uri.get_secret_value()) as database:
            added = await load_dataset(database, workspace, name, data_dir=settings.data_dir, console=console)
        if added:
            console.print(f"The demo data is loaded: {name}.", highlight=False)
    except (OperatorError, GatewayError) as error:
        console.print(
            f"The demo data is not complete. {error}\nThe gateway serves on; the next start goes on with the data.",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
