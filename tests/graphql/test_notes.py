"""Notes of a profile."""

from datetime import timedelta

from storage.credentials import Scope
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import CREATED, EVE, a_profile, add_note

NOTES = """
query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { profile(by: {id: $id}) {
  notes(first: $first, after: $after, last: $last, before: $before) {
    edges { node { id title text version author { kind id name onBehalfOf } profile { id } createdAt updatedAt } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }
"""


def three(edit: Edit) -> None:
    for day in range(3):
        add_note(edit, f"Call {day}", "Asked for a discount", at=CREATED + timedelta(days=day))


async def test_notes_page_newest_first(ask: Ask, workspace: Workspace) -> None:  # R51
    profile = await a_profile(workspace, change=three)
    id = to_public("prf", profile["_id"])
    first = (await ask(NOTES, id=id, first=2))["profile"]["notes"]
    rest = (await ask(NOTES, id=id, after=first["pageInfo"]["endCursor"]))["profile"]["notes"]
    assert [edge["node"]["title"] for edge in first["edges"] + rest["edges"]] == ["Call 2", "Call 1", "Call 0"]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    back = (await ask(NOTES, id=id, last=1, before=rest["pageInfo"]["startCursor"]))["profile"]["notes"]
    assert [edge["node"]["title"] for edge in back["edges"]] == ["Call 1"]
    note = first["edges"][0]["node"]
    at = (CREATED + timedelta(days=2)).isoformat()
    assert (note["text"], note["author"], note["createdAt"], note["updatedAt"]) == (
        "Asked for a discount",
        EVE,
        at,
        at,
    )
    assert (note["version"], note["profile"]) == (1, {"id": id})
    node = await ask("query ($id: ID!) { node(id: $id) { ... on Note { title } } }", id=note["id"])
    assert node["node"] == {"title": "Call 2"}


async def test_notes_are_personal(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace, change=three)
    scopes = frozenset({Scope.PROFILES_READ})
    (error,) = await ask(NOTES, id=to_public("prf", profile["_id"]), scopes=scopes, failing=True)
    assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": "personal:read"}
