"""The timeline of a profile: events and changes in one list."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.actors import Actor, ActorKind
from storage.credentials import Scope
from storage.journal import EntryKind
from storage.profiles import AgreementStatus, Channel, ProfileDoc
from storage.setup import prepare_workspace
from storage.sources import ChangeSource
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.edits import edit
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import a_profile, add_note, add_task, an_event

ENTRY = """
  __typename id occurredAt title actor { kind id name onBehalfOf } source
  ... on Event { action ip params }
  ... on ChangeEntry { recordedAt action fields }
  ... on ProfileChange { was: kind description { before after masked } geo { after { latitude } } }
  ... on IdentifierChange { kind before after }
  ... on AttributeChange { edits { name kind before { ...text } after { ...text } masked } }
  ... on TagChange { added removed }
  ... on AgreementChange { channel from: before to: after }
  ... on NoteChange { became: kind noteId note { id title } old: before { title } new: after { title text } }
  ... on TaskChange { became: kind taskId task { id title } once: before { title } now: after { title done } }
"""
TEXT = "fragment text on AttributeValue { ... on StringValue { string } ... on NumberValue { number } }"
TIMELINE = f"""
query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $filter: TimelineFilter) {{
  profile(by: {{id: $id}}) {{
    timeline(first: $first, after: $after, last: $last, before: $before, filter: $filter) {{
      edges {{ node {{ {ENTRY} }} }}
      pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }}
{TEXT}
"""
NODE = f"query ($id: ID!) {{ node(id: $id) {{ id ... on TimelineEntry {{ {ENTRY} }} }} }} {TEXT}"
LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
EVE = Actor(ActorKind.API_KEY, "pgk_desk", "Desk", ChangeSource.API, "Eve")


def of_every_kind(working: Edit) -> None:
    working.set("description", "Collects stamps")
    working.set("email", "ann@example.com")
    working.set_attribute("city", "Oslo", source=ChangeSource.CARD)
    working.add_tag("vip", source=ChangeSource.API)
    working.set_agreement(Channel.EMAIL, AgreementStatus.ENABLED, source=ChangeSource.API)
    add_note(working, "Call", "Asked", at=working.now)
    add_task(working)
    working.add_event(an_event(at=LATER, uuid=working.profile["_id"].hex()))


async def a_life(workspace: Workspace) -> ProfileDoc:
    """Return a profile with an early event, changes of every kind by Eve, an event of tomorrow, and a last change."""
    profile = await a_profile(workspace, events=1)
    await asyncio.sleep(0.002)
    await edit(workspace, profile["_id"], of_every_kind, actor=EVE)
    await asyncio.sleep(0.002)
    outcome = await edit(
        workspace, profile["_id"], lambda it: it.set_attribute("city", None, source=ChangeSource.API), actor=EVE
    )
    assert outcome is not None
    return outcome["profile"]


async def timeline(ask: Ask, profile: ProfileDoc, **arguments: Any) -> Any:
    return (await ask(TIMELINE, id=to_public("prf", profile["_id"]), **arguments))["profile"]["timeline"]


def nodes(page: Any) -> list[Any]:
    return [edge["node"] for edge in page["edges"]]


async def test_events_and_changes_are_one_list(ask: Ask, workspace: Workspace) -> None:  # X2, R65
    profile = await a_life(workspace)
    found = nodes(await timeline(ask, profile))
    assert [node["occurredAt"] for node in found] == sorted((node["occurredAt"] for node in found), reverse=True)
    types = [node["__typename"] for node in found]
    assert (types[:2], types[-2:]) == (["Event", "AttributeChange"], ["ProfileChange", "Event"])
    kinds = ["Agreement", "Attribute", "Identifier", "Note", "Profile", "Tag", "Task"]
    assert sorted(types[2:-2]) == [f"{kind}Change" for kind in kinds]
    made, city = found[-2], found[1]
    assert (made["action"], made["title"], made["fields"]) == ("profile.create", "Profile created", [])
    assert made["actor"] == {"kind": "API_KEY", "id": "tester", "name": "Tester", "onBehalfOf": None}
    assert (city["action"], city["source"], city["title"]) == ("attribute.change", "API", "Changed city")
    assert city["actor"] == {"kind": "API_KEY", "id": "pgk_desk", "name": "Desk", "onBehalfOf": "Eve"}
    assert city["recordedAt"] == city["occurredAt"]
    edit = {"name": "city", "kind": "UPDATED", "before": {"string": "Oslo"}, "after": None, "masked": False}
    assert (city["edits"], city["fields"]) == ([edit], ["attributes.city"])


async def test_each_change_says_what_it_is(ask: Ask, workspace: Workspace) -> None:  # R31, R51
    profile = await a_life(workspace)
    told = {node["__typename"]: node for node in nodes(await timeline(ask, profile))[2:-2]}
    (note,) = await workspace.find("notes", {"profile": profile["_id"]})
    (task,) = await workspace.find("tasks", {"profile": profile["_id"]})
    note_id, task_id = to_public("nte", note["_id"]), to_public("tsk", task["_id"])
    expected: dict[str, dict[str, Any]] = {
        "ProfileChange": {
            "was": "UPDATED",
            "description": {"before": None, "after": "Collects stamps", "masked": False},
            "geo": None,
            "action": "profile.update",
            "title": "Profile updated",
        },
        "IdentifierChange": {"kind": "EMAIL", "before": None, "after": "ann@example.com", "title": "Email added"},
        "TagChange": {"added": ["vip"], "removed": [], "title": "Added vip", "action": "tag.change"},
        "AgreementChange": {"channel": "EMAIL", "from": "NOT_SET", "to": "ENABLED", "fields": ["agreements.EMAIL"]},
        "NoteChange": {
            "became": "CREATED",
            "noteId": note_id,
            "note": {"id": note_id, "title": "Call"},
            "old": None,
            "new": {"title": "Call", "text": "Asked"},
            "fields": [f"notes.{note_id}"],
            "action": "note.create",
            "title": "Note created",
        },
        "TaskChange": {
            "became": "CREATED",
            "taskId": task_id,
            "task": {"id": task_id, "title": "Call back"},
            "once": None,
            "now": {"title": "Call back", "done": False},
            "action": "task.create",
        },
    }
    for type, fields in expected.items():
        assert {name: told[type][name] for name in fields} == fields, type


@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_pages_meet_every_entry_once_both_ways(ask: Ask, workspace: Workspace, size: int) -> None:  # X2
    profile = await a_life(workspace)
    everything = [node["id"] for node in nodes(await timeline(ask, profile, first=100))]
    assert len(everything) == len(set(everything)) == 11
    there: list[str] = []
    after, more = None, True
    while more:
        page = await timeline(ask, profile, first=size, after=after)
        there += [node["id"] for node in nodes(page)]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    back: list[str] = []
    before, more = None, True
    while more:
        page = await timeline(ask, profile, last=size, before=before)
        back = [node["id"] for node in nodes(page)] + back
        before, more = page["pageInfo"]["startCursor"], page["pageInfo"]["hasPreviousPage"]
    assert there == back == everything


async def test_cursors_stay_where_they_are_when_more_happens(ask: Ask, workspace: Workspace) -> None:  # X2
    profile = await a_life(workspace)
    everything = [node["id"] for node in nodes(await timeline(ask, profile))]
    first = await timeline(ask, profile, first=3)
    await edit(workspace, profile["_id"], lambda it: it.set("description", "Sold them"), actor=EVE)
    rest = await timeline(ask, profile, after=first["pageInfo"]["endCursor"])
    new = {node["id"] for node in nodes(await timeline(ask, profile))} - set(everything)
    assert [node["id"] for node in nodes(rest) if node["id"] not in new] == everything[3:]


async def test_kinds_and_times_narrow_it(ask: Ask, workspace: Workspace) -> None:
    profile = await a_life(workspace)
    everything = nodes(await timeline(ask, profile))
    some = nodes(await timeline(ask, profile, filter={"kinds": ["TAG", "ATTRIBUTE"]}))
    assert some == [node for node in everything if node["__typename"] in ("TagChange", "AttributeChange")]
    assert len(some) == 3
    actions = {"actions": ["tag.change", "page.visit"]}
    of_them = [node for node in everything if node["action"] in actions["actions"]]
    assert nodes(await timeline(ask, profile, filter=actions)) == of_them
    assert len(of_them) == 3
    assert nodes(await timeline(ask, profile, filter={**actions, "kinds": ["TAG"]})) == [of_them[1]]
    assert nodes(await timeline(ask, profile, filter={})) == everything
    made = everything[-2]["occurredAt"]
    recent = {"from": made, "to": LATER.isoformat()}
    assert nodes(await timeline(ask, profile, filter={"occurred": recent})) == everything[1:-1]
    assert [node["__typename"] for node in nodes(await timeline(ask, profile, filter={"occurred": {"to": made}}))] == [
        "Event"
    ]
    assert nodes(await timeline(ask, profile, filter={"kinds": ["EVENT"], "occurred": recent})) == []


async def test_entries_are_found_by_their_ids(ask: Ask, workspace: Workspace) -> None:
    other = await prepare_workspace(workspace.database, f"{workspace.id}-other", name="Other")
    for entry in nodes(await timeline(ask, await a_life(workspace))):
        assert (await ask(NODE, id=entry["id"]))["node"] == entry
        assert (await ask(NODE, id=entry["id"], of=other))["node"] is None
        prefix, key = entry["id"].split("_")
        swapped = {"chg": "evt", "evt": "chg"}[prefix]
        assert (await ask(NODE, id=f"{swapped}_{key}"))["node"] is None


async def test_values_are_personal(ask: Ask, workspace: Workspace) -> None:  # X5
    profile = await a_life(workspace)
    scopes = frozenset({Scope.PROFILES_READ})
    found = nodes(await timeline(ask, profile, scopes=scopes))
    assert len(found) == 11
    assert {(node.get("note"), node.get("task")) for node in found} == {(None, None)}
    for node in found:
        if node["__typename"] == "Event":
            assert (node["ip"], node["params"]) == (None, {})
        elif node["__typename"] not in ("TagChange", "AgreementChange"):
            assert node["fields"] != [] or node["action"] == "profile.create"
    assert "ann@example.com" not in repr(found)
    assert "a***@example.com" in repr(found)
    assert "Collects" not in repr(found)
    assert "Oslo" not in repr(found)
    assert "Asked" not in repr(found)
    (tag,) = (node for node in found if node["__typename"] == "TagChange")
    assert tag["added"] == ["vip"]
    assert all(edit["masked"] for node in found for edit in node.get("edits", ()))
    (error,) = await ask(TIMELINE, id=to_public("prf", profile["_id"]), scopes=frozenset(), failing=True)
    assert error.original_error.extensions["code"] == "FORBIDDEN"


async def test_every_kind_of_entry_has_its_type(ask: Ask) -> None:
    known = await ask('{ __type(name: "TimelineEntry") { possibleTypes { name } } }')
    types = {kind["name"] for kind in known["__type"]["possibleTypes"]}
    assert types == {"Event"} | {f"{kind.capitalize()}Change" for kind in EntryKind if kind != EntryKind.EVENT}


async def test_an_odd_cursor_is_told(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    (error,) = await ask(TIMELINE, id=to_public("prf", profile["_id"]), after="x", failing=True)
    assert error.original_error.extensions["argument"] == "after"


@pytest.mark.parametrize(
    ("filter", "argument"),
    [
        ({"kinds": []}, "filter.kinds"),
        ({"actions": []}, "filter.actions"),
        ({"actions": ["x"] * 51}, "filter.actions"),
        ({"occurred": {}}, "filter.occurred"),
        ({"occurred": {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}}, "filter.occurred"),
    ],
)
async def test_a_filter_that_can_not_be_meant_is_told(
    ask: Ask, workspace: Workspace, filter: dict[str, Any], argument: str
) -> None:
    profile = await a_profile(workspace)
    (error,) = await ask(TIMELINE, id=to_public("prf", profile["_id"]), filter=filter, failing=True)
    assert error.original_error.extensions == {"code": "BAD_USER_INPUT", "argument": argument}
