"""The credential of the operation."""

from storage.credentials import Scope
from storage.store.workspace import Workspace
from tests.support.asking import Ask


async def test_a_client_learns_who_it_is(ask: Ask, workspace: Workspace) -> None:
    data = await ask(
        "{ viewer { kind id name workspace { key name } scopes expiresAt } }",
        scopes=frozenset({Scope.PROFILES_READ, Scope.EVENTS_WRITE}),
    )
    assert data["viewer"] == {
        "kind": "API_KEY",
        "id": "pgk_test",
        "name": "Test",
        "workspace": {"key": workspace.id, "name": "Test workspace"},
        "scopes": ["events:write", "profiles:read"],
        "expiresAt": None,
    }
