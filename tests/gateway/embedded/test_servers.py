"""Which MongoDB `run` starts, and what it does with the data of another."""

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from gateway.embedded import packaged, servers
from gateway.embedded.mongodb import start_mongodb
from gateway.embedded.servers import EARLIER, FINDERS, OLDEST_SECANTUS, available, choose, writer_of
from gateway.embedded.store import StoreError
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
    assert [str(server) for server in available("auto")] == [
        f"mongod 8.0.4, on PATH at {program}",
        f"{NEWER}, on PATH at {program.with_name('secantusd-rs')}",
        f"{PACKAGED}, from the package secantusdb==0.6.0b17",
    ]


@pytest.mark.parametrize(
    ("says", "taken"),
    [("0.5.3-beta.195", False), ("0.5.3-beta.1000", True), ("0.5.10", True), ("1.0", True), ("0.5.2", False)],
)
def test_one_that_is_too_old_is_left_alone(on_path: Install, says: str, taken: bool) -> None:
    on_path("secantusd-rs", f"secantusd-rs {says}")
    assert bool(available("secantusd-rs")) == taken


@pytest.mark.parametrize("says", ["", "command not understood"])
def test_one_that_does_not_say_what_it_is_is_left_alone(on_path: Install, says: str) -> None:
    on_path("mongod", says)
    assert available("mongod") == []


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
        with pytest.raises(StoreError, match=rf"written by {writer}.*nothing was touched.*PATH.*GATEWAY_DATA_DIR"):
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
    with pytest.raises(StoreError, match="Put mongod on PATH"):
        await choose(tmp_path / "mongod", "secantusd-rs")


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
