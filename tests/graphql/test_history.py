"""The history of one field, and a profile as of a moment."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from storage.actors import Actor, ActorKind
from storage.credentials import Scope
from storage.profiles import AgreementStatus, Channel, ProfileDoc
from storage.sources import ChangeSource
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.edits import edit
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile, add_note

HISTORY = """
query ($id: ID!, $field: String!, $first: Int, $after: String, $last: Int, $before: String) {
  profile(by: {id: $id}) { history(field: $field, first: $first, after: $after, last: $last, before: $before) {
    edges { node { __typename id occurredAt recordedAt fields actor { id onBehalfOf } source
      ... on ProfileChange { description { before after masked } }
      ... on IdentifierChange { before after }
      ... on AttributeChange { edits { name before { ...plain } after { ...plain } masked } }
      ... on TagChange { added removed }
      ... on AgreementChange { from: before to: after }
      ... on NoteChange { new: after { title } } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }
fragment plain on AttributeValue { ... on StringValue { string } ... on NumberValue { number } }
"""
AS_OF = """
query ($id: ID!, $at: DateTime) { profile(by: {id: $id}, asOf: $at) {
  displayName recognized description version createdAt contact { email } personal { city } tags { name }
  attributes { name display } subscriptions { channel status } notes { edges { node { title } } }
  activity { lastActivityAt events { totalCount } } } }
"""
EVE = Actor(ActorKind.API_KEY, "pgk_desk", "Desk", ChangeSource.API, "Eve")
CITIES = ("Oslo", "Bergen", "Tromsø")


def at_home(city: str, number: int) -> Any:
    def change(working: Edit) -> None:
        working.set_attribute("city", city, source=ChangeSource.API)
        working.set_attribute("city.zip", number, source=ChangeSource.API)
        working.set("email", f"{working.profile['_id'].hex()}-{number}@example.com")
        working.add_tag(f"tag {number}", source=ChangeSource.API)
        working.set_agreement(Channel.EMAIL, list(AgreementStatus)[number + 1], source=ChangeSource.API)
        working.set("description", f"Lives in {city}")
        add_note(working, f"Moved to {city}", "", at=working.now)

    return change


async def a_mover(workspace: Workspace) -> ProfileDoc:
    profile = await a_profile(workspace, firstName="Ann", events=2)
    for number, city in enumerate(CITIES):
        await asyncio.sleep(0.002)
        outcome = await edit(workspace, profile["_id"], at_home(city, number), actor=EVE)
        assert outcome is not None
        profile = outcome["profile"]
    return profile


async def history(ask: Ask, profile: ProfileDoc, field: str, **arguments: Any) -> Any:
    data = await ask(HISTORY, id=to_public("prf", profile["_id"]), field=field, **arguments)
    return data["profile"]["history"]


def nodes(page: Any) -> list[Any]:
    return [edge["node"] for edge in page["edges"]]


def edits(found: list[Any], name: str) -> list[Any]:
    return [edit for node in found for edit in node["edits"] if edit["name"] == name]


async def test_each_change_of_a_field_newest_first(ask: Ask, workspace: Workspace) -> None:  # X3
    profile = await a_mover(workspace)
    found = nodes(await history(ask, profile, "attributes.city"))
    cities = edits(found, "city")
    assert [edit["after"]["string"] for edit in cities] == list(reversed(CITIES))
    assert [edit["before"] and edit["before"]["string"] for edit in cities] == ["Bergen", "Oslo", None]
    assert [node["actor"] for node in found] == [{"id": "pgk_desk", "onBehalfOf": "Eve"}] * 3
    assert {node["source"] for node in found} == {"API"}
    assert {*found[0]["fields"]} == {"attributes.city", "attributes.city.zip"}
    node = await ask("query ($id: ID!) { node(id: $id) { __typename id } }", id=found[0]["id"])
    assert node["node"] == {"__typename": "AttributeChange", "id": found[0]["id"]}


VALUES: dict[str, Any] = {
    "description": lambda node: node["description"]["after"],
    "attributes.city.zip": lambda node: edits([node], "city.zip")[0]["after"]["number"],
    "agreements.EMAIL": lambda node: node["to"],
    "tags.tag 1": lambda node: node["added"],
}


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("description", ["Lives in Tromsø", "Lives in Bergen", "Lives in Oslo"]),
        ("attributes.city.zip", [2, 1, 0]),
        ("agreements.EMAIL", ["CONFIRMATION", "DISABLED", "ENABLED"]),
        ("tags.tag 1", [["tag 1"]]),
        ("tags.none", []),
        ("phone", []),
        ("uuids.none", []),
    ],
)
async def test_every_field_has_its_history(ask: Ask, workspace: Workspace, field: str, values: list[Any]) -> None:
    profile = await a_mover(workspace)
    found = nodes(await history(ask, profile, field))
    assert [VALUES[field](node) for node in found] == values


async def test_what_stands_beside_it_has_its_history_by_its_id(ask: Ask, workspace: Workspace) -> None:
    profile = await a_mover(workspace)
    notes = await workspace.find("notes", {"profile": profile["_id"]})
    for note in notes:
        field = f"notes.{to_public('nte', note['_id'])}"
        (node,) = nodes(await history(ask, profile, field))
        assert (node["fields"], node["new"]) == ([field], {"title": note["title"]})
    (error,) = await ask(HISTORY, id=to_public("prf", profile["_id"]), field="agreements.email", failing=True)
    assert error.original_error.extensions == {"code": "BAD_USER_INPUT", "argument": "field"}
    for field in (f"notes.{notes[0]['_id'].hex()}", f"notes.{to_public('tsk', notes[0]['_id'])}", "tasks.nonsense"):
        (error,) = await ask(HISTORY, id=to_public("prf", profile["_id"]), field=field, failing=True)
        assert error.original_error.extensions["code"] == "NOT_FOUND"


async def test_a_history_pages_both_ways(ask: Ask, workspace: Workspace) -> None:  # X3
    profile = await a_mover(workspace)
    everything = nodes(await history(ask, profile, "email"))
    first = await history(ask, profile, "email", first=2)
    rest = await history(ask, profile, "email", after=first["pageInfo"]["endCursor"])
    assert (nodes(first) + nodes(rest), len(everything)) == (everything, 3)
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    back = await history(ask, profile, "email", last=1, before=rest["pageInfo"]["startCursor"])
    assert nodes(back) == everything[1:2]


@pytest.mark.parametrize("field", ["", ".", "city", "attributes", "attributes.", "email.x", "version", "recent.0"])
async def test_what_is_no_field_is_told(ask: Ask, workspace: Workspace, field: str) -> None:
    profile = await a_profile(workspace)
    (error,) = await ask(HISTORY, id=to_public("prf", profile["_id"]), field=field, failing=True)
    assert error.original_error.extensions == {"code": "BAD_USER_INPUT", "argument": "field"}


async def test_history_shows_no_personal_values(ask: Ask, workspace: Workspace) -> None:  # X5
    profile = await a_mover(workspace)
    scopes = frozenset({Scope.PROFILES_READ})
    hidden = edits(nodes(await history(ask, profile, "attributes.city", scopes=scopes)), "city")
    assert [(edit["before"], edit["after"], edit["masked"]) for edit in hidden] == [(None, None, True)] * 3
    open = nodes(await history(ask, profile, "agreements.EMAIL", scopes=scopes))
    assert [node["to"] for node in open] == ["CONFIRMATION", "DISABLED", "ENABLED"]
    (email, *_) = nodes(await history(ask, profile, "email", scopes=scopes))
    assert email["after"].endswith("***@example.com")


async def as_of(ask: Ask, profile: ProfileDoc, at: str | None, **options: Any) -> Any:
    return (await ask(AS_OF, id=to_public("prf", profile["_id"]), at=at, **options))["profile"]


async def test_a_profile_as_of_a_moment(ask: Ask, workspace: Workspace) -> None:  # X3
    profile = await a_mover(workspace)
    now = await as_of(ask, profile, None)
    moves = nodes(await history(ask, profile, "attributes.city"))
    assert await as_of(ask, profile, moves[0]["recordedAt"]) == now
    assert await as_of(ask, profile, "2999-01-01T00:00:00Z") == now
    then = await as_of(ask, profile, moves[2]["recordedAt"])
    assert then == {
        **now,
        "description": "Lives in Oslo",
        "version": 2,
        "contact": {"email": f"{profile['_id'].hex()}-0@example.com"},
        "personal": {"city": "Oslo"},
        "tags": [{"name": "tag 0"}],
        "attributes": [
            {"name": "city", "display": "Oslo"},
            {"name": "city.zip", "display": "0"},
            {"name": "firstName", "display": "Ann"},
        ],
        "subscriptions": [{"channel": "EMAIL", "status": "ENABLED"}, *now["subscriptions"][1:]],
    }
    assert len(then["notes"]["edges"]) == 3
    before_all = (datetime.fromisoformat(moves[2]["recordedAt"]) - timedelta(milliseconds=1)).isoformat()
    made = await as_of(ask, profile, before_all)
    assert (made["version"], made["recognized"], made["contact"], made["tags"]) == (1, False, {"email": None}, [])


async def test_before_it_was_made_there_is_no_profile(ask: Ask, workspace: Workspace) -> None:  # X3
    profile = await a_mover(workspace)
    for at in (CREATED.isoformat(), "0001-01-01T00:00:00Z"):
        assert await as_of(ask, profile, at) is None
    assert (await ask(AS_OF, id=to_public("prf", bytes(16)), at=CREATED.isoformat()))["profile"] is None
    assert await as_of(ask, profile, "9999-12-31T23:59:59.999999Z") is not None


async def test_the_past_is_masked_like_the_present(ask: Ask, workspace: Workspace) -> None:  # X5
    profile = await a_mover(workspace)
    query = "query ($id: ID!, $at: DateTime) { profile(by: {id: $id}, asOf: $at) { displayName contact { email } } }"
    at = nodes(await history(ask, profile, "email"))[1]["recordedAt"]
    scopes = frozenset({Scope.PROFILES_READ})
    found = (await ask(query, id=to_public("prf", profile["_id"]), at=at, scopes=scopes))["profile"]
    assert "***@example.com" in found["contact"]["email"]
    assert "Ann" not in found["displayName"]
