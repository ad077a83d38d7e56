"""The stored world behind engines that differ in nothing but their executor: they even have the same time of day."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from gateway.execution.engine import Engine
from gateway.transports.parameters import from_body
from resolvers.context import Context
from resolvers.feeds.hub import Hub
from schema import schema
from storage.credentials import Credential, CredentialKind, Scope
from storage.store.bus import Bus
from storage.store.workspace import Workspace
from tests.support.asking import LINKS
from tests.support.compiler.comparing import Answer, Nullable, check_race, is_same, revealing
from tests.support.compiler.operations import SCALARS, Pools
from tests.support.world import LOOSE, OURS, World

WINDOW = timedelta(days=1)  # in which nobody leaves while a test runs
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MOMENTS = "2026-01-01T00:00:00Z", "1970-01-01T00:00:00+02:00", "2100-01-01T00:00:00.5Z"

MUTATION = re.compile(r"\bmutation\b")
ID = rb"[0-9a-f]{32}|Profile [0-9a-f]{6}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
MADE = re.compile(ID + rb"|\d{4}-\d\d-\d\dT[0-9:.+]+")  # ids and times, which a mutation makes each time


@dataclass
class Both:
    """One world behind an engine that compiles, one that does not, and one in which no failure hides another."""

    world: World
    hub: Hub | None = None
    bus: Bus | None = None
    cases: int = 0
    races: int = 0
    nullable: Nullable = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._compiled = self._engine(compiler=True)
        self._reference = self._engine(compiler=False)
        self.engines = self._reference, self._compiled
        self.revealed = self._engine(compiler=False)
        self.revealed._executors._executor_class = revealing(self.nullable)
        self._reference._documents = self.revealed._documents = self._compiled._documents  # parsed and checked once

    def _engine(self, *, compiler: bool) -> Engine:
        def make_context(credential: Credential) -> Context:
            workspace = Workspace(self.world.database, credential.workspace)
            return Context(
                credential, workspace, WINDOW, self.bus, links=LINKS, hub=self.hub, now=NOW, phone_region="NO"
            )

        return Engine(schema, LOOSE.model_copy(update={"compiler": compiler}), make_context)

    def is_valid(self, text: str) -> bool:
        return not self._compiled._documents.prepare(text).errors

    async def compare(self, text: str, variables: dict[str, Any], *, personal: bool, name: str | None = None) -> Answer:
        """Run an operation by both, and return their answer."""
        self.cases += 1
        request = {"query": text, "variables": variables, "operationName": name}
        got, expected = [await ask(each, request, personal=personal) for each in (self._compiled, self._reference)]
        try:
            if not is_same(expected, got):
                self.nullable.clear()
                revealed = await ask(self.revealed, request, personal=personal)
                self.races += check_race(expected, got, revealed, self.nullable)
        except AssertionError as error:
            error.add_note(f"{text}\n{variables}\n{personal=}\n{expected}\n{got}")
            raise
        return got


async def ask(engine: Engine, request: dict[str, Any], *, personal: bool) -> Answer:
    result = await engine.execute(from_body(orjson.dumps(request)), credential_of(personal=personal))
    return answer_of(MADE.sub(b"made", result.encoded) if MUTATION.search(request["query"]) else result.encoded)


def credential_of(*, personal: bool) -> Credential:
    scopes = frozenset(Scope) - (frozenset() if personal else {Scope.PERSONAL_READ})
    return Credential(CredentialKind.API_KEY, "pgk_test", "Test", OURS, scopes)


def answer_of(encoded: bytes) -> Answer:
    answer = orjson.loads(encoded)
    return Answer(answer.get("data"), answer.get("errors", []))


def pools_of(world: World) -> Pools:
    """Return values of each scalar of which some are found in the world."""
    ids = sorted(map(str, (known for kind, known in world.known.items() if kind.kind != "version")))
    return {
        **SCALARS,
        "Int": lambda random: random.choice([1, 2, 20, 100]),
        "ID": lambda random: random.choice(ids),
        "DateTime": lambda random: random.choice(MOMENTS),
        "Date": lambda random: random.choice(["2026-01-01", "1970-01-01"]),
        "JSON": lambda random: random.choice([1, "red", None, [True], {"a": 1}]),
        "String": lambda random: random.choice(["u-1", "ann@example.com", "vip", "page.visit", "attributes.shade", ""]),
    }
