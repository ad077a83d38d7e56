"""An input of every mutation that is accepted, and what has to be there for it."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from schema import schema
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.tags import TagSource
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import a_profile, a_task

World = Mapping[str, str]

WHEN = "2026-01-01T00:00:00Z"
DEFINITION = {"displayName": "New", "type": "STRING"}
# An input that is accepted; `$name` stands for the id of something that is there.
INPUTS: dict[str, dict[str, Any]] = {
    "profileCreate": {"firstName": "Ann"},
    "profileUpdate": {"firstName": "Ann"},
    "identifierSet": {"kind": "CUSTOM_ID", "value": "C-9"},
    "identifierUnset": {"kind": "EMAIL"},
    "deviceRegister": {"firebaseId": "fb-9", "platform": "WEB"},
    "deviceUnregister": {"firebaseId": "fb-1"},
    "attributeSet": {"attributes": [{"name": "new", "value": {"string": "x"}, "definition": DEFINITION}]},
    "attributeUnset": {"names": ["city"]},
    "attributeDefinitionCreate": {"name": "new", **DEFINITION},
    "attributeDefinitionUpdate": {"attributeDefinitionId": "$definition", "displayName": "Changed"},
    "tagAdd": {"tags": ["new"]},
    "tagRemove": {"tags": ["silver"]},
    "tagCreate": {"name": "new"},
    "tagUpdate": {"tagId": "$tag", "description": "Changed"},
    "tagDelete": {"tagId": "$tag"},
    "subscriptionSet": {"subscriptions": [{"channel": "SMS", "status": "ENABLED"}]},
    "noteAdd": {"title": "Called"},
    "noteUpdate": {"noteId": "$note", "title": "Changed"},
    "noteDelete": {"noteId": "$note"},
    "taskAdd": {"title": "Call back"},
    "taskUpdate": {"taskId": "$task", "title": "Changed"},
    "taskComplete": {"taskId": "$task"},
    "taskReopen": {"taskId": "$task"},
    "taskDelete": {"taskId": "$task"},
    "eventAdd": {"action": "page.visit"},
    "eventsAdd": {
        "events": [{"uuid": "e-9", "action": "page.visit", "occurredAt": WHEN, "person": {"customId": "C-9"}}]
    },
    "eventDefinitionSet": {
        "name": "new",
        "displayName": "New",
        "details": [{"name": "Page", "param": "page"}],
    },
}
ONE_OF = ("person", "value")


async def a_world(workspace: Workspace, ask: Ask) -> World:
    """Make something of each sort, and return the ids by name."""
    made: dict[str, Any] = {}

    def fill(working: Edit) -> None:
        working.set_custom_id("C-1")
        working.add_tag("silver", source=TagSource.USER)
        at = working.now
        working.add_firebase_id({"value": "fb-1", "platform": "WEB", "uuid": None, "firstSeenAt": at, "lastSeenAt": at})
        made["note"] = working.add_note("Called", "", author="Eve", at=at)
        made["task"] = working.put("tasks", None, a_task(working))

    profile = await a_profile(workspace, email="a@example.com", change=fill, city="Oslo")
    ids = {"profile": to_public("prf", profile["_id"])}
    ids |= {name: to_public(prefix, made[name]["_id"]) for name, prefix in (("note", "nte"), ("task", "tsk"))}
    answer = await ask(
        """mutation { tag: tagCreate(input: {name: "gold"}) { tag { id } }
        words: attributeDefinitionCreate(input: {name: "words", displayName: "Words", type: ARRAY}) {
          definition: attributeDefinition { id } } }"""
    )
    return ids | {"tag": answer["tag"]["tag"]["id"], "definition": answer["words"]["definition"]["id"]}


def filled(mutation: str, world: World) -> dict[str, Any]:
    """Return the input of a mutation that is accepted."""
    input: dict[str, Any] = {
        key: world[value[1:]] if isinstance(value, str) and value.startswith("$") else value
        for key, value in INPUTS[mutation].items()
    }
    return (
        {**input, "profileId": world["profile"]}
        if "profileId" in mutations()[mutation].args["input"].type.of_type.fields
        else input
    )


def mutations() -> dict[str, Any]:
    found = schema._schema.mutation_type
    assert found is not None
    return dict(found.fields)


def changed(input: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return an input with another value at a path; of what is one of several, the others go."""
    made: dict[str, Any] = put(deepcopy(dict(input)), path.split("."), value)
    return made


def put(holder: Any, steps: Sequence[str], value: Any) -> Any:
    if not steps:
        return value
    step, *rest = steps
    if step.isdigit():
        return [put(holder[0] if holder else None, rest, value)]
    known = holder or {}
    inner = None if step in ONE_OF else known.get(step)
    return {**known, step: put(inner, rest, value)}
