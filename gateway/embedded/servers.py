"""The servers on this machine that speak MongoDB's protocol, and which of them may open a data directory.

SecantusDB stands in for `mongod`. Its formats change between versions, with no way up or down, and one version may open
what another wrote and find less in it. So a data directory has a note of who writes it, and is opened by that version
again, or by one that was tried with it (ADR 13).
"""

import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.embedded import packaged
from gateway.embedded.store import StoreError

MONGOD, SECANTUS = "mongod", "secantusd-rs"
OLDEST_SECANTUS = "0.5.3-beta.196"
CARGO = f"cargo install secantus-mdb --version {OLDEST_SECANTUS} --ignore-rust-version --locked"
# Gateways that used this stand-in left no note.
EARLIER = "secantusd-py 0.7.0b3"
# Who opens, whole, what another wrote, also after that one was killed. That a server starts on data says nothing: the
# packaged one does on those of the other two, and finds less by their indexes than there is.
TRIED: Mapping[str, frozenset[str]] = {EARLIER: frozenset({f"{SECANTUS} {OLDEST_SECANTUS}"})}


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is here, or that can be fetched, which `program` is None for."""

    name: str
    version: str
    origin: str
    program: Path | None = None

    @property
    def signature(self) -> str:
        """Return what its data are known by; of mongod any version, since it checks by itself whose data it opens."""
        return MONGOD if self.name == MONGOD else f"{self.name} {self.version}"

    def __str__(self) -> str:
        return f"{self.name} {self.version}, {self.origin}"

    def opens(self, writer: str | None) -> bool:
        return writer in (None, self.signature) or self.signature in TRIED.get(writer, ())


def mongod() -> Server | None:
    return on_path(MONGOD, r"db version v(\S+)")


def secantus() -> Server | None:
    """Return the program on PATH, unless it is older than what was tried."""
    server = on_path(SECANTUS, r"secantusd-rs (\S+)")
    return server if server and numbers(server.version) >= numbers(OLDEST_SECANTUS) else None


def packaged_secantus() -> Server | None:
    wheel = packaged.wheel()
    return None if wheel is None else Server(SECANTUS, packaged.DAEMON, f"from the package {wheel.requirement}")


FINDERS: Mapping[str, Callable[[], Server | None]] = {
    "mongod": mongod,
    "secantusd-rs": secantus,
    "packaged": packaged_secantus,
}


def on_path(name: str, pattern: str) -> Server | None:
    """Return a program on PATH whose version can be read."""
    program = shutil.which(name)
    if program is None:
        return None
    output = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=10)  # noqa: S603 - found by its name on PATH
    version = re.search(pattern, output.stdout)
    return Server(name, version[1], f"on PATH at {program}", Path(program)) if version else None


def numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def available(kind: str) -> list[Server]:
    """Return the servers of this machine that may be started, the best first; `kind` is one of them or `auto`."""
    finders = FINDERS.values() if kind == "auto" else [FINDERS[kind]]
    return [server for find in finders if (server := find())]


async def choose(data_dir: Path, kind: str = "auto") -> Server:
    """Return the best server that opens what is in the data directory, ready to be started.

    Raises `StoreError` when there is none, and says what to do.
    """
    servers, writer = available(kind), writer_of(data_dir)
    fitting = next((server for server in servers if server.opens(writer)), None)
    if fitting is None:
        raise StoreError(refusal(data_dir, servers, writer) if servers else absence(kind))
    wheel = packaged.wheel()
    if fitting.program is None and wheel:
        fitting = replace(fitting, program=await packaged.daemon(wheel, data_dir))
    note_of(data_dir).parent.mkdir(parents=True, exist_ok=True)
    note_of(data_dir).write_text(f"{fitting.signature}\n")
    return fitting


def note_of(data_dir: Path) -> Path:
    return data_dir / "mongodb.writer"


def writer_of(data_dir: Path) -> str | None:
    """Return whose data are in the directory; None when there are none."""
    data = data_dir / "mongodb"
    if not any(data.glob("WiredTiger*")):
        return None
    if note_of(data_dir).exists():
        return note_of(data_dir).read_text().strip()
    return MONGOD if (data / "storage.bson").exists() else EARLIER


def absence(kind: str) -> str:
    missing = "No MongoDB was found" if kind == "auto" else f"{kind} (GATEWAY_EMBEDDED_STORE) is not here"
    return (
        f"{missing}: {platform.system()} {platform.machine()}. `profile-gateway run` brings one on {packaged.SYSTEMS}, "
        f"and takes mongod, or secantusd-rs {OLDEST_SECANTUS} or newer, from PATH. "
        "Or start `profile-gateway serve` with GATEWAY_MONGODB_URI, a MongoDB of your own."
    )


def refusal(data_dir: Path, servers: list[Server], writer: str | None) -> str:
    openers = sorted({writer or "", *TRIED.get(writer or "", ())} - {EARLIER})
    return (
        f"The data in {data_dir / 'mongodb'} were written by {writer}. No server that is here is known to open them "
        f"({'; '.join(map(str, servers))}), and nothing was touched. Put {' or '.join(openers)} on PATH (see the "
        "README), or begin anew with another directory: GATEWAY_DATA_DIR (--data-dir)."
    )
