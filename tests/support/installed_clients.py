"""Clients of other people, installed as their locks pin them: once for all workers, and until a lock changes."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "tests" / "clients"
NODE_LOCK = CLIENTS / "package-lock.json"
UV = Path(sys.executable).parent / "uv"


def node_clients() -> Path:
    """Return the directory in which Node.js finds the packages of tests/clients."""
    require(shutil.which("node") and shutil.which("npm"), "Node.js with npm")
    installed = CLIENTS / "node_modules" / ".package-lock.json"
    once(install_node_clients, lock=NODE_LOCK, stamp=installed)
    return CLIENTS


def python_clients() -> Path:
    """Return the Python of an environment that has the clients and nothing of ours, whose pins they need not share."""
    return python_of("clients.lock", CLIENTS)


def python_generators() -> Path:
    """Return that of one with the code generators, which need another graphql-core than the clients."""
    return python_of("generators.lock", CLIENTS / "codegen")


def python_of(lock: str, directory: Path) -> Path:
    """Return the Python of the environment that a lock describes, in a directory."""
    require(UV.exists(), "uv")
    python, pinned = directory / ".venv" / "bin" / "python", ROOT / "requirements" / lock
    once(lambda: install_python(python, pinned), lock=pinned, stamp=directory / ".venv" / "installed")
    return python


def require(there: object, what: str) -> None:
    if there:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI must not skip what needs it.")
    pytest.skip(f"{what} is not installed")


def once(install: Callable[[], None], *, lock: Path, stamp: Path) -> None:
    """Install unless `stamp` is newer than what is in `lock`; who comes meanwhile waits."""
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
            install()
            stamp.touch()


def install_node_clients() -> None:
    run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")


def install_python(python: Path, lock: Path) -> None:
    run(str(UV), "venv", "--quiet", "--clear", "--python", sys.executable, str(python.parents[1]))
    sync = ("pip", "sync", "--quiet", "--system-certs", "--require-hashes", "--python", str(python))
    run(str(UV), *sync, str(lock))


def run(*command: str) -> None:
    subprocess.run(command, cwd=CLIENTS, check=True, capture_output=True, timeout=300)
