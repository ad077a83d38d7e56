"""The processes of the live benchmark: gateway, peers and clients, each in one of its own, so that each is measured."""

import asyncio
import json
import os
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

NODE = Path(__file__).parent / "node"
SCHEMA = NODE.parent.parent / "schema.graphql"
PATIENCE = 120.0
TICKS = os.sysconf("SC_CLK_TCK")
LONGEST_LINE = 64 * 1024 * 1024


@dataclass(slots=True)
class Talker:
    """A process that is told, and answers, lines of JSON."""

    process: Process

    @property
    def pid(self) -> int:
        return self.process.pid

    async def tell(self, **message: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        await self.process.stdin.drain()

    async def hear(self) -> Any:
        """Return the next answer; a process that gives none in time, or has ended, fails the run."""
        assert self.process.stdout
        async with asyncio.timeout(PATIENCE):
            line = await self.process.stdout.readline()
        assert line, "the process has ended"
        return json.loads(line)

    async def ask(self, **message: Any) -> Any:
        await self.tell(**message)
        return await self.hear()

    def cpu(self) -> float:
        return cpu_of(self.pid)


def cpu_of(pid: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_of(pid: int) -> float:
    """Return the resident memory of a process, in KB of 1,024 bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return float(next(line for line in lines if line.startswith("VmRSS")).split()[1])


@asynccontextmanager
async def running(*command: str, talks: bool = True, **environment: str) -> AsyncIterator[Talker]:
    """Run a command for as long as the block does."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=PIPE if talks else asyncio.subprocess.DEVNULL,
        stdout=PIPE if talks else asyncio.subprocess.DEVNULL,
        stderr=None if talks else asyncio.subprocess.DEVNULL,
        env=os.environ | environment,
        limit=LONGEST_LINE,
    )
    try:
        yield Talker(process)
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 30)
        except TimeoutError:
            process.kill()


@asynccontextmanager
async def gateway(data_dir: Path, *, command: str = "run", **others: str) -> AsyncIterator[tuple[Talker, str]]:
    """Run `profile-gateway` as it is, only with room for more subscribers of one credential than its default."""
    settings = {"PORT": "0", "DATA_DIR": str(data_dir), "DEMO_DATA": "", "MAX_SUBSCRIPTIONS": "20000", **others}
    environment = {f"GATEWAY_{name}": value for name, value in settings.items()}
    program = (sys.executable, "-m", "gateway.cli.main", command)
    async with running(*program, talks=False, **environment) as process, httpx.AsyncClient() as client:
        async with asyncio.timeout(PATIENCE):
            while (address := await ready_address(client, data_dir)) is None:
                assert process.process.returncode is None, "the gateway has ended"
                await asyncio.sleep(0.1)
        yield process, address


async def ready_address(client: httpx.AsyncClient, data_dir: Path) -> str | None:
    try:
        address = (data_dir / "address").read_text().strip()
        return address if (await client.get(f"{address}/readyz")).is_success else None
    except (FileNotFoundError, httpx.TransportError):
        return None


@asynccontextmanager
async def another_gateway(data_dir: Path) -> AsyncIterator[tuple[Talker, str]]:
    """Run another one over the stores of the gateway that has `data_dir`."""
    stores = {name.upper(): address for name, address in json.loads((data_dir / "stores.json").read_bytes()).items()}
    async with gateway(data_dir / "another", command="serve", **stores) as started:
        yield started


@asynccontextmanager
async def node(script: str) -> AsyncIterator[Talker]:
    """Run a script of bench/node."""
    found = shutil.which("node")
    assert found, "the live benchmark needs Node.js"
    async with running(found, str(NODE / script), SCHEMA=str(SCHEMA)) as talker:
        yield talker


async def install() -> None:
    """Install what bench/node/package-lock.json pins."""
    if (NODE / "node_modules" / ".package-lock.json").exists():
        return
    command = ("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
    process = await asyncio.create_subprocess_exec(*command, cwd=NODE)
    assert await process.wait() == 0, "npm ci failed"
