"""Typed changes: what each kind says, and that all of them can be found again."""

from typing import Any

import pytest

from storage.credentials import Scope
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile
from tests.support.mutating import CHANGES, VALUE, changed_fields, mutate

EVERY_KIND = ("Profile", "Identifier", "Attribute", "Tag", "Agreement", "Note", "Task")
TOLD = CHANGES.removeprefix("changes {")
TIMELINE = f"""query ($id: ID!) {{ profile(by: {{id: $id}}) {{ timeline(first: 50) {{ edges {{ node {{
  title occurredAt source actor {{ kind }} ... on ChangeEntry {{ {TOLD} }} }} }} }} }} {VALUE}"""
LED_TO = """query ($id: ID!) { profile(by: {id: $id}) { timeline { edges { node { id
  ... on NoteChange { note { id title profile { id } } }
  ... on TaskChange { task { id done profile { id } } } } } } } }"""


async def everything(ask: Ask, workspace: Workspace) -> tuple[str, list[Any]]:
    """Return the id of a profile of which everything was changed, and the changes as the mutations told them."""
    id = to_public("prf", (await a_profile(workspace))["_id"])
    told: list[Any] = []
    for name, given in (
        ("profileUpdate", {"id": id, "description": "Tall", "email": "ann@example.com", "phone": "+4740000000"}),
        ("profileUpdate", {"id": id, "description": None, "customId": "C-1", "firstName": "Ann"}),
        ("deviceRegister", {"profileId": id, "firebaseId": "a token", "platform": "WEB", "uuid": "uuid.1"}),
        ("profileTagsAdd", {"id": id, "tags": ["vip", "a.b"]}),
        ("profileTagsRemove", {"id": id, "tags": ["vip"]}),
        ("profileAgreementsSet", {"id": id, "agreements": [{"channel": "SMS", "status": "ENABLED"}]}),
        ("noteCreate", {"profileId": id, "title": "Call"}),
        ("taskCreate", {"profileId": id, "title": "Call back"}),
    ):
        answer = await mutate(ask, name, {**given, "onBehalfOf": "Eve"}, selecting="__typename")
        assert answer["userErrors"] == []
        told += answer["changes"]
    return id, told


async def listed(ask: Ask, id: str, query: str = TIMELINE, **how: Any) -> list[Any]:
    return [edge["node"] for edge in (await ask(query, id=id, **how))["profile"]["timeline"]["edges"]]


async def test_payloads_and_timeline_tell_the_same(ask: Ask, workspace: Workspace) -> None:  # X2
    id, told = await everything(ask, workspace)
    shown = {node["id"]: node for node in await listed(ask, id)}
    assert {change["__typename"] for change in told} == {f"{kind}Change" for kind in EVERY_KIND}
    for change in told:
        node = shown.pop(change["id"])
        assert node == {**node, **change, "actor": {"kind": "API_KEY", **change["actor"]}}
        assert node["actor"] == {"kind": "API_KEY", "id": "pgk_test", "name": "Test", "onBehalfOf": "Eve"}
        assert (node["source"], node["occurredAt"]) == ("CARD", node["recordedAt"])
        assert node["title"]
    (made,) = shown.values()  # by the test itself, before the first mutation
    assert (made["action"], made["fields"]) == ("profile.create", [])


async def test_titles_say_what_was_changed(ask: Ask, workspace: Workspace) -> None:
    id, _ = await everything(ask, workspace)
    assert {node["title"] for node in await listed(ask, id)} == {
        *("Profile created", "Profile updated", "Email added", "Phone added", "Custom id added", "UUID added"),
        *("Device added", "Changed firstName", "Changed snrs_has_web_push_devices", "Added vip, a.b", "Removed vip"),
        *("SMS enabled", "Note created", "Task created"),
    }


