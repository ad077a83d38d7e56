"""The servers on this machine that speak MongoDB's protocol, and which of them may open a data directory.

SecantusDB stands in for `mongod`. Its formats change between versions, with no way up or down, and one version may open
what another wrote and find less in it. So a data directory has a note of who writes it, and is opened by that version
again, or by one that was tried with it (ADR 13).
"""

import math
import os
import platform
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.embedded import packaged
from gateway.embedded.store import StoreError
from gateway.embedded.writers import EARLIER, LATER, MONGOD, note_writer, writer_of

SECANTUS = "secantusd-rs"
OLDEST_SECANTUS, OLDEST_MONGOD = "0.5.3-beta.196", "7"
VERSION_SECONDS = 5
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
    return on_path(MONGOD, r"db version v(\d\S*)", oldest=OLDEST_MONGOD)


def secantus() -> Server | None:
    return on_path(SECANTUS, r"secantusd-rs (\d\S*)", oldest=OLDEST_SECANTUS)


def packaged_secantus() -> Server | None:
    wheel = packaged.wheel()
    return None if wheel is None else Server(SECANTUS, packaged.DAEMON, f"from the package {wheel.requirement}")


FINDERS: Mapping[str, Callable[[], Server | None]] = {
    "mongod": mongod,
    "secantusd-rs": secantus,
    "packaged": packaged_secantus,
}


def on_path(name: str, pattern: str, *, oldest: str) -> Server | None:
    """Return a program on PATH that says its version, and is not older than `oldest`; whatever else is there is not."""
    program = shutil.which(name)
    version = program and re.search(pattern, version_output(program))
    if not program or not version or order(version[1]) < order(oldest):
        return None
    return Server(name, version[1], "on PATH", Path(program).resolve())


def version_output(program: str) -> str:
    """Return what a program prints of its version; nothing when it fails, hangs, or is no program.

    It has a group of its own, so that what it has started ends with it.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - found by its name on PATH
            [program, "--version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return ""
    with process:
        try:
            output, _ = process.communicate(timeout=VERSION_SECONDS)
        except subprocess.TimeoutExpired:
            return ""
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return "" if process.returncode else output.decode(errors="replace")


def order(version: str) -> list[float]:
    """Return what versions sort by: a release comes after its betas."""
    numbers = [float(number) for number in re.findall(r"\d+", version)]
    return numbers if "-" in version else [*numbers, math.inf]


def available(kind: str) -> list[Server]:
    """Return the servers of this machine that may be started, the best first; `kind` is one of them or `auto`."""
    finders = FINDERS.values() if kind == "auto" else [FINDERS[kind]]
    return [server for find in finders if (server := find())]


async def choose(data_dir: Path, kind: str = "auto") -> Server:
    """Return the best server that opens what is in the data directory, ready to be started.

    Where there are no data, it is noted who writes them from here on. Raises `StoreError` when no server fits, and says
    what to do.
    """
    servers, writer = available(kind), writer_of(data_dir)
    fitting = next((server for server in servers if server.opens(writer)), None)
    if fitting is None:
        raise StoreError(refusal(data_dir, writer) if writer else absence(kind))
    wheel = packaged.wheel()
    if fitting.program is None and wheel:
        fitting = replace(fitting, program=await packaged.daemon(wheel, data_dir))
    if writer is None:
        note_writer(data_dir, fitting.signature)
    return fitting


def absence(kind: str) -> str:
    missing = "No MongoDB was found" if kind == "auto" else f"{kind} (GATEWAY_EMBEDDED_STORE) is not here"
    return (
        f"{missing}: {platform.system()} {platform.machine()}. `profile-gateway run` brings one on {packaged.SYSTEMS}, "
        f"and takes mongod {OLDEST_MONGOD} or newer, or secantusd-rs {OLDEST_SECANTUS} or newer, from PATH. "
        "Or start `profile-gateway serve` with GATEWAY_MONGODB_URI, a MongoDB of your own."
    )


def refusal(data_dir: Path, writer: str) -> str:
    """Return why none of the servers may open the data, and what to do: another that is here, or can be had."""
    by_kind = {kind: available(kind) for kind in FINDERS}
    fitting = [kind for kind, servers in by_kind.items() if any(server.opens(writer) for server in servers)]
    here = "; ".join(str(server) for servers in by_kind.values() for server in servers) or "none"
    openers = sorted({writer, *TRIED.get(writer, ())} - {EARLIER, LATER, packaged.SIGNATURE})
    if fitting:
        advice = f"GATEWAY_EMBEDDED_STORE={fitting[0]} opens them. Or "
    elif openers:
        advice = f"Put {' or '.join(openers)} on PATH (the README says how). Or "
    else:
        advice = ""
    begin = f"{advice}begin anew with another directory: GATEWAY_DATA_DIR (--data-dir)."
    return (
        f"The data in {data_dir / 'mongodb'} were written by {writer}, and the server to be started is not known to "
        f"open them. Nothing was touched. Here are: {here}. {begin[0].upper()}{begin[1:]}"
    )
