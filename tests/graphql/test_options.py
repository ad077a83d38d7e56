"""The options that every mutation has: dry runs, keys of retries, expected versions, and who it is done for."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type

from storage.credentials import Scope
from storage.nouns import BESIDE
from storage.store.ids import whole_milliseconds
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.graph import MUTATIONS
from tests.support.mutating import document, refusals, traces
from tests.support.mutation_inputs import filled
from tests.support.world import populate

READERS = frozenset({Scope.PROFILES_READ, Scope.PERSONAL_READ})
# A task that is open stays so.
UNCHANGING = {"taskReopen"}
EVENTS = {"eventCreate", "eventsCreate"}


def payload_of(mutation: str) -> str:
    """Return what to select: the object that the mutation answers with, at its version."""
    type = get_named_type(MUTATIONS[mutation].type)
    assert isinstance(type, GraphQLObjectType)
    if "results" in type.fields:
        return "results { status id code }"
    shown = [name for name in type.fields if name not in ("changes", "userErrors")]
    return " ".join(f"{name} {below(type.fields[name])}" for name in shown)


def below(field: Any) -> str:
    fields = getattr(get_named_type(field.type), "fields", {})
    return "{ version }" if "version" in fields else "{ action }" if fields else ""


async def answer(ask: Ask, mutation: str, arguments: Mapping[str, Any], **options: Any) -> dict[str, Any]:
    given = {**arguments, "options": options}
    done: dict[str, Any] = (await ask(document(mutation, payload_of(mutation)), **given))["payload"]
    return done


def fields(payload: Mapping[str, Any]) -> list[str]:
    """Return which fields changed; of notes and tasks only that, since each time has ids of its own."""
    named = [field for change in payload.get("changes", ()) for field in change["fields"]]
    return [name.partition(".")[0] if name.startswith(tuple(BESIDE)) else name for name in named]


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_every_mutation_keeps_what_its_options_promise(
    workspace: Workspace, ask: Ask, mutation: str
) -> None:  # R45, X7
    ids = await populate(ask)
    given = filled(mutation, ids)
    before = await traces(workspace)
    is_known = mutation.startswith(("device", "statisticsSettings"))
    creates = mutation.endswith("Copy") or ("id" not in MUTATIONS[mutation].args and not is_known)
    refused = await answer(ask, mutation, given, expectedVersion=99)
    expected = "INVALID_VALUE" if creates else "VERSION_CONFLICT"
    assert refusals(refused) == [(expected, ["options", "expectedVersion"])]
    assert await traces(workspace) == before

    options: dict[str, Any] = {"idempotencyKey": "a key", "onBehalfOf": "Eve"}
    if not creates:
        options["expectedVersion"] = refused["userErrors"][0]["currentVersion"]
        assert f"at version {options['expectedVersion']} now" in refused["userErrors"][0]["message"]
    tried = await answer(ask, mutation, given, dryRun=True, **options)
    assert await traces(workspace) == before
    start = whole_milliseconds(datetime.now(UTC))
    done = await answer(ask, mutation, given, **options)
    assert refusals(tried) == refusals(done) == []
    assert (fields(tried), tried.get("profile")) == (fields(done), done.get("profile"))

    after = await traces(workspace)
    assert (after == before) == (mutation in UNCHANGING) or after["idempotency"] != before["idempotency"]
    told = [entry for entry in after["journal"] if entry not in before["journal"]]
    tells = "changes" in get_named_type(MUTATIONS[mutation].type).fields  # type: ignore[union-attr]  # a payload
    assert bool(told) == ((tells and mutation not in UNCHANGING) or mutation in EVENTS)
    changes = [entry for entry in told if entry["kind"] != "EVENT"]
    assert len(changes) == len(done.get("changes", ())) or mutation in EVENTS
    for entry in told:
        assert entry["actor"] == {"kind": "API_KEY", "id": "pgk_test", "name": "Test", "onBehalfOf": "Eve"}
        # Of those events the sender says where they came from.
        is_sent = mutation == "eventsCreate" and entry["kind"] == "EVENT"
        assert entry["source"] == ("API" if is_sent else "CARD")
        assert start <= entry["receivedAt"] <= datetime.now(UTC)
        assert all(change["before"] != change["after"] for change in entry.get("changes", ()))

    for retry in ({}, {"dryRun": True}):
        assert await answer(ask, mutation, given, **options, **retry) == done
    other = await answer(ask, mutation, given, **{**options, "onBehalfOf": "Adam"})
    assert refusals(other) == [("IDEMPOTENCY_MISMATCH", ["options", "idempotencyKey"])]
    assert await traces(workspace) == after


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_every_mutation_needs_a_scope_to_write(workspace: Workspace, ask: Ask, mutation: str) -> None:
    given = filled(mutation, await populate(ask))
    before = await traces(workspace)
    (error,) = await ask(document(mutation, payload_of(mutation)), **given, scopes=READERS, failing=True)
    assert error.original_error.extensions["code"] == "FORBIDDEN"
    assert error.original_error.extensions["scope"].endswith(":write")
    assert await traces(workspace) == before
