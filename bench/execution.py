"""Measures the compiled executor against Strawberry's own in memory: CPU for each execution, variants by turns.

python bench/execution.py [ROUNDS]
"""

import asyncio
import gc
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import orjson
import strawberry
from graphql import DocumentNode, execute, parse
from graphql.execution import Executor
from strawberry.dataloader import DataLoader
from strawberry.execution import optimized_is_awaitable
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from compiler import Knowledge, batch, compiling

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 25
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def read_key(document: Any, name: str) -> Any:
    return document.get(name)


@strawberry.enum
class Channel(Enum):
    EMAIL = "EMAIL"
    SMS = "SMS"
    PUSH = "PUSH"
    POST = "POST"
    PHONE = "PHONE"


@strawberry.type
class Tag:
    name: str


@strawberry.type
class Identity:
    kind: str
    value: str


@strawberry.type
class Attribute:
    name: str
    value: str


@strawberry.type
class Agreement:
    channel: Channel
    status: str


@strawberry.type
class Event:
    id: strawberry.ID
    type: str
    occurred_at: datetime
    label: str | None
    parameters: JSON | None


@strawberry.type
class EventEdge:
    node: Event


@strawberry.type
class EventConnection:
    edges: list[EventEdge]


Info = strawberry.Info[dict[str, DataLoader[str, Any]], None]


def page(events: list[Any], first: int) -> Any:
    return {"edges": [{"node": event} for event in events[:first]]}


def loaded(name: str) -> dict[str, Any]:
    """Return the metadata of a field that a loader's own function serves, for all parents at once."""

    async def batched(info: Info, parents: list[Any]) -> Any:
        return await info.context[name].load_fn([parent["id"] for parent in parents])

    return batch(batched)


async def batched_activity(info: Info, parents: list[Any], first: int = 10) -> list[Any]:
    found = await info.context["events"].load_fn([parent["id"] for parent in parents])
    return [page(events, first) for events in found]


@strawberry.type
class Profile:
    id: strawberry.ID
    first_name: str
    last_name: str
    email: str | None
    city: str | None
    identities: list[Identity]
    attributes: list[Attribute]

    @strawberry.field(metadata=loaded("tags"))
    async def tags(self, info: Info) -> list[Tag]:
        return await info.context["tags"].load(self["id"])  # type: ignore[index]  # documents are dicts

    @strawberry.field(metadata=loaded("agreements"))
    async def agreements(self, info: Info) -> list[Agreement]:
        return await info.context["agreements"].load(self["id"])  # type: ignore[index]

    @strawberry.field(metadata=batch(batched_activity))
    async def activity(self, info: Info, first: int = 10) -> EventConnection:
        return page(await info.context["events"].load(self["id"]), first)  # type: ignore[index]


@strawberry.type
class ProfileEdge:
    cursor: str
    node: Profile


@strawberry.type
class ProfileConnection:
    edges: list[ProfileEdge]


@strawberry.type
class Query:
    @strawberry.field
    async def profiles(self, first: int = 50) -> ProfileConnection:
        edges = [{"cursor": each["id"], "node": each} for each in PROFILES[:first]]
        return {"edges": edges}  # type: ignore[return-value]

    @strawberry.field
    async def profile(self, id: strawberry.ID) -> Profile | None:
        return next((each for each in PROFILES if each["id"] == id), None)  # type: ignore[return-value]


PROFILES: list[dict[str, Any]] = [
    {
        "id": f"{number:024x}",
        "first_name": "Ada",
        "last_name": f"Lovelace {number}",
        "email": f"user{number}@example.com",
        "city": None if number % 5 == 0 else "Utrecht",
        "identities": [{"kind": kind, "value": f"{kind}-{number}"} for kind in ("CRM", "EMAIL", "DEVICE", "COOKIE")],
        "attributes": [{"name": f"attribute {each}", "value": f"value {number * each}"} for each in range(10)],
    }
    for number in range(100)
]
TAGS = [{"name": f"segment {number}"} for number in range(5)]
AGREEMENTS = [{"channel": channel.value, "status": "OPTED_IN"} for channel in Channel]
EVENTS = [
    {
        "id": f"{number:024x}",
        "type": "PageView",
        "occurred_at": BEGAN + timedelta(minutes=number),
        "label": None,
        "parameters": {"page": f"/{number}"},
    }
    for number in range(10)
]
SCHEMA = strawberry.Schema(query=Query, config=StrawberryConfig(default_resolver=read_key))
FIELDS = "id firstName lastName email city tags { name } identities { kind value } agreements { channel status }"
QUERIES = {
    "dashboard": f"""{{ profiles(first: 50) {{ edges {{ cursor node {{ {FIELDS} attributes {{ name value }}
      activity(first: 10) {{ edges {{ node {{ id type occurredAt label parameters }} }} }} }} }} }} }}""",
    "small": f'{{ profile(id: "{7:024x}") {{ {FIELDS} }} }}',
}
DATETIMES = frozenset({SCHEMA._schema.type_map["DateTime"].coerce_output_value})  # type: ignore[attr-defined]  # noqa: SLF001 - as below
VARIANTS: dict[str, type[Executor[Any]]] = {
    "strawberry": StrawberryGraphQLCoreExecutionContext,
    "compiled": compiling(8),
    "compiled, keys known": compiling(8, Knowledge({read_key: str})),
    "compiled, for orjson": compiling(8, Knowledge({read_key: str}, orjson_datetimes=DATETIMES)),
}


def loaders() -> dict[str, Any]:
    def of(value: Any) -> DataLoader[str, Any]:
        async def load(keys: list[str]) -> list[Any]:
            return [value] * len(keys)

        return DataLoader(load)

    return {"tags": of(TAGS), "agreements": of(AGREEMENTS), "events": of(EVENTS)}


async def run(document: DocumentNode, executor: type[Executor[Any]]) -> Any:
    result: Any = execute(
        SCHEMA._schema,  # noqa: SLF001 - has no public name
        document,
        context_value=loaders(),
        executor_class=executor,
        is_awaitable=optimized_is_awaitable,
    )
    return await result


async def main() -> None:
    for name, text in QUERIES.items():
        document = parse(text)
        answers = {orjson.dumps((await run(document, executor)).data) for executor in VARIANTS.values()}
        assert len(answers) == 1, "the variants differ"
        times: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
        again = 2 if name == "dashboard" else 50
        gc.collect()
        for _ in range(ROUNDS):
            for variant, executor in VARIANTS.items():
                began = time.process_time()
                for _ in range(again):
                    await run(document, executor)
                times[variant].append((time.process_time() - began) / again * 1_000)
        medians = {variant: statistics.median(taken) for variant, taken in times.items()}
        for variant, median in medians.items():
            print(f"{name:10} {variant:22} {median:8.3f} ms {medians['strawberry'] / median:6.1f} x")


asyncio.run(main())
