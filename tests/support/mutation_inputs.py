"""An input of every mutation that is accepted in the world of the tests."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from tests.support.graph import MUTATIONS

WHEN = "2026-01-01T00:00:00Z"
DEFINITION = {"displayName": "New", "type": "STRING"}
# `$name` stands for the id of something that is there.
INPUTS: dict[str, dict[str, Any]] = {
    "profileCreate": {"firstName": "Ann"},
    "profileUpdate": {"firstName": "Anna"},
    "identifierSet": {"kind": "CUSTOM_ID", "value": "C-9"},
    "identifierUnset": {"kind": "EMAIL"},
    "deviceRegister": {"firebaseId": "fb-9", "platform": "WEB"},
    "deviceUnregister": {"firebaseId": "u-1"},
    "profileAttributesSet": {"attributes": [{"name": "new", "value": {"string": "x"}, "definition": DEFINITION}]},
    "profileAttributesUnset": {"names": ["shade"]},
    "attributeDefinitionCreate": {"name": "new", **DEFINITION},
    "attributeDefinitionUpdate": {"attributeDefinitionId": "$attributeDefinition", "displayName": "Changed"},
    "profileTagsAdd": {"tags": ["new"]},
    "profileTagsRemove": {"tags": ["vip"]},
    "tagCreate": {"name": "new"},
    "tagUpdate": {"tagId": "$tag", "description": "Changed"},
    "tagDelete": {"tagId": "$tag"},
    "profileAgreementsSet": {"subscriptions": [{"channel": "SMS", "status": "DISABLED"}]},
    "noteCreate": {"title": "Called"},
    "noteUpdate": {"noteId": "$note", "title": "Changed"},
    "noteDelete": {"noteId": "$note"},
    "taskCreate": {"title": "Call back"},
    "taskUpdate": {"taskId": "$task", "title": "Changed"},
    "taskComplete": {"taskId": "$task"},
    "taskReopen": {"taskId": "$task"},
    "taskDelete": {"taskId": "$task"},
    "eventCreate": {"action": "page.visit"},
    "eventsCreate": {
        "events": [{"uuid": "e-9", "action": "page.visit", "occurredAt": WHEN, "person": {"customId": "C-9"}}]
    },
    "eventDefinitionSet": {
        "name": "new",
        "displayName": "New",
        "details": [{"name": "Page", "param": "page"}],
    },
}
ONE_OF = ("person", "value")


def filled(mutation: str, ids: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input of a mutation that is accepted."""
    input: dict[str, Any] = {
        key: ids[value[1:]] if isinstance(value, str) and value.startswith("$") else value
        for key, value in INPUTS[mutation].items()
    }
    return (
        {**input, "profileId": ids["profile"]}
        if "profileId" in MUTATIONS[mutation].args["input"].type.of_type.fields
        else input
    )


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
