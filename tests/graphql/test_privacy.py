"""What a credential without `personal:read` sees of a person."""

import json
from datetime import UTC, datetime

import pytest

from storage.attribute_definitions import ensure_definitions
from storage.attributes import AttributeType
from storage.credentials import Scope
from storage.profiles import ProfileDoc
from storage.sources import ChangeSource
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile, add_note, add_task, an_event

HIDDEN = {"before": None, "after": None, "masked": True}
MASKED = frozenset({Scope.PROFILES_READ})
EVERYTHING = """
fragment Card on Profile {
  displayName description header { name location company } personal { firstName lastName birthDate city province }
  contact { email phone } geo { latitude longitude } identities { email phone customId uuids { value } }
  attributes(includeUnset: true) { name display masked value { ... on StringValue { string } } }
  attribute(name: "firstName") { display value { ... on StringValue { string } } }
  attributeValues(names: ["firstName", "birthDate", "city", "undefined", "tier"])
  activity { online events(first: 5) { edges { node { label ip params } } }
             older: events(first: 5, filter: {actions: ["form.submit"]}) { edges { node { label ip params } } } }
  timeline { edges { node { __typename title ... on Event { label ip params }
    ... on ProfileChange { description { before after masked } geo { before { latitude } after { latitude } masked } }
    ... on IdentifierChange { kind before after }
    ... on AttributeChange { edits { name kind before { ...value } after { ...value } masked } }
    ... on NoteChange { was: before { title text } is: after { title text } }
    ... on TaskChange { once: before { title assignee } now: after { title assignee } } } } }
}
fragment value on AttributeValue { ... on StringValue { string } ... on DateValue { date } }
query ($id: ID!, $event: ID!) {
  profile(by: {id: $id}) { ...Card } node(id: $id) { ...Card }
  event: node(id: $event) { ... on Event { label ip params } }
  nodes(ids: [$id]) { ...Card } profiles { edges { node { ...Card } } }
}
"""
SECRETS = ("Ann", "Secretname", "ann", "+4712345678", "Oslo", "1990", "C-77", "Hidden", "192.0.2.7", "59.9", "vip-text")
WRITTEN = ("Secretnote", "Secrettask", "Secretdoer")


async def ann(workspace: Workspace) -> ProfileDoc:
    def change(edit: Edit) -> None:
        edit.set("phone", "+4712345678")
        edit.set("customId", "C-77")
        edit.set("description", "Hidden description")
        edit.set("geo", {"latitude": 59.9, "longitude": 10.7, "measuredAt": CREATED, "source": "SDK"})
        add_note(edit, "Secretnote", at=edit.now)
        add_task(edit, "Secrettask", assignee="Secretdoer")
        edit.set_attribute("birthDate", datetime(1990, 1, 1, tzinfo=UTC), source=ChangeSource.API)

    await ensure_definitions(
        workspace, [{"name": "tier", "displayName": "Tier", "type": AttributeType.STRING}], now=CREATED
    )
    return await a_profile(
        workspace,
        email="ann@example.com",
        firstName="Ann",
        lastName="Secretname",
        city="Oslo",
        undefined="vip-text",
        tier="gold",
        events=[an_event("form.submit", name="Hidden")],
        change=change,
    )


