"""One store as a process: started through its keeper, watched, stopped, and explained when it fails."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn, Self, cast

from gateway.concurrency.tasks import first_completed
from gateway.errors import OperatorError
from storage.store.errors import UnavailableError

KEEPER = Path(__file__).with_name("keeper.py")
GRACE = 10.0
FOREIGN_SETTINGS = "SECANTUS"  # the stand-in's variables would change what it keeps
TAIL_LINES = 15
TAIL_BYTES = 8_192


class StoreError(OperatorError):
    """A store cannot be started, does not answer, or died."""


def open_for(directory: Path, log: Path) -> BinaryIO:
    """Make the directories of a store and open its log to add to it."""
    directory.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    return log.open("ab")


@dataclass(slots=True)
class Store:
    """A running store. `pid` is the server's own; its keeper leads the process group that both are in.

    `server` tells people which program it is.
    """

    name: str
    server: str
    address: str
    pid: int
    log: Path
    log_start: int
    keeper: asyncio.subprocess.Process
    lifeline: asyncio.StreamWriter

    @classmethod
    async def start(
        cls, name: str, command: Sequence[str], *, address: str, directory: Path, log: Path, server: str = ""
    ) -> Self:
        """Start `command` in `directory`, with everything it prints added to the file `log`."""
        with open_for(directory, log) as output:
            keeper = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(KEEPER), str(GRACE), *command),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=output,
                cwd=directory,
                env={name: value for name, value in os.environ.items() if not name.startswith(FOREIGN_SETTINGS)},
                start_new_session=True,  # so that Ctrl-C in a terminal reaches the gateway alone
            )
            log_start = output.tell()
        lifeline = cast("asyncio.StreamWriter", keeper.stdin)
        try:
            first_line = await cast("asyncio.StreamReader", keeper.stdout).readline()
        except asyncio.CancelledError:
            lifeline.close()  # the keeper ends the store
            raise
        store = cls(name, server, address, int(first_line or 0), log, log_start, keeper, lifeline)
        if not first_line:
            await store.stop()
            raise StoreError(store.explain("could not be started"))
        return store

    async def wait_until_healthy(self, ping: Callable[[], Awaitable[None]], *, patience: float) -> None:
        """Return once `ping` succeeds; `StoreError` when the process ends before, or after `patience` seconds."""
        try:
            async with asyncio.timeout(patience):
                await first_completed(answered(ping), self.watch())
        except TimeoutError:
            raise StoreError(self.explain(f"did not answer within {patience:g} seconds")) from None

    async def watch(self) -> NoReturn:
        """Raise `StoreError` when the process ends."""
        await self.keeper.wait()
        raise StoreError(self.explain(f"ended with exit code {self.keeper.returncode}"))

    async def stop(self) -> None:
        """End the store, gently and then by force; safe to call at any time, also when it is gone already."""
        self.lifeline.close()
        try:
            await asyncio.wait_for(self.keeper.wait(), GRACE + 5)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self.keeper.pid, signal.SIGKILL)

    def explain(self, what: str) -> str:
        """Return a sentence with the last lines that the store logged since it was started."""
        with self.log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(self.log_start, size - TAIL_BYTES))
            lines = file.read().decode(errors="replace").splitlines()[-TAIL_LINES:]
        tail = "\n".join(f"  {line}" for line in lines) or "  (nothing)"
        which = f"{self.name} ({self.server})" if self.server else self.name
        return f"{which} {what}. The last lines of its log, {self.log}:\n{tail}"


async def answered(ping: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            return await ping()
        except UnavailableError:
            await asyncio.sleep(0.05)
