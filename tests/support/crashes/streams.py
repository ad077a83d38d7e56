"""A stream of writes: several writers at once, each sends a write again until it knows what became of it."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.crashes.script import INGESTION, KINDS, MUTATIONS, Turn, document_of, events_of
from tests.support.mutating import arguments_of, changed_fields

PASSING = {"UNAVAILABLE", "OPERATION_TIMEOUT"}
# So long are the lines that the gateway answers a request of ingestion in several parts.
LINE = 60_000
SHORTEST_PAUSE, LONGEST_PAUSE = 0.05, 1.0


@dataclass(slots=True)
class Writer:
    """A client of one kind.

    `acknowledged` tells of each write what it changed: fields, or the UUIDs of events. `created` are all events that
    it was told of, also by answers that broke off. While `tries` is not 0, a write is in flight.
    """

    kind: str
    acknowledged: list[list[str]] = field(default_factory=list)
    created: set[str] = field(default_factory=set)
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """What is written to: profiles, by their public ids, with a key of their workspace."""

    token: str
    profiles: Sequence[str]


class Stream:
    """A writer of each kind, who all write at once through the gateway at `address`."""

    def __init__(self, name: str, address: str, to: Target) -> None:
        self.writers = [Writer(kind) for kind in KINDS]
        self._name = name
        self._address = address
        self._token = to.token
        self._profiles = to.profiles

    async def run(self, is_over: Callable[[Writer], bool]) -> None:
        """Let each writer write until `is_over(writer)`, which is asked after each try."""
        async with (
            httpx.AsyncClient(
                base_url=self._address, headers={"Authorization": f"Bearer {self._token}"}, timeout=30
            ) as client,
            asyncio.TaskGroup() as tasks,
        ):
            for writer in self.writers:
                tasks.create_task(self._write(client, writer, is_over))

    def turns(self) -> Counter[str]:
        """Return how many writes of each kind were acknowledged."""
        return Counter({writer.kind: len(writer.acknowledged) for writer in self.writers})

    def written(self) -> dict[str, list[str]]:
        """Return which fields each acknowledged mutation has changed, by its key."""
        return {
            self._key(writer, number): sorted(fields)
            for writer in self.writers
            if writer.kind != INGESTION
            for number, fields in enumerate(writer.acknowledged)
        }

    def ingested(self) -> list[str]:
        """Return the UUIDs of all events that were acknowledged."""
        return [
            uuid for writer in self.writers if writer.kind == INGESTION for of in writer.acknowledged for uuid in of
        ]

    async def _write(self, client: httpx.AsyncClient, writer: Writer, is_over: Callable[[Writer], bool]) -> None:
        pause = SHORTEST_PAUSE
        send = self._ingest if writer.kind == INGESTION else self._mutate
        while not is_over(writer):
            writer.tries += 1
            try:
                done = await send(client, writer)
            except httpx.TransportError:
                done = None
            if done is None:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                writer.acknowledged.append(done)
                writer.tries, pause = 0, SHORTEST_PAUSE

    async def _mutate(self, client: httpx.AsyncClient, writer: Writer) -> list[str] | None:
        """Send the mutation whose turn it is; return the fields that it changed, None when a store did not answer."""
        number = len(writer.acknowledged)
        lap, place = divmod(number, len(self._profiles))
        key = self._key(writer, number)
        before = writer.acknowledged[number - len(self._profiles)] if lap else []
        mutation, given = MUTATIONS[writer.kind](Turn(self._profiles[place], key, lap, before))
        # The journal keeps on whose behalf something was done: so each write can be found there.
        variables = arguments_of(mutation, {**given, "idempotencyKey": key, "onBehalfOf": key})
        response = await client.post("/graphql", json={"query": document_of(mutation), "variables": variables})
        answer: dict[str, Any] = response.json()
        if failed(answer):
            return None
        payload = answer["data"]["payload"]
        assert (payload["profile"], payload["userErrors"]) == ({"id": self._profiles[place]}, []), (variables, payload)
        return changed_fields(payload)

    async def _ingest(self, client: httpx.AsyncClient, writer: Writer) -> list[str] | None:
        """Send the events whose turn it is from the first on; return their UUIDs, None unless all were answered."""
        events = events_of(self._name, len(writer.acknowledged), known=len(self._profiles))
        body = "\n".join(json.dumps(event).ljust(LINE) for event in events)
        async with client.stream(
            "POST", "/ingest/events", content=body, headers={"Content-Type": "application/x-ndjson"}
        ) as response:
            async for text in response.aiter_lines():
                line = json.loads(text)
                if failed(line):
                    return None
                if line["status"] == "DONE":
                    assert line["created"] + line["duplicate"] == line["events"] == len(events), line
                    return [event["uuid"] for event in events]
                uuid = events[line["line"] - 1]["uuid"]
                if line["status"] == "CREATED":
                    assert uuid not in writer.created, f"{uuid} was acknowledged, and was not there any more"
                    writer.created.add(uuid)
                else:
                    assert (line["status"], writer.tries > 1) == ("DUPLICATE", True), line
        return None

    def _key(self, writer: Writer, number: int) -> str:
        return f"{self._name}-{writer.kind}-{number}"


def failed(answer: Mapping[str, Any]) -> bool:
    """Return whether an answer tells of a fault; it can only be that a store did not answer."""
    errors = [error["extensions"] for error in answer.get("errors", [])]
    faults = [answer] if answer.get("status") == "STOPPED" else errors
    assert {fault["code"] for fault in faults} <= PASSING, answer
    return bool(faults)
