"""Processes of the machine: who runs, who is left, and how one is stopped for a while."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from bench.harness.waiting import wait_for
from gateway.embedded.store import Store


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
