"""Definitions made, changed and deleted through a running gateway, whose hints feeds hear."""

from typing import Any

import orjson

from gateway.execution.operation import Operation
from storage.credentials import Credential, CredentialKind, Scope
from tests.support.live.following import Live
from tests.support.mutating import arguments_of, document

AGGREGATE = "aggregate { id version }"
DELETED = "deletedAggregateId"


async def changing(live: Live, mutation: str, *, selecting: str = AGGREGATE, **given: Any) -> Any:
    """Return the payload of a mutation of the gateway's workspace, which nothing refuses."""
    credential = Credential(CredentialKind.API_KEY, "pgk_author", "Author", live.workspace.id, frozenset(Scope))
    operation = Operation(document(mutation, selecting), variables=arguments_of(mutation, given))
    result = await live.engine.execute(operation, credential)
    payload = orjson.loads(result.encoded)["data"]["payload"]
    assert payload["userErrors"] == [], payload
    return payload


async def define(live: Live, name: str, **fields: Any) -> str:
    """Define a count of page visits that profiles show, or what `fields` say, and return its id."""
    counts = {"function": "COUNT", "actions": ["page.visit"], "displayName": name, "showOnProfile": True}
    id: str = (await changing(live, "aggregateCreate", name=name, **{**counts, **fields}))["aggregate"]["id"]
    return id
