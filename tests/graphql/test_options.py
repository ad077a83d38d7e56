"""The options that every mutation has: dry runs, keys of retries, expected versions, and who it is done for."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from storage.credentials import Scope
from storage.nouns import BESIDE
from storage.store.ids import whole_milliseconds
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.mutating import document, mutate, refusals, traces
from tests.support.mutation_inputs import INPUTS, filled
from tests.support.world import populate

READERS = frozenset({Scope.PROFILES_READ, Scope.PERSONAL_READ})
PAYLOAD = "profile { version } changes { field before after }"
PAYLOADS = {
    **dict.fromkeys(("tagCreate", "tagUpdate", "tagDelete", "eventDefinitionSet"), "changes { field before after }"),
    **dict.fromkeys(("attributeDefinitionCreate", "attributeDefinitionUpdate"), "changes { field before after }"),
    "eventsCreate": "results { status id code }",
}
# A task that is open stays so, and events are no changes of the profile's own data.
UNCHANGING = {"taskReopen", "eventCreate", "eventsCreate"}
# What changes nothing, or the workspace and no profile, is not in the journal.
UNTOLD = {"taskReopen", *PAYLOADS} - {"eventsCreate"}


async def answer(ask: Ask, mutation: str, input: Mapping[str, Any], **options: Any) -> dict[str, Any]:
    done: dict[str, Any] = await mutate(ask, mutation, {**input, **options}, selecting=PAYLOADS.get(mutation, PAYLOAD))
    return done


def fields(payload: Mapping[str, Any]) -> list[str]:
    """Return which fields changed; of notes and tasks only that, since each time has ids of its own."""
    named = [change["field"] for change in payload.get("changes", ())]
    return [name.partition(".")[0] if name.startswith(tuple(BESIDE)) else name for name in named]


@pytest.mark.parametrize("mutation", INPUTS)
async def test_every_mutation_keeps_what_its_options_promise(
    workspace: Workspace, ask: Ask, mutation: str
) -> None:  # R45, X7
    ids = await populate(ask)
    input = filled(mutation, ids)
    before = await traces(workspace)
    version = ids["version"]
    if "profileId" in input:
        refused = await answer(ask, mutation, input, expectedVersion=version + 1)
        assert refusals(refused) == [("VERSION_CONFLICT", ["expectedVersion"])]
        assert f"at version {version} now" in refused["userErrors"][0]["message"]
        assert (refused["profile"], refused["changes"]) == (None, [])
        input["expectedVersion"] = version

    options = {"idempotencyKey": "a key", "onBehalfOf": "Eve"}
    tried = await answer(ask, mutation, input, dryRun=True, **options)
    assert await traces(workspace) == before
    start = whole_milliseconds(datetime.now(UTC))
    done = await answer(ask, mutation, input, **options)
    assert refusals(tried) == refusals(done) == []
    assert (fields(tried), tried.get("profile")) == (fields(done), done.get("profile"))
    assert bool(fields(done)) == (mutation not in UNCHANGING)

    after = await traces(workspace)
    told = [entry for entry in after["journal"] if entry not in before["journal"]]
    assert bool(told) == (mutation not in UNTOLD)
    for entry in told:
        assert (entry["actor"], entry["user"]) == ("pgk_test", "Eve")
        is_sent = (
            mutation == "eventsCreate" and entry["kind"] == "EVENT"
        )  # of those the sender says where they came from
        assert entry["source"] == ("API" if is_sent else "CARD")
        assert start <= entry["receivedAt"] <= datetime.now(UTC)
        assert all(change["before"] != change["after"] for change in entry.get("changes", ()))

    for retry in ({}, {"dryRun": True}):
        assert await answer(ask, mutation, input, **options, **retry) == done
    other = await answer(ask, mutation, input, **{**options, "onBehalfOf": "Adam"})
    assert refusals(other) == [("IDEMPOTENCY_MISMATCH", ["idempotencyKey"])]
    assert await traces(workspace) == after


@pytest.mark.parametrize("mutation", INPUTS)
async def test_every_mutation_needs_a_scope_to_write(workspace: Workspace, ask: Ask, mutation: str) -> None:
    input = filled(mutation, await populate(ask))
    before = await traces(workspace)
    query = document(mutation, PAYLOADS.get(mutation, PAYLOAD))
    (error,) = await ask(query, input=input, scopes=READERS, failing=True)
    assert error.original_error.extensions["code"] == "FORBIDDEN"
    assert error.original_error.extensions["scope"].endswith(":write")
    assert await traces(workspace) == before
