"""Which MongoDB `run` starts, and what it does with the data of another."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from gateway.embedded import packaged, servers
from gateway.embedded.mongodb import start_mongodb
from gateway.embedded.servers import FINDERS, OLDEST_SECANTUS, available, choose
from gateway.embedded.store import StoreError
from gateway.embedded.writers import EARLIER, LATER, writer_of
from gateway.settings import Settings
from storage.store.mongo import Database

MONGOD_SAYS = "db version v8.0.4\nBuild Info: {}"
Install = Callable[[str, str], Path]
PACKAGED = f"secantusd-rs {packaged.DAEMON}"
NEWER = f"secantusd-rs {OLDEST_SECANTUS}"


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Give a PATH without any server, and a function that puts a program there, which says what it is told to."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def install(name: str, says: str) -> Path:
        program = folder / name
        program.write_text(f"#!/bin/sh\n/bin/cat <<'END'\n{says}\nEND\n")
        program.chmod(0o755)
        return program

    return install


def left_by(writer: str | None, data_dir: Path, *names: str) -> Path:
    """Return a data directory in which a server has left its files, and a note where one was written."""
    (data_dir / "mongodb").mkdir(parents=True)
    for name in ("WiredTiger", *names):
        (data_dir / "mongodb" / name).touch()
    if writer:
        (data_dir / "mongodb.writer").write_text(f"{writer}\n")
    return data_dir


def test_a_setting_names_each_server() -> None:
    assert get_args(Settings.model_fields["embedded_store"].annotation) == ("auto", *FINDERS)


def test_the_best_is_first(on_path: Install) -> None:
    assert [server.name for server in available("auto")] == ["secantusd-rs"]
    on_path("secantusd-rs", f"secantusd-rs {OLDEST_SECANTUS}\ntree: 5ecd15")
    program = on_path("mongod", MONGOD_SAYS)
    assert available("mongod")[0].program == program.resolve()
    assert [str(server) for server in available("auto")] == [
        "mongod 8.0.4, on PATH",
        f"{NEWER}, on PATH",
        f"{PACKAGED}, from the package secantusdb==0.6.0b17",
    ]


@pytest.mark.parametrize(
    ("says", "taken"),
    [
        ("0.5.3-beta.195", False),
        ("0.5.3-beta.1000", True),
        ("0.5.3", True),
        ("0.5.10", True),
        ("1.0", True),
        ("0.5.2", False),
    ],
)
def test_one_that_is_too_old_is_left_alone(on_path: Install, says: str, taken: bool) -> None:
    on_path("secantusd-rs", f"secantusd-rs {says}")
    assert bool(available("secantusd-rs")) == taken


BROKEN = {
    "silent": b"#!/bin/sh\n",
    "rubbish": b"#!/bin/sh\necho command not understood\n",
    "binary": b"#!/bin/sh\nprintf 'db version v\\377\\376'\n",
    "failing": b"#!/bin/sh\necho db version v8.0.4\nexit 1\n",
    "too old": b"#!/bin/sh\necho db version v6.0.1\n",
    "empty": b"",
    "no interpreter": b"#!/no/such/interpreter\n",
    "hanging": b"#!/bin/sh\necho db version v8.0.4\n/bin/sleep 60\n",
    "leaving a child": b"#!/bin/sh\n/bin/sleep 60 &\n",
}


@pytest.mark.parametrize("contents", BROKEN.values(), ids=BROKEN.keys())
def test_what_does_not_say_its_version_is_left_alone(
    on_path: Install, contents: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "VERSION_SECONDS", 0.5)
    on_path("mongod", "").write_bytes(contents)
    assert [server.name for server in available("auto")] == ["secantusd-rs"]


async def test_a_machine_without_any_is_told_what_to_do(
    on_path: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert on_path  # so that PATH has none
    monkeypatch.setattr("platform.system", lambda: "SunOS")
    with pytest.raises(StoreError, match=r"No MongoDB was found: SunOS .*Linux .*macOS.*serve.*GATEWAY_MONGODB_URI"):
        await choose(tmp_path)
    monkeypatch.undo()
    with pytest.raises(StoreError, match=r"mongod \(GATEWAY_EMBEDDED_STORE\) is not here"):
        await choose(tmp_path, "mongod")


def test_other_c_libraries_are_no_place_for_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    monkeypatch.setattr("platform.libc_ver", lambda: ("glibc", "2.36"))
    assert packaged.wheel() == packaged.WHEELS["Linux", "aarch64"]
    monkeypatch.setattr("platform.libc_ver", lambda: ("", ""))
    assert packaged.wheel() is None


@pytest.mark.parametrize(
    ("writer", "files", "on_its_data"),
    [
        (None, [], EARLIER),
        (None, ["storage.bson"], "mongod"),
        (None, ["secantus_prepared_xacts.wt"], LATER),
        ("\x00\x01", [], EARLIER),
        ("long" * 100, [], EARLIER),
        (PACKAGED, [], PACKAGED),
        ("mongod", ["storage.bson"], "mongod"),
    ],
)
def test_data_are_recognised(tmp_path: Path, writer: str | None, files: list[str], on_its_data: str) -> None:
    assert writer_of(left_by(writer, tmp_path / "data", *files)) == on_its_data


async def test_data_of_another_server_are_not_opened(on_path: Install, tmp_path: Path) -> None:
    for writer in (EARLIER, NEWER, "mongod", "secantusd-rs 9.9"):
        data_dir = left_by(writer, tmp_path / writer.replace(" ", "-"))
        before = sorted(data_dir.rglob("*"))
        with pytest.raises(StoreError, match=rf"written by {writer}.*Nothing was touched.*PATH.*GATEWAY_DATA_DIR"):
            await start_mongodb(data_dir)
        assert sorted(data_dir.rglob("*")) == before

    # The one that wrote them, or was tried with them, is taken also where it is not the first.
    on_path("secantusd-rs", NEWER)
    assert str(await choose(tmp_path / EARLIER.replace(" ", "-"))).startswith(NEWER)
    assert str(await choose(tmp_path / NEWER.replace(" ", "-"))).startswith(NEWER)
    on_path("mongod", MONGOD_SAYS)
    assert str(await choose(tmp_path / "mongod")).startswith("mongod")
    assert str(await choose(left_by(PACKAGED, tmp_path / "packaged"))).startswith(PACKAGED)
    assert str(await choose(tmp_path / "empty")).startswith("mongod")
    with pytest.raises(StoreError, match="GATEWAY_EMBEDDED_STORE=mongod opens them"):
        await choose(tmp_path / "mongod", "secantusd-rs")
    with pytest.raises(StoreError, match=r"GATEWAY_EMBEDDED_STORE=packaged opens them\. Or begin anew"):
        await choose(tmp_path / "packaged", "secantusd-rs")
    with pytest.raises(StoreError, match=r"of some version.*Begin anew"):
        await choose(left_by(None, tmp_path / "later", "secantus_prepared_xacts.wt"))


async def test_a_directory_that_cannot_be_read_may_have_data(tmp_path: Path) -> None:
    (tmp_path / "mongodb").touch()
    with pytest.raises(StoreError, match=r"mongodb cannot be used: Not a directory\. Nothing was touched"):
        await choose(tmp_path)
    (tmp_path / "mongodb").unlink()
    left_by(None, tmp_path)
    (tmp_path / "mongodb.writer").mkdir()
    with pytest.raises(StoreError, match=r"mongodb\.writer cannot be used"):
        await choose(tmp_path)


async def test_settings_that_lie_about_do_not_reach_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SECANTUS_DATA_NONLOGGED", "1")
    for folder in (tmp_path / ".secantus", tmp_path / "mongodb"):
        folder.mkdir()
        (folder / "secantusd.toml").write_text("[server]\nauth = true\n[storage]\ndata_nonlogged = true\n")
    store = await start_mongodb(tmp_path)
    try:
        database = Database.connect(store.address, name="test", timeout=10)
        await database.insert("things", [{"_id": 1}])
        os.kill(store.pid, signal.SIGKILL)
    finally:
        await store.stop()
    again = await start_mongodb(tmp_path)
    try:
        assert await database.find("things", {}) == [{"_id": 1}]
    finally:
        await database.close()
        await again.stop()


async def test_a_relative_directory_serves_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program is downloaded into it, and started from another directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(packaged, "INSTALLED", tmp_path / "nowhere")
    store = await start_mongodb(Path("data"))
    await store.stop()
    assert (tmp_path / "data" / "programs").is_dir() or not servers.packaged_secantus()


async def test_data_are_noted_before_they_are_written(tmp_path: Path) -> None:
    store = await start_mongodb(tmp_path)
    try:
        assert store.server.startswith(PACKAGED) or not servers.packaged_secantus()
        assert writer_of(tmp_path) == (tmp_path / "mongodb.writer").read_text().strip()
        database = Database.connect(store.address, name="test", timeout=10)
        await database.insert("things", [{"_id": 1}])
        await database.close()
    finally:
        await store.stop()
    again = await start_mongodb(tmp_path)
    await again.stop()
    assert again.server == store.server
