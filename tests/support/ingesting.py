"""Events sent to `POST /ingest/events` of a gateway on a real socket, and what it answers."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from bench.harness.waiting import until
from gateway.settings import Settings
from gateway.state import State
from storage.api_keys import create_key
from storage.credentials import Scope
from storage.store.workspace import Workspace
from tests.support.edge import listening

NDJSON = {"Content-Type": "application/x-ndjson"}
ARRAY = {"Content-Type": "application/json"}


@dataclass
class Door:
    """A running gateway, and a client with a key of a workspace."""

    client: httpx.AsyncClient
    state: State
    workspace: Workspace

    async def send(self, body: Any, **headers: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Return the lines of results and the last line."""
        response = await self.client.post("/ingest/events", content=body, headers={**NDJSON, **headers})
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == "application/x-ndjson; charset=utf-8"
        *results, last = [json.loads(line) for line in response.text.splitlines()]
        return results, last

    async def events(self) -> int:
        return len(await self.workspace.find("journal", {"kind": "EVENT"}, projection={"_id": 1}))


@asynccontextmanager
async def opened(settings: Settings, *scopes: Scope) -> AsyncIterator[Door]:
    async with listening(settings) as (app, client):
        state: State = app.state.gateway
        await until(lambda: state.prepared, seconds=30)
        key, _ = await create_key(state.database, settings.workspace, name="sender", scopes=scopes)
        client.headers["Authorization"] = f"Bearer {key}"
        yield Door(client, state, Workspace(state.database, settings.workspace))
        await state.database.drop()


def an_event(number: int = 0, **rest: Any) -> dict[str, Any]:
    return {
        "uuid": f"e-{number}",
        "action": "page.visit",
        "occurredAt": "2026-01-01T12:00:00+01:00",
        "person": {"uuid": f"u-{number % 3}"},
        **rest,
    }


def lines(*events: Any) -> bytes:
    return b"\n".join(event if isinstance(event, bytes) else json.dumps(event).encode() for event in events)