async def test_every_change_is_found_by_its_id_and_by_each_of_its_fields(ask: Ask, workspace: Workspace) -> None:  # X3
    id, told = await everything(ask, workspace)
    ids = [change["id"] for change in told]
    assert len({*ids}) == len(ids)
    found = (await ask("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids))["nodes"]
    assert found == [{key: change[key] for key in ("__typename", "id")} for change in told]
    query = """query ($id: ID!, $field: String!) { profile(by: {id: $id}) { history(field: $field) {
      edges { node { __typename id } } } } }"""
    fields = {field for change in told for field in change["fields"]}
    assert {"description", "email", "uuids.uuid.1", "firebaseIds.a token", "tags.a.b", "agreements.SMS"} < fields
    for field in fields:
        edges = (await ask(query, id=id, field=field))["profile"]["history"]["edges"]
        named = [change["id"] for change in told if field in change["fields"]]
        assert [edge["node"]["id"] for edge in edges] == named[::-1], field


async def test_a_change_leads_to_what_it_tells_of_as_it_is_now(ask: Ask, workspace: Workspace) -> None:
    id = to_public("prf", (await a_profile(workspace))["_id"])
    note = (await mutate(ask, "noteCreate", {"profileId": id, "title": "Call"}, selecting="note { id }"))["note"]["id"]
    task = (await mutate(ask, "taskCreate", {"profileId": id, "title": "Call"}, selecting="task { id }"))["task"]["id"]
    await mutate(ask, "noteUpdate", {"id": note, "title": "Letter"}, selecting="__typename")
    await mutate(ask, "taskComplete", {"id": task}, selecting="__typename")
    shown = await listed(ask, id, LED_TO)
    about = {"profile": {"id": id}}
    assert [node["note"] for node in shown if "note" in node] == [{"id": note, "title": "Letter", **about}] * 2
    assert [node["task"] for node in shown if "task" in node] == [{"id": task, "done": True, **about}] * 2
    masked = await ask(LED_TO, id=id, scopes=frozenset({Scope.PROFILES_READ}))
    nodes = [edge["node"] for edge in masked["profile"]["timeline"]["edges"]]
    assert [node[kind] for node in nodes for kind in ("note", "task") if kind in node] == [None] * 4
    await mutate(ask, "noteDelete", {"id": note}, selecting="__typename")
    await mutate(ask, "taskDelete", {"id": task}, selecting="__typename")
    shown = await listed(ask, id, LED_TO)
    assert [node[kind] for node in shown for kind in ("note", "task") if kind in node] == [None] * 6


GOLD, SILVER = ({"__typename": "StringValue", "string": text} for text in ("gold", "silver"))


@pytest.mark.parametrize(
    ("values", "edits"),
    [
        (({"string": "gold"}, {"string": "silver"}), [("CREATED", None, GOLD), ("UPDATED", GOLD, SILVER)]),
        ((None, {"string": "gold"}), [("CREATED", None, None), ("UPDATED", None, GOLD)]),
        (({"string": "gold"}, None), [("CREATED", None, GOLD), ("UPDATED", GOLD, None)]),
        (({"string": "gold"}, "unset"), [("CREATED", None, GOLD), ("DELETED", GOLD, None)]),
        ((None, "unset"), [("CREATED", None, None), ("DELETED", None, None)]),
    ],
)
async def test_an_edit_tells_unset_from_null(
    ask: Ask, workspace: Workspace, values: tuple[Any, ...], edits: list[tuple[str, Any, Any]]
) -> None:  # R22
    id = to_public("prf", (await a_profile(workspace))["_id"])
    told = []
    for value in values:
        if value == "unset":
            name, given = "profileAttributesUnset", {"id": id, "names": ["tier"]}
        else:
            definition = {"displayName": "Tier", "type": "STRING"}
            name, given = "profileAttributesSet", {"id": id, "attributes": [{"name": "tier", "value": value}]}
            if not told:
                given["attributes"] = [{"name": "tier", "value": value, "definition": definition}]
        answer = await mutate(ask, name, given, selecting="__typename")
        assert answer["userErrors"] == []
        told += [edit for change in answer["changes"] for edit in change["edits"]]
    assert [(edit["kind"], edit["before"], edit["after"]) for edit in told] == edits
    assert {(edit["name"], edit["masked"]) for edit in told} == {("tier", False)}


async def test_a_location_is_told_with_what_it_was(ask: Ask, workspace: Workspace) -> None:
    def track(edit: Edit) -> None:
        edit.set("geo", {"latitude": 59.9, "longitude": 10.7, "measuredAt": CREATED, "source": "SDK"})
        edit.set("description", "Tall")

    id = to_public("prf", (await a_profile(workspace, change=track))["_id"])
    query = """query ($id: ID!) { profile(by: {id: $id}) { timeline { edges { node { id ... on ProfileChange {
      kind fields geo { before { latitude } after { latitude longitude source } masked } } } } } } }"""
    (made,) = await listed(ask, id, query)
    assert (made["kind"], sorted(made["fields"])) == ("CREATED", ["description", "geo"])
    after = {"latitude": 59.9, "longitude": 10.7, "source": "SDK"}
    assert made["geo"] == {"before": None, "after": after, "masked": False}
    (hidden,) = await listed(ask, id, query, scopes=frozenset({Scope.PROFILES_READ}))
    assert hidden == {**made, "geo": {"before": None, "after": None, "masked": True}}


async def test_tags_and_agreements_are_open_to_all_who_read_profiles(ask: Ask, workspace: Workspace) -> None:  # X5
    id = to_public("prf", (await a_profile(workspace))["_id"])
    scopes = frozenset({Scope.PROFILES_WRITE})
    tagged = await mutate(ask, "profileTagsAdd", {"id": id, "tags": ["vip"]}, selecting="__typename", scopes=scopes)
    assert [(change["added"], change["removed"]) for change in tagged["changes"]] == [(["vip"], [])]
    agreements = [{"channel": channel, "status": "ENABLED"} for channel in ("SMS", "WHATSAPP")]
    given = {"id": id, "agreements": agreements}
    agreed = await mutate(ask, "profileAgreementsSet", given, selecting="__typename", scopes=scopes)
    assert sorted(changed_fields(agreed)) == ["agreements.SMS", "agreements.WHATSAPP"]
    (sms,) = [change for change in agreed["changes"] if change["channel"] == "SMS"]
    assert (sms["channel"], sms["from"], sms["to"]) == ("SMS", "NOT_SET", "ENABLED")
