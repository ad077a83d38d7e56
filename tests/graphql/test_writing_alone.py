"""A credential that may only write: it is told what it did, and reads nothing else by it."""

import pytest

from storage.credentials import Scope
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.factories import a_profile
from tests.support.mutating import document

BENEATH = {
    "timeline": "timeline { liveCursor }",
    "history": 'history(field: "email") { edges { cursor } }',
    "events": "activity { events { totalCount } }",
    "notes": "notes { edges { cursor } }",
    "tasks": "tasks { edges { cursor } }",
    "agreements": "subscriptions { history { edges { cursor } } }",
}


@pytest.mark.parametrize("selected", BENEATH.values(), ids=BENEATH)
async def test_what_is_beneath_a_profile_needs_its_scope(ask: Ask, workspace: Workspace, selected: str) -> None:
    id = to_public("prf", (await a_profile(workspace, email="a@example.com", events=3))["_id"])
    query = document("profileUpdate", f"profile {{ version {selected} }}")
    scopes = frozenset({Scope.PROFILES_WRITE, Scope.PERSONAL_READ})
    data, errors = await ask(query, id=id, input={"description": "New"}, scopes=scopes, partial=True)
    assert data["payload"]["profile"]["version"] == 2
    assert {error.original_error.extensions["scope"] for error in errors} == {"profiles:read"}
