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
PYTHON_LOCK = ROOT / "requirements" / "clients.lock"
PYTHON = CLIENTS / ".venv" / "bin" / "python"
UV = Path(sys.executable).parent / "uv"


def node_clients() -> Path:
    """Return the directory in which Node.js finds the packages of tests/clients."""
    require(shutil.which("node") and shutil.which("npm"), "Node.js with npm")
    installed = CLIENTS / "node_modules" / ".package-lock.json"
    once(install_node_clients, lock=NODE_LOCK, stamp=installed)
    return CLIENTS


def python_clients() -> Path:
    """Return the Python of an environment that has the clients and nothing of ours, whose pins they need not share."""
    require(UV.exists(), "uv")
    once(install_python_clients, lock=PYTHON_LOCK, stamp=CLIENTS / ".venv" / "installed")
    return PYTHON


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


def install_python_clients() -> None:
    run(str(UV), "venv", "--quiet", "--clear", "--python", sys.executable, ".venv")
    sync = ("pip", "sync", "--quiet", "--system-certs", "--require-hashes", "--python", str(PYTHON))
    run(str(UV), *sync, str(PYTHON_LOCK))


def run(*command: str) -> None:
    subprocess.run(command, cwd=CLIENTS, check=True, capture_output=True, timeout=300)
