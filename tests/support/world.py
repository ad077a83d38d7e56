"""The world of the tests: workspaces with a thing of each kind, made as clients make them."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson
from graphql import get_nullable_type

from gateway.execution.engine import Engine
from gateway.settings import Settings
from gateway.transports.parameters import from_body
from gateway.transports.responses import errors_of
from resolvers.context import Context
from schema import schema
from storage import nouns, setup
from storage.credentials import Credential, CredentialKind, Scope
from storage.store.errors import GatewayError
from storage.store.mongo import Database, Document
from storage.store.workspace import Workspace
from tests.support.asking import LINKS, Ask
from tests.support.fuzzing.documents import literal, selection
from tests.support.fuzzing.inputs import ATTRIBUTES, Known
from tests.support.graph import GRAPH, MUTATIONS
from tests.support.mutating import mutate

OURS, THEIRS = "ours", "theirs"
State = Mapping[str, list[Document]]
Ids = dict[str, Any]
COLLECTIONS = [each.name for each in nouns.COLLECTIONS if "workspace" in each.required]
VALUES = {"shade": {"string": "red"}, "score": {"number": 1.5}, "sizes": {"items": ["S", 1, True]}}
# Limits of documents are tested elsewhere; here they would only keep odd inputs out.
LOOSE = Settings(
    max_length=10**7, max_tokens=10**6, max_depth=100, max_aliases=10**4, max_fields=10**5, operation_timeout=60
)


@dataclass(slots=True)
class World:
    """Two workspaces, which are everything in a database, and are put back between examples.

    `made` is how they began, `now` how they were when last looked at. `known` has the ids of one thing of each kind in
    each workspace, and the version of our profile.
    """

    database: Database
    engine: Engine
    made: State = field(default_factory=dict)
    now: State = field(default_factory=dict)
    known: dict[Known, Any] = field(default_factory=dict)

    async def look(self) -> State:
        found = await asyncio.gather(*(self.database.find(name, {}, sort=[("_id", 1)]) for name in COLLECTIONS))
        self.now = dict(zip(COLLECTIONS, found, strict=True))
        return self.now

    async def restore(self) -> None:
        """Put everything back as it began."""
        for name in COLLECTIONS:
            if self.now[name] != self.made[name]:
                await self.database.delete(name, {})
                await self.database.insert(name, self.made[name])
        self.now = self.made

    async def send(self, query: str, *, of: str = OURS, personal: bool = True, **variables: Any) -> dict[str, Any]:
        """Return the answer to a request as the gateway would send it."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        scopes = frozenset(Scope) - (frozenset() if personal else {Scope.PERSONAL_READ})
        credential = Credential(CredentialKind.API_KEY, "pgk_test", "Test", of, scopes)
        try:
            result = await self.engine.execute(from_body(body), credential)
        except GatewayError as error:
            return errors_of(error)
        answer: dict[str, Any] = orjson.loads(orjson.dumps(result.body))
        return answer

    async def mutate(self, name: str, arguments: Mapping[str, Any], *, inline: bool = False, **how: Any) -> Any:
        """Run a mutation with its arguments written into the document, or sent beside it."""
        declared, shown = MUTATIONS[name].args, selection(GRAPH, get_nullable_type(MUTATIONS[name].type))
        if inline:
            given = ", ".join(f"{each}: {literal(value, declared[each].type)}" for each, value in arguments.items())
            return await self.send(f"mutation {{ {name}({given}) {shown} }}", **how)
        variables = ", ".join(f"${each}: {declared[each].type}" for each in arguments)
        given = ", ".join(f"{each}: ${each}" for each in arguments)
        head = f"mutation ({variables})" if variables else "mutation"
        return await self.send(f"{head} {{ {name}({given}) {shown} }}", **arguments, **how)

    def filled(self, value: Any) -> Any:
        """Return an input with ids in the place of what stands for them."""
        match value:
            case Known():
                return self.known[value]
            case Mapping():
                return {key: self.filled(each) for key, each in value.items()}
            case list():
                return [self.filled(each) for each in value]
            case _:
                return value


