"""The small world that mutations are fuzzed in: two workspaces with a thing of each kind, put back between examples."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.execution.engine import Engine
from gateway.settings import Settings
from gateway.transports.bodies import from_body
from gateway.transports.responses import errors_of
from resolvers.context import Context
from schema import schema
from storage import attributes, events, journal, notes, profiles, setup, tags, tasks
from storage.credentials import Credential, CredentialKind, Scope
from storage.store.errors import GatewayError
from storage.store.ids import to_public
from storage.store.mongo import Database, Document
from storage.store.workspace import Workspace
from tests.support.asking import LINKS
from tests.support.fuzzing.documents import literal, selection
from tests.support.fuzzing.inputs import ATTRIBUTES, Known

OURS, THEIRS = "ours", "theirs"
State = Mapping[str, list[Document]]
GRAPH = schema._schema
MUTATIONS: Mapping[str, Any] = GRAPH.mutation_type.fields if GRAPH.mutation_type else {}
COLLECTIONS = [each.name for each in setup.COLLECTIONS if "workspace" in each.required]
KINDS: Mapping[str, tuple[str, str]] = {
    "profile": ("profiles", profiles.PREFIX),
    "note": ("notes", notes.PREFIX),
    "task": ("tasks", tasks.PREFIX),
    "tag": ("tags", tags.PREFIX),
    "attributeDefinition": ("attribute_definitions", attributes.PREFIX),
    "eventDefinition": ("event_definitions", events.PREFIX),
    "event": ("journal", journal.PREFIX),
}
VALUES = {"shade": {"string": "red"}, "score": {"number": 1.5}, "sizes": {"items": ["S", 1, True]}}
# Limits of documents are tested elsewhere; here they would only keep odd inputs out.
LOOSE = Settings(
    max_length=10**7, max_tokens=10**6, max_depth=100, max_aliases=10**4, max_fields=10**5, operation_timeout=60
)


@dataclass(slots=True)
class World:
    """Everything in a database. `made` is how it began, `now` how it was when last looked at.

    `known` has the ids of one thing of each kind in each workspace, and the version of our profile.
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

    async def mutate(self, name: str, input: Any, *, inline: bool = False, **how: Any) -> dict[str, Any]:
        """Run a mutation with its input written into the document, or sent beside it."""
        type = MUTATIONS[name].args["input"].type
        shown = selection(GRAPH, MUTATIONS[name].type)
        if inline:
            return await self.send(f"mutation {{ {name}(input: {literal(input, type)}) {shown} }}", **how)
        return await self.send(f"mutation ($input: {type}) {{ {name}(input: $input) {shown} }}", input=input, **how)

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
    """Fill an empty database by mutations, and take note of what is in it."""
    await setup.prepare(database)

    def make_context(credential: Credential) -> Context:
        return Context(credential, Workspace(database, credential.workspace), phone_region="NO", links=LINKS)

    world = World(database, Engine(schema, LOOSE, make_context))
    for of in (THEIRS, OURS):
        await setup.prepare_workspace(database, of, name=of)
        await populate(world, of)
    world.made = await world.look()
    for kind, (collection, prefix) in KINDS.items():
        for document in world.made[collection]:
            if not document.get("system") and document.get("kind") in (None, "EVENT"):
                known = Known(kind, ours=document["workspace"] == OURS)
                world.known.setdefault(known, to_public(prefix, document["_id"]))
    return world


async def populate(world: World, of: str) -> None:
    """Make a profile with something of everything, and a second one that is empty."""

    async def do(name: str, /, **input: Any) -> Any:
        answer = await world.mutate(name, input, of=of)
        payload = answer["data"][name]
        assert "errors" not in answer, answer
        assert not payload["userErrors"], payload
        return payload

    person = {"email": "ann@example.com", "phone": "+4740000000", "customId": "u-1", "uuid": "u-1", "firstName": "Ann"}
    profile = (await do("profileCreate", **person))["profile"]["id"]
    world.known.setdefault(Known("profile", ours=of == OURS), profile)
    for name, type in ATTRIBUTES.items():
        await do("attributeDefinitionCreate", name=name, displayName=name, type=type)
    await do("eventDefinitionSet", name="page.visit", displayName="Visit", details=[{"name": "Page", "param": "page"}])
    given = [{"name": name, "value": value} for name, value in VALUES.items()]
    await do("attributeSet", profileId=profile, attributes=given)
    await do("tagAdd", profileId=profile, tags=["vip"])
    await do("tagCreate", name="idle")
    await do("noteAdd", profileId=profile, title="Note")
    await do("taskAdd", profileId=profile, title="Task", dueAt="2026-01-01T00:00:00Z", assignee="Eve")
    await do("eventAdd", profileId=profile, action="page.visit", uuid="u-1", params={"page": 1})
    await do("deviceRegister", profileId=profile, firebaseId="u-1", platform="IOS", uuid="u-1")
    await do("subscriptionSet", profileId=profile, subscriptions=[{"channel": "SMS", "status": "ENABLED"}])
    shown = await do("profileUpdate", profileId=profile, description="Someone")
    world.known.setdefault(Known("version", ours=of == OURS), shown["profile"]["version"])
    await do("profileCreate", email="bob@example.com")
