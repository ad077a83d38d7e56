"""Strawberry as it comes, tuned: caches of parsed and validated documents, orjson, loaders, rows read by their keys."""

from collections.abc import Mapping
from datetime import UTC, datetime
from operator import getitem
from typing import Any

import orjson
import strawberry
from starlette.requests import Request
from starlette.responses import Response
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig

from bench.peers.rows import all_rows
from bench.peers.serving import serve
from storage.profiles import AgreementStatus, Channel

SNAKE = {"firstName": "first_name", "lastName": "last_name", "occurredAt": "occurred_at"}
Info = strawberry.Info[dict[str, DataLoader[str, Any]], None]
strawberry.enum(Channel)
strawberry.enum(AgreementStatus)


@strawberry.type
class Personal:
    first_name: str | None
    last_name: str | None
    city: str | None


@strawberry.type
class Contact:
    email: str | None


@strawberry.type
class Tag:
    name: str


@strawberry.type
class Uuid:
    value: str
    platform: str | None


@strawberry.type
class Identities:
    uuids: list[Uuid]


@strawberry.type
class Attribute:
    name: str
    display: str


@strawberry.type
class Agreement:
    channel: Channel
    status: AgreementStatus


@strawberry.type
class Event:
    id: strawberry.ID
    action: str
    occurred_at: datetime
    label: str | None
    params: JSON


@strawberry.type
class EventEdge:
    node: Event


@strawberry.type
class EventConnection:
    edges: list[EventEdge]


async def events(root: strawberry.Parent[Any], info: Info, first: int = 20) -> Any:
    found = await info.context["events"].load(root["id"])
    return {"edges": [{"node": event} for event in found[:first]]}


async def tags(root: strawberry.Parent[Any], info: Info) -> Any:
    return await info.context["tags"].load(root["id"])


async def subscriptions(root: strawberry.Parent[Any], info: Info) -> Any:
    return await info.context["subscriptions"].load(root["id"])


def activity(root: strawberry.Parent[Any]) -> Any:
    return root


@strawberry.type
class Activity:
    events = strawberry.field(events, graphql_type=EventConnection)


@strawberry.type
class Profile:
    id: strawberry.ID
    personal: Personal
    contact: Contact
    identities: Identities
    attributes: list[Attribute]
    tags = strawberry.field(tags, graphql_type=list[Tag])
    subscriptions = strawberry.field(subscriptions, graphql_type=list[Agreement])
    activity = strawberry.field(activity, graphql_type=Activity)


@strawberry.type
class ProfileEdge:
    cursor: str
    node: Profile


@strawberry.type
class ProfileConnection:
    edges: list[ProfileEdge]


@strawberry.input(one_of=True)
class ProfileBy:
    id: strawberry.ID | None = strawberry.UNSET


async def profiles(first: int = 20) -> Any:
    return {"edges": [{"cursor": row["cursor"], "node": row} for row in PROFILES[:first]]}


async def profile(by: ProfileBy) -> Any:
    return BY_ID.get(str(by.id))


@strawberry.type
class Query:
    profiles = strawberry.field(profiles, graphql_type=ProfileConnection)
    profile = strawberry.field(profile, graphql_type=Profile | None)


def snaked(row: Any) -> Any:
    """Return a row under the names that fields have in Python, its timestamps with their zone."""
    if isinstance(row, list):
        return [snaked(each) for each in row]
    if isinstance(row, datetime):
        return row.replace(tzinfo=UTC)
    if not isinstance(row, dict):
        return row
    return {SNAKE.get(key, key): value if key == "params" else snaked(value) for key, value in row.items()}


def by_id(rows: Mapping[str, Any]) -> DataLoader[str, Any]:
    async def load(ids: list[str]) -> list[Any]:
        return [rows[id] for id in ids]

    return DataLoader(load)


class Tuned(GraphQL[dict[str, DataLoader[str, Any]], None]):
    """The view with orjson, and loaders that are new for every request."""

    async def get_context(self, request: Request, response: Response) -> Any:  # type: ignore[override]  # noqa: ARG002
        return {name: by_id(rows) for name, rows in LOADED.items()}

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)


ROWS = all_rows()
PROFILES = [snaked(row) for row in ROWS["profiles"]]
BY_ID: dict[str, Any] = {row["id"]: row for row in PROFILES}
LOADED: dict[str, dict[str, Any]] = {
    "tags": ROWS["tags"],
    "subscriptions": ROWS["subscriptions"],
    "events": {id: snaked(events) for id, events in ROWS["events"].items()},
}
SCHEMA = strawberry.Schema(
    query=Query,
    config=StrawberryConfig(default_resolver=getitem),
    extensions=[lambda: ParserCache(maxsize=100), lambda: ValidationCache(maxsize=100)],
)

if __name__ == "__main__":
    serve(Tuned(SCHEMA))