async def test_nothing_personal_leaves_by_any_way(ask: Ask, workspace: Workspace) -> None:  # X5
    profile = await ann(workspace)
    ids = {"id": to_public("prf", profile["_id"]), "event": to_public("evt", profile["recent"][0]["_id"])}
    open_text = json.dumps(await ask(EVERYTHING, **ids))
    assert all(secret in open_text for secret in (*SECRETS, *WRITTEN))
    data = await ask(EVERYTHING, **ids, scopes=MASKED)
    text = json.dumps(data)
    assert [secret for secret in (*SECRETS, *WRITTEN) if secret in text] == []
    card = data["profile"]
    assert card == data["node"] == data["nodes"][0] == data["profiles"]["edges"][0]["node"]
    assert card["displayName"] == card["header"]["name"] == f"Profile {profile['_id'].hex()[-6:]}"
    assert card["contact"] == {"email": "a***@example.com", "phone": "***78"}
    assert card["attribute"] == {"display": "***", "value": None}
    assert card["attributeValues"] == {**dict.fromkeys(("firstName", "birthDate", "city", "undefined")), "tier": "gold"}
    attributes = {attribute["name"]: attribute for attribute in card["attributes"]}
    assert attributes["firstName"] == {"name": "firstName", "display": "***", "masked": True, "value": None}
    assert attributes["undefined"]["masked"] is True
    assert attributes["tier"] == {"name": "tier", "display": "gold", "masked": False, "value": {"string": "gold"}}
    assert attributes["province"]["display"] == "N/A"
    told = {edge["node"]["__typename"]: edge["node"] for edge in card["timeline"]["edges"]}
    assert told["ProfileChange"]["description"] == told["ProfileChange"]["geo"] == HIDDEN
    edits = {edit.pop("name"): edit for edit in told["AttributeChange"]["edits"]}
    for name in ("firstName", "lastName", "city", "undefined", "birthDate"):
        assert edits[name] == {"kind": "CREATED", **HIDDEN}
    assert edits["tier"] == {"kind": "CREATED", "before": None, "after": {"string": "gold"}, "masked": False}
    assert [told["NoteChange"][side] for side in ("was", "is")] == [None, None]
    assert [told["TaskChange"][side] for side in ("once", "now")] == [None, None]
    identifiers = [
        edge["node"] for edge in card["timeline"]["edges"] if edge["node"]["__typename"] == "IdentifierChange"
    ]
    assert {change["kind"]: change["after"] for change in identifiers} == {
        "EMAIL": "a***@example.com",
        "PHONE": "***78",
        "CUSTOM_ID": "***",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        'filter: {search: "ann"}',
        "orderBy: {field: NAME}",
        'filter: {attribute: {name: "firstName", value: {string: "Ann"}}}',
        'filter: {attribute: {name: "firstName", comparison: NOT_EXISTS}}',
        'filter: {not: {attribute: {name: "firstName", value: {string: "Ann"}}}}',
        'filter: {any: [{recognized: true}, {all: [{not: {attribute: {name: "city", comparison: EXISTS}}}]}]}',
        'filter: {any: [{recognized: true}, {not: {search: "ann"}}]}',
    ],
)
async def test_what_is_masked_can_be_neither_filtered_nor_ordered_by(
    ask: Ask, workspace: Workspace, arguments: str
) -> None:  # X5
    await ann(workspace)
    (error,) = await ask(f"{{ profiles({arguments}) {{ edges {{ node {{ id }} }} }} }}", scopes=MASKED, failing=True)
    assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": "personal:read"}
    if arguments.startswith("filter"):
        (error,) = await ask(f"{{ profilesCount({arguments}) {{ count }} }}", scopes=MASKED, failing=True)
        assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": "personal:read"}


async def test_what_is_not_defined_is_told_to_everybody(ask: Ask, workspace: Workspace) -> None:
    await ann(workspace)
    query = '{ profiles(filter: {attribute: {name: "undefined", comparison: EXISTS}}) { edges { cursor } } }'
    for scopes in (MASKED, frozenset(Scope)):
        (error,) = await ask(query, scopes=scopes, failing=True)
        assert error.original_error.extensions == {"code": "BAD_USER_INPUT", "argument": "filter.attribute.name"}


@pytest.mark.parametrize("by", ['email: "ann@example.com"', 'phone: "+4712345678"', 'customId: "C-77"'])
async def test_nor_looked_up_by(ask: Ask, workspace: Workspace, by: str) -> None:  # X5
    await ann(workspace)
    (error,) = await ask(f"{{ profile(by: {{{by}}}) {{ id }} }}", scopes=MASKED, failing=True)
    assert error.original_error.extensions["code"] == "FORBIDDEN"


async def test_what_is_not_personal_can_be_filtered_by(ask: Ask, workspace: Workspace) -> None:
    await ann(workspace)
    query = '{ profiles(filter: {attribute: {name: "tier", value: {string: "gold"}}}) { edges { node { id } } } }'
    data = await ask(query, scopes=MASKED)
    assert len(data["profiles"]["edges"]) == 1
