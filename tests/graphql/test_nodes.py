"""Things found by their ids."""

from typing import Any

import pytest

from storage.credentials import Scope
from storage.setup import prepare_workspace
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.factories import a_profile, add_note

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Profile { displayName } } }"


async def ids_of_everything(ask: Ask, workspace: Workspace) -> list[str]:
    profile = await a_profile(workspace, firstName="Ann", events=1)
    data = await ask("{ attributeDefinitions(first: 1) { edges { node { id } } } }")
    return [
        to_public("prf", profile["_id"]),
        to_public("evt", profile["recent"][0]["_id"]),
        data["attributeDefinitions"]["edges"][0]["node"]["id"],
    ]


async def test_many_of_all_types_in_their_order(ask: Ask, workspace: Workspace) -> None:
    ids = await ids_of_everything(ask, workspace)
    missing = to_public("prf", bytes(16))
    found = (await ask(NODES, ids=[ids[2], missing, *ids, ids[0], "xyz_" + "0" * 32]))["nodes"]
    types = [node and node["__typename"] for node in found]
    assert types == ["AttributeDefinition", None, "Profile", "Event", "AttributeDefinition", "Profile", None]
    assert found[2] == {"__typename": "Profile", "id": ids[0], "displayName": "Ann"}


async def test_a_bad_id_spoils_only_its_own_place(ask: Ask, workspace: Workspace) -> None:
    ids = await ids_of_everything(ask, workspace)
    (error,) = await ask(NODES, ids=[ids[0], "garbage"], failing=True)
    assert error.path == ["nodes", 1]
    assert error.original_error.extensions == {"code": "NOT_FOUND", "argument": "ids"}


@pytest.mark.parametrize(
    "id", ["", "prf_", "prf_" + "0" * 31, "prf_" + "G" * 32, "PRF_" + "0" * 32, "prf_" + "0" * 32 + "\n", "😀"]
)
async def test_a_malformed_id_is_not_found(ask: Ask, id: str) -> None:
    (error,) = await ask("query ($id: ID!) { node(id: $id) { id } }", id=id, failing=True)
    assert error.original_error.extensions == {"code": "NOT_FOUND", "argument": "id"}


async def test_too_many_ids_are_refused(ask: Ask) -> None:
    (error,) = await ask(NODES, ids=["prf_" + "0" * 32] * 101, failing=True)
    assert "At most 100 ids" in error.message


async def test_another_workspace_is_as_if_it_did_not_exist(ask: Ask, workspace: Workspace) -> None:
    ids = await ids_of_everything(ask, workspace)
    other = await prepare_workspace(workspace.database, f"{workspace.id}-other", name="Other")
    assert (await ask(NODES, of=other, ids=ids))["nodes"] == [None] * len(ids)


async def test_what_is_forbidden_spoils_only_its_own_place(ask: Ask, workspace: Workspace) -> None:
    def note(edit: Any) -> None:
        add_note(edit, "Title", "Text", at=edit.now)

    profile = await a_profile(workspace, change=note)
    data = await ask(
        "query ($id: ID!) { profile(by: {id: $id}) { notes { edges { node { id } } } } }",
        id=to_public("prf", profile["_id"]),
    )
    ids = [data["profile"]["notes"]["edges"][0]["node"]["id"], to_public("prf", profile["_id"])]
    (error,) = await ask(NODES, ids=ids, scopes=frozenset({Scope.PROFILES_READ}), failing=True)
    assert error.path == ["nodes", 0]
    assert error.original_error.extensions["code"] == "FORBIDDEN"
