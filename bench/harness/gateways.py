"""Gateways that are processes of their own: the installed command, over stores that are given."""

import asyncio
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.harness.waiting import wait_for

TLS = ssl.create_default_context()  # no one here needs TLS, and httpx would make a new context for each client


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


Start = Callable[..., Gateway]


@contextmanager
def starting(
    directory: Path, *, mongodb_uri: str, redis_url: str, database: str, **environment: str
) -> Iterator[Start]:
    """Give a function that starts a gateway over these stores; whatever happens, all of them are dead afterwards.

    `environment` has settings of all of them. The function takes those of one, and other addresses of the stores.
    """
    started: list[Gateway] = []

    def start(*, mongodb_uri: str = mongodb_uri, redis_url: str = redis_url, **others: str) -> Gateway:
        name = f"gateway-{len(started)}"
        settings = {
            "GATEWAY_MONGODB_URI": mongodb_uri,
            "GATEWAY_MONGODB_DATABASE": database,
            "GATEWAY_REDIS_URL": redis_url,
            **environment,
            **others,
        }
        started.append(Gateway("serve", directory / name, directory / f"{name}.log", **settings))
        return started[-1]

    try:
        yield start
    finally:
        for gateway in started:
            gateway.process.kill()
            gateway.process.wait()


async def ready(*gateways: Gateway) -> list[str]:
    """Return their addresses, once all of them serve."""
    return [await asyncio.to_thread(gateway.wait_until_ready) for gateway in gateways]
