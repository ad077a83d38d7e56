"""Programs of clients: processes that print what they see, a line each, and are told what to do by lines too."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

PATIENCE = 20.0


class Program:
    """A running program; `lines` are what it has printed so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self._errors: list[str] = []
        self._streams = 2
        self._printed = asyncio.Condition()
        self._reading = [
            asyncio.create_task(self._read(process.stdout, self.lines)),
            asyncio.create_task(self._read(process.stderr, self._errors)),
        ]

    @property
    def errors(self) -> str:
        return "\n".join(self._errors)

    async def until(self, seen: Callable[[], object]) -> None:
        """Wait until `seen()` is true of what was printed; fail with all of it when the program ends before."""
        try:
            async with asyncio.timeout(PATIENCE), self._printed:
                while not seen():
                    assert self._streams, (self.lines, self.errors)
                    await self._printed.wait()
        except TimeoutError:
            raise AssertionError((self.lines, self.errors)) from None

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())

    async def end(self) -> int:
        """Close the standard input, and return the exit code with which the program ends by itself."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return await self.ended()

    async def ended(self) -> int:
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*self._reading)
            return await self.process.wait()

    async def _read(self, stream: asyncio.StreamReader | None, lines: list[str]) -> None:
        assert stream is not None
        while line := await stream.readline():
            lines.append(line.decode().rstrip("\n"))
            await self._notify()
        self._streams -= 1
        await self._notify()

    async def _notify(self) -> None:
        async with self._printed:
            self._printed.notify_all()


@asynccontextmanager
async def running(command: Sequence[str], **environment: str) -> AsyncIterator[Program]:
    """Run a program until the block ends, and kill it then if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env=os.environ | environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    program = Program(process)
    try:
        yield program
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await program.ended()
