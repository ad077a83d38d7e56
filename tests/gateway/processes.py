"""What tests of real processes share: start the command, wait for a state with a bound, see who is left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import httpx

from gateway.embedded.store import Store
from tests.gateway.edge import TLS

T = TypeVar("T")


def wait_for(probe: Callable[[], T | None], what: str, *, seconds: float = 60) -> T:
    """Return the first true answer of `probe`; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := probe():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} seconds: {what}")


def state_of(pid: int) -> str:
    """Return the state that `ps` tells, such as S or T; nothing where there is no such process."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip()


def is_running(pid: int) -> bool:
    """Tell whether the process runs; a dead one that nobody has waited for does not."""
    state = state_of(pid)
    return bool(state) and not state.startswith("Z")


def descendants(pid: int) -> set[int]:
    """Return the process ids of all children, theirs, and so on."""
    table = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in table.splitlines()]
    found: set[int] = set()
    parents = {pid}
    while parents:
        parents = {child for child, parent in pairs if parent in parents} - found
        found |= parents
    return found


def wait_until_gone(pids: Iterable[int], *, seconds: float = 15) -> None:
    pids = set(pids)
    assert pids, "there was nothing to wait for"
    wait_for(lambda: not any(is_running(pid) for pid in pids), f"the end of {pids}", seconds=seconds)


def pause(pid: int) -> None:
    """Stop a process, which then answers nothing and keeps its connections, until `proceed`.

    Where processors are busy it takes the process a while to do so, in which it still answers.
    """
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: state_of(pid).startswith("T"), f"the stop of {pid}")


def proceed(pid: int) -> None:
    """Let a process go on; one that is dead meanwhile is not missed."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


@contextmanager
def stopped(pid: int) -> Iterator[Callable[[], None]]:
    """Pause a process until the end of the block, or until what is yielded is called."""
    try:
        pause(pid)
        yield lambda: proceed(pid)
    finally:
        proceed(pid)


async def discarded(store: Store) -> None:
    """Kill a store, where it still runs: nobody needs what it might do at its end, which takes it some seconds."""
    with suppress(ProcessLookupError):
        os.kill(store.pid, signal.SIGKILL)
    await store.stop()


class Gateway:
    """`profile-gateway COMMAND` on a free port, with what it prints in the file `log`."""

    def __init__(self, command: str, data_dir: Path, log: Path, **environment: str) -> None:
        self.data_dir = data_dir
        self.log = log
        defaults = {"GATEWAY_PORT": "0", "GATEWAY_DEMO_DATA": "", "GATEWAY_DATA_DIR": str(data_dir)}
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway.cli.main", command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=os.environ | defaults | environment,
            )

    @property
    def printed(self) -> str:
        return self.log.read_text()

    def wait_until_ready(self) -> str:
        """Return the address once the gateway serves; fail with what it printed when it ends before."""
        return wait_for(self._ready_address, "readiness")

    def stop(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(30)

    def _ready_address(self) -> str | None:
        assert self.process.poll() is None, self.printed
        try:
            address = (self.data_dir / "address").read_text().strip()
            return address if httpx.get(f"{address}/readyz", verify=TLS).is_success else None
        except (FileNotFoundError, httpx.TransportError):
            return None
