"""One file out of a pinned wheel: the data sets are published inside packages whose dependencies nobody needs here."""

import asyncio
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.operator_error import OperatorError

PIP = (sys.executable, "-m", "pip", "download")
OPTIONS = (
    "--no-deps",
    "--only-binary=:all:",
    "--require-hashes",
    "--no-input",
    "--disable-pip-version-check",
    "--progress-bar=off",
    "-q",
)


class WheelError(OperatorError):
    """The file cannot be had."""


@dataclass(frozen=True, slots=True)
class WheelFile:
    """A file inside a wheel, both known by their SHA-256."""

    package: str
    version: str
    wheel_sha256: str
    member: str
    sha256: str

    @property
    def requirement(self) -> str:
        return f"{self.package}=={self.version}"


DATA_FILES: Mapping[str, WheelFile] = {
    "ecom": WheelFile(
        "retentioneering",
        "5.2.4",
        "f4ab91b67c6deed93728bfb6e503adfe304f101a53e9112ee0219b304b0f3b1a",
        "retentioneering/datasets/ecom.csv.gz",
        "110716838facbec8143c6c9af74500eb0252197da212fd75aa4c47bf3b692090",
    ),
    "cdnow": WheelFile(
        "lifetimes",
        "0.11.3",
        "261e3dc89977c2b60767ca6728aaa29d429de0c814635070a749c36555895da8",
        "lifetimes/datasets/CDNOW_master.txt",
        "eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef",
    ),
}


async def fetch(wanted: WheelFile, data_dir: Path) -> Path:
    """Return the file in `data_dir/datasets`; it is downloaded unless it is there, whole.

    Raises `WheelError` when it is not there and the package index cannot be reached.
    """
    directory = data_dir / "datasets"
    file = directory / Path(wanted.member).name
    if is_whole(file, wanted):
        return file
    directory.mkdir(parents=True, exist_ok=True)
    # In the same directory, so that the last step is a rename: whoever looks sees no file or all of it.
    with TemporaryDirectory(prefix=".download-", dir=directory) as scratch:
        await download(wanted, Path(scratch))
        take(wanted, Path(scratch)).replace(file)
    return file


def is_whole(file: Path, wanted: WheelFile) -> bool:
    return file.is_file() and sha256(file.read_bytes()).hexdigest() == wanted.sha256


async def download(wanted: WheelFile, scratch: Path) -> None:
    """Download the wheel with pip, which checks its hash and knows the user's index, proxy and certificates."""
    requirements = scratch / "requirements.txt"
    requirements.write_text(f"{wanted.requirement} --hash=sha256:{wanted.wheel_sha256}\n")
    process = await asyncio.create_subprocess_exec(
        *(*PIP, *OPTIONS, "--requirement", str(requirements), "--dest", str(scratch)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, complaints = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise WheelError(explain(wanted, complaints.decode(errors="replace")))


def explain(wanted: WheelFile, complaints: str) -> str:
    lines = [line.strip() for line in complaints.splitlines() if line.strip()]
    reason = next((line for line in reversed(lines) if line.startswith("ERROR")), lines[-1] if lines else "no reason")
    return (
        f"Cannot download {wanted.requirement}, which has the data. Is the network there? "
        "Without one, put the wheel into a folder and set PIP_NO_INDEX=1 and PIP_FIND_LINKS to that folder. "
        f"pip says: {reason}"
    )


def take(wanted: WheelFile, scratch: Path) -> Path:
    """Return the file, taken out of its wheel and checked."""
    (wheel,) = scratch.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        taken = Path(archive.extract(wanted.member, scratch))
    if not is_whole(taken, wanted):
        raise WheelError(f"{wanted.member} of {wanted.requirement} is not the file that was pinned. Report this.")
    return taken
