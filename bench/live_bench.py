"""What the measurements of live feeds share: a gateway with something to follow, and a client to follow it."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
from live_documents import FULL, document_of, documents
from live_processes import Talker
from live_writing import Writing
from rich.table import Table

SELECTIONS = 20
SETTLE = 3.0


@dataclass(slots=True)
class Bench:
    """The gateway under measurement, what is followed, and a client."""

    gateway: Talker
    address: str
    token: str
    writing: Writing
    client: Talker
    data_dir: Path

    async def subscribe(self, client: Talker, number: int) -> None:
        """Open subscribers and wait until the gateway counts them all."""
        before = await self.subscriptions()
        await client.ask(
            open={
                "url": f"{self.address.replace('http', 'ws')}/graphql",
                "number": number,
                "documents": documents(SELECTIONS),
                "token": self.token,
                "variables": {"id": self.writing.id},
            }
        )
        while await self.subscriptions() < before + number:  # noqa: ASYNC110 - another process' number
            await asyncio.sleep(0.1)
        await asyncio.sleep(SETTLE)

    async def leave(self, client: Talker) -> None:
        await client.ask(close=True)
        while await self.subscriptions():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.1)

    async def subscriptions(self) -> float:
        async with httpx.AsyncClient(timeout=30, headers={"Authorization": f"Bearer {self.token}"}) as http:
            lines = (await http.get(f"{self.address}/metrics")).text.splitlines()
        return float(next(line for line in lines if line.startswith("gateway_subscriptions_open ")).split()[1])

    async def payload(self) -> Any:
        """Return what the gateway tells of an event where everything of it is selected."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "text/event-stream"}
        body = {"query": document_of(FULL), "variables": {"id": self.writing.id}}
        async with (
            httpx.AsyncClient(timeout=30, headers=headers) as http,
            http.stream("POST", f"{self.address}/graphql", json=body) as response,
        ):
            writer = asyncio.create_task(self._write_until_heard())
            try:
                async for line in response.aiter_lines():
                    if line.startswith("data: {"):
                        return orjson.loads(line.removeprefix("data: "))["data"]
            finally:
                writer.cancel()
        raise AssertionError("the gateway told nothing")

    async def _write_until_heard(self) -> None:
        while True:
            await self.writing.write(1)
            await asyncio.sleep(0.5)


def a_table(title: str, *columns: str) -> Table:
    table = Table(title=title)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table