async def make_world(database: Database) -> World:
    """Populate both workspaces of an empty database, and take note of what is in it."""
    await setup.prepare(database)

    def make_context(credential: Credential) -> Context:
        return Context(credential, Workspace(database, credential.workspace), phone_region="NO", links=LINKS)

    world = World(database, Engine(schema, LOOSE, make_context))
    for of in (THEIRS, OURS):
        await setup.prepare_workspace(database, of, name=of)
        for kind, id in (await populate(partial(ask, world, of))).items():
            world.known[Known(kind, ours=of == OURS)] = id
    world.made = await world.look()
    return world


async def ask(world: World, of: str, query: str, **variables: Any) -> Any:
    """Return the data of an operation that must not fail."""
    answer = await world.send(query, of=of, **variables)
    assert "errors" not in answer, answer
    return answer["data"]


async def populate(ask: Ask) -> Ids:
    """Make a profile with something of everything, and a second one that is empty.

    Return the id of one thing of each kind, by its kind, and the `version` of the first profile.
    """

    async def do(name: str, selecting: str = "__typename", /, **given: Any) -> Any:
        payload = await mutate(ask, name, given, selecting=selecting)
        assert not payload["userErrors"], payload
        return payload

    async def id_of(kind: str, name: str, /, **given: Any) -> str:
        id: str = (await do(name, f"{kind} {{ id }}", **given))[kind]["id"]
        return id

    person = {"email": "ann@example.com", "phone": "+4740000000", "customId": "u-1", "uuid": "u-1", "firstName": "Ann"}
    ids: Ids = {"profile": await id_of("profile", "profileCreate", **person)}
    profile, of_profile = {"id": ids["profile"]}, {"profileId": ids["profile"]}
    for name, type in ATTRIBUTES.items():
        ids["attributeDefinition"] = await id_of(
            "attributeDefinition", "attributeDefinitionCreate", name=name, displayName=name, type=type
        )
    ids["unusedAttributeDefinition"] = await id_of(
        "attributeDefinition", "attributeDefinitionCreate", name="unused", displayName="Unused", type="STRING"
    )
    details = [{"name": "Page", "param": "page"}]
    ids["eventDefinition"] = await id_of(
        "eventDefinition", "eventDefinitionCreate", name="page.visit", displayName="Visit", details=details
    )
    given = [{"name": name, "value": value} for name, value in VALUES.items()]
    await do("profileAttributesSet", **profile, attributes=given)
    await do("profileTagsAdd", **profile, tags=["vip"])
    ids["tag"] = await id_of("tag", "tagCreate", name="idle")
    ids["note"] = await id_of("note", "noteCreate", **of_profile, title="Note")
    plan = {"dueAt": "2026-01-01T00:00:00Z", "assignee": "Eve"}
    ids["task"] = await id_of("task", "taskCreate", **of_profile, title="Task", **plan)
    event = {"action": "page.visit", "uuid": "u-1", "params": {"page": 1}}
    ids["event"] = await id_of("event", "eventCreate", **of_profile, **event)
    await do("deviceRegister", **of_profile, firebaseId="u-1", platform="IOS", uuid="u-1")
    await do("profileAgreementsSet", **profile, agreements=[{"channel": "SMS", "status": "ENABLED"}])
    content = '{"customId": "u-1"}'
    ids["import"] = await id_of("import", "importCreate", format="NDJSON", content=content)
    visits = {"function": "SUM", "actions": ["page.visit"], "param": "page", "showOnProfile": True}
    ids["aggregateDefinition"] = (
        await do("aggregateCreate", "aggregate { id }", name="pages", displayName="Pages", **visits)
    )["aggregate"]["id"]
    table = {"title": "Visits", "kind": "TABLE", "query": {"actions": ["page.visit"]}, "columns": ["page"]}
    breakdown = {"title": "Pages", "kind": "BREAKDOWN", "query": {"actions": ["page.visit"]}, "by": "page"}
    trend = {"title": "Trend", "kind": "TIME_SERIES", "query": {"actions": ["page.visit"]}, "granularity": "YEARS"}
    named = {"title": "All", "kind": "ANALYSIS", "aggregate": "pages"}
    ids["dashboard"] = await id_of(
        "dashboard",
        "dashboardCreate",
        name="visits",
        displayName="Visits",
        showOnProfile=True,
        widgets=[table, breakdown, trend, named],
        condition={"any": [{"tag": {"name": "vip"}}, {"not": {"recognized": True}}]},
    )
    last = await do("profileUpdate", "profile { version }", **profile, description="Someone")
    ids["version"] = last["profile"]["version"]
    await do("profileCreate", email="bob@example.com")
    return ids
