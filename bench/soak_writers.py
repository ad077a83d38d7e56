"""The writers of the soak: one for each gateway, at a steady rate, who send again what was not taken."""

import asyncio
import random
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson

from bench.harness.feeds import Feeds
from bench.harness.gateways import TLS

A_REQUEST = 25
AGAIN_SECONDS = 0.3
MOST_BEHIND_SECONDS = 15.0  # after a pause of the store they write what they could not
NOTE = "x" * 30_000  # so that what a slow consumer leaves unread is soon more than sockets hold
NDJSON = "application/x-ndjson"


class Writers:
    """Write `rate` events a second in all, half of them to the `busy` first profiles of the feeds."""

    def __init__(self, feeds: Feeds, addresses: Sequence[str], *, rate: float, busy: int) -> None:
        self.written = 0
        self.repeated = 0
        self._feeds = feeds
        self._addresses = addresses
        self._pause = A_REQUEST * len(addresses) / rate
        self._ids = feeds.ids
        self._busy = busy
        self._over = False

    def stop(self) -> None:
        """Let each end after its current request."""
        self._over = True

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for address in self._addresses:
                tasks.create_task(self._write(address))

    async def _write(self, address: str) -> None:
        headers = {"Authorization": f"Bearer {self._feeds.token}", "Content-Type": NDJSON}
        async with httpx.AsyncClient(base_url=address, headers=headers, verify=TLS, timeout=30) as client:
            due = time.monotonic()
            while not self._over:
                await self._send(client, [self._an_event() for _ in range(A_REQUEST)])
                due = max(due + self._pause, time.monotonic() - MOST_BEHIND_SECONDS)
                await asyncio.sleep(due - time.monotonic())

    async def _send(self, client: httpx.AsyncClient, events: Sequence[dict[str, Any]]) -> None:
        body = b"\n".join(map(orjson.dumps, events))
        while not await self._is_taken(client, body):
            self.repeated += 1
            await asyncio.sleep(AGAIN_SECONDS)
        self.written += len(events)

    async def _is_taken(self, client: httpx.AsyncClient, body: bytes) -> bool:
        try:
            response = await client.post("/ingest/events", content=body)
        except httpx.TransportError:
            return False
        if not response.is_success:
            assert response.status_code == 503, response.text
            return False
        *results, last = map(orjson.loads, response.text.splitlines())
        assert all(result["status"] in ("CREATED", "DUPLICATE") for result in results), results
        return bool(last["status"] == "DONE")

    def _an_event(self) -> dict[str, Any]:
        is_busy = random.random() < 0.5  # noqa: S311 - for variety
        among = self._ids[: self._busy] if is_busy else self._ids
        return {
            "uuid": str(uuid.uuid4()),
            "action": "page.visit",
            "occurredAt": datetime.now(UTC).isoformat(),
            "source": "SDK",
            "params": {"sentAt": time.time(), "note": NOTE if is_busy else ""},
            "person": {"profileId": random.choice(among)},  # noqa: S311 - as above
        }
