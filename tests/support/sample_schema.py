"""A small schema with everything that can go wrong in one, and an engine that serves it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry
from graphql import get_introspection_query

from gateway.execution.engine import Engine
from gateway.execution.operation import Operation, Result
from gateway.settings import Settings
from gateway.telemetry.metrics import Metrics
from resolvers.context import Context
from schema.base import GatewaySchema
from storage.credentials import Credential, CredentialKind, Scope
from storage.store.errors import BadInputError, UnavailableError
from storage.store.mongo import Database
from storage.store.workspace import Workspace

INTROSPECTION = get_introspection_query(descriptions=True, input_value_deprecation=True)
SECRET = "jane.doe@example.com"
NOWHERE = "mongodb://127.0.0.1:9"

cancelled = asyncio.Event()


@strawberry.enum
class Color(Enum):
    CRIMSON = "CRIMSON"
    SCARLET = "SCARLET"


@strawberry.input(one_of=True)
class Key:
    id: strawberry.Maybe[int]
    email: strawberry.Maybe[str]


@strawberry.input
class Filter:
    text: str | None = None
    numbers: list[int] | None = None
    inner: "Filter | None" = None


@strawberry.type
class Node:
    @strawberry.field
    def name(self) -> str:
        return "node"

    @strawberry.field
    def child(self, size: int = 0, filter: Filter | None = None) -> "Node":  # noqa: ARG002 - for the schema
        return Node()

    @strawberry.field
    def children(self) -> list["Node"]:
        return [Node()]


@strawberry.type
class Query(Node):
    @strawberry.field
    def echo(self, text: str = "", color: Color = Color.CRIMSON, at: datetime | None = None) -> str:  # noqa: ARG002 - for the schema
        return text

    @strawberry.field
    def by(self, key: Key) -> str:  # noqa: ARG002 - for the schema
        return "found"

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError(f"could not read {SECRET} from mongodb://root:secret@10.0.0.7")

    @strawberry.field
    def missing(self) -> str:
        return None  # type: ignore[return-value]

    @strawberry.field
    def refused(self) -> str | None:
        raise BadInputError("The cursor is not one of ours.", argument="after")

    @strawberry.field
    def away(self) -> str | None:
        raise UnavailableError("The profile store does not answer; try again shortly.")

    @strawberry.field
    async def slow(self) -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return "never"

    @strawberry.field
    async def soon(self) -> str:
        await asyncio.sleep(0.05)
        return "done"

    @strawberry.field
    def loaders(self, info: strawberry.Info[Context, None]) -> str:
        return str(id(info.context.loaders))


@strawberry.type
class Mutation:
    @strawberry.mutation
    def change(self) -> int:
        return 1


@strawberry.type
class Tick:
    number: int

    @strawberry.field
    async def seen_by(self, info: strawberry.Info[Context, None]) -> str:
        contexts.append(info.context)
        return info.context.credential.id

    @strawberry.field
    async def slow_first(self) -> int:
        await asyncio.sleep(60 if self.number == 1 else 0)
        return self.number


contexts: list[Context] = []


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, upto: int = 3) -> AsyncIterator[Tick]:
        try:
            for number in range(1, upto + 1):
                yield Tick(number=number)
        finally:
            cancelled.set()

    @strawberry.subscription
    async def breaks(self) -> AsyncIterator[int]:
        yield 1
        raise RuntimeError(SECRET)


schema = GatewaySchema(Query, Mutation, Subscription)


def a_credential(*scopes: Scope) -> Credential:
    return Credential(CredentialKind.API_KEY, "pg_test", "test", "demo", frozenset(scopes))


def make_context(credential: Credential) -> Context:
    return Context(credential, Workspace(Database.connect(NOWHERE, name="none"), credential.workspace))


def an_engine(metrics: Metrics | None = None, **settings: Any) -> Engine:
    return Engine(schema, Settings(**settings), make_context, metrics=metrics)


async def ask(query: str, *scopes: Scope, engine: Engine | None = None, **operation: Any) -> Result:
    return await (engine or an_engine()).execute(Operation(query, **operation), a_credential(*scopes))
