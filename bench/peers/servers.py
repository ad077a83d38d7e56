"""The servers under measurement: a process each, on one core, so that they and their load do not share one."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.peers.load import Connection
from gateway.embedded.ports import any_free_port

NODE = Path(__file__).parent / "node"
ROOT = Path(__file__).parent.parent.parent
SERVER_CORE, LOAD_CORE = 0, 1
PATIENCE = 60.0
IDLE_CPU = 0.01  # seconds in a tenth of one: timers and pings
TAIL = 2_000


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to serve the queries, with what it needs in its environment besides PORT; `key` is its name in results."""

    key: str
    title: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_node(self) -> bool:
        return self.command[0] == "node"


@dataclass(slots=True)
class Server:
    """A running variant."""

    variant: Variant
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def cpu(self) -> float:
        """Return the seconds of processor time that the process has used, with all its threads, to the nanosecond."""
        return time.clock_gettime(~self.process.pid << 3 | 2)  # Linux' clock of another process

    def wait_until_idle(self) -> None:
        """Wait for the end of what it does for clients that have left."""
        before = -1.0
        while self.cpu() > before + IDLE_CPU:
            before = self.cpu()
            time.sleep(0.1)

    def wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return Connection(self.port).close()
            except ConnectionRefusedError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    told = self.log.read_text(errors="replace")[-TAIL:]
                    raise RuntimeError(f"{self.variant.title} does not serve:\n{told}") from None
                time.sleep(0.05)


def python(key: str, title: str, module: str, **environment: str) -> Variant:
    return Variant(key, title, (sys.executable, "-m", module), environment)


def node(key: str, title: str, **environment: str) -> Variant:
    environment = {"VARIANT": key, "NODE_ENV": "production", **environment}
    return Variant(key, title, ("node", str(NODE / "server.mjs")), environment)


@contextmanager
def serving(variant: Variant, directory: Path, *, core: int = SERVER_CORE) -> Iterator[Server]:
    """Serve a variant on a free port for as long as the block runs; what it prints goes to a file in `directory`."""
    port, log = any_free_port(), directory / f"{variant.key}-{core}.log"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    environment = {**inherited, "PORT": str(port), "GATEWAY_PORT": str(port), **variant.environment}
    with log.open("wb") as output:
        process = subprocess.Popen(
            # A run that is killed leaves no server behind.
            ["setpriv", "--pdeathsig", "TERM", "taskset", "--cpu-list", str(core), *variant.command],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    server = Server(variant, port, process, log)
    try:
        server.wait_until_it_listens()
        yield server
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def install() -> None:
    """Install what node/package-lock.json pins, unless it is there."""
    if not all(map(shutil.which, ("node", "taskset", "setpriv"))):
        raise RuntimeError("This needs Node.js, and taskset and setpriv of util-linux.")
    if not (NODE / "node_modules" / ".package-lock.json").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=NODE, check=True)
