"""Arguments of every mutation that are accepted in the world of the tests."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from tests.support.graph import MUTATIONS

WHEN = "2026-01-01T00:00:00Z"
DEFINITION = {"displayName": "New", "type": "STRING"}
SHOPPED = {"actions": ["page.visit"], "filters": [{"param": "page", "value": {"string": "x"}}]}
VISITS = {"title": "Visits", "kind": "FIGURE", "query": SHOPPED}
# Widgets that have what others have not, by the name of it.
OTHER_WIDGETS: dict[str, dict[str, Any]] = {
    "by": {**VISITS, "kind": "BREAKDOWN", "by": "page"},
    "columns": {**VISITS, "kind": "TABLE", "columns": ["page"]},
    "aggregate": {"title": "Pages", "kind": "ANALYSIS", "aggregate": "pages"},
}
# The inputs of those that have one.
INPUTS: dict[str, dict[str, Any]] = {
    "profileCreate": {"firstName": "Ann"},
    "profileUpdate": {"firstName": "Anna"},
    "profileTagsAdd": {"tags": ["new"]},
    "profileTagsRemove": {"tags": ["vip"]},
    "profileAttributesSet": {"attributes": [{"name": "new", "value": {"string": "x"}, "definition": DEFINITION}]},
    "profileAttributesUnset": {"names": ["shade"]},
    "profileAgreementsSet": {"agreements": [{"channel": "SMS", "status": "DISABLED"}]},
    "deviceRegister": {"firebaseId": "fb-9", "platform": "WEB"},
    "deviceUnregister": {"firebaseId": "u-1"},
    "attributeDefinitionCreate": {"name": "new", **DEFINITION},
    "attributeDefinitionUpdate": {"displayName": "Changed"},
    "tagCreate": {"name": "new"},
    "tagUpdate": {"description": "Changed"},
    "noteCreate": {"title": "Called"},
    "noteUpdate": {"title": "Changed"},
    "taskCreate": {"title": "Call back"},
    "taskUpdate": {"title": "Changed"},
    "eventCreate": {"action": "page.visit"},
    "eventsCreate": {
        "events": [{"uuid": "e-9", "action": "page.visit", "occurredAt": WHEN, "person": {"customId": "C-9"}}]
    },
    "importCreate": {
        "format": "NDJSON",
        "content": '{"mail": "a@example.com"}',
        "columns": [{"column": "mail", "field": "email"}],
    },
    "eventDefinitionCreate": {
        "name": "new",
        "displayName": "New",
        "details": [{"name": "Page", "param": "page"}],
    },
    "aggregateCreate": {"name": "new", "displayName": "New", "function": "COUNT", **SHOPPED},
    "aggregateUpdate": {"displayName": "Changed", **SHOPPED},
    "statisticsSettingsUpdate": {
        "weekStart": "SUNDAY",
        "params": {"amount": "total"},
        "figures": [{"figure": "CHARGED", **SHOPPED}],
    },
    "dashboardCreate": {"name": "new", "displayName": "New", "widgets": [VISITS]},
    "dashboardUpdate": {"displayName": "Changed", "widgets": [VISITS]},
    "dashboardCopy": {"name": "new"},
    "eventDefinitionUpdate": {"displayName": "Changed", "details": [{"name": "Path", "param": "path"}]},
}
# What the ids of others are of, by the name of the mutation; else the noun that the name begins with.
UNUSED = {"attributeDefinitionDelete": "unusedAttributeDefinition"}
ONE_OF = ("person", "value")


def noun_of(mutation: str, kinds: Sequence[str]) -> str:
    """Return the kind of the thing that the `id` of a mutation is of: the longest that its name begins with."""
    named = {kind: kind if kind != "aggregateDefinition" else "aggregate" for kind in kinds}
    return max((kind for kind, name in named.items() if mutation.startswith(name)), key=len)


def filled(mutation: str, ids: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments of a mutation that are accepted."""
    arguments: dict[str, Any] = {"input": deepcopy(INPUTS[mutation])} if mutation in INPUTS else {}
    if "id" in MUTATIONS[mutation].args:
        arguments["id"] = ids[UNUSED.get(mutation) or noun_of(mutation, [*ids])]
    if "profileId" in MUTATIONS[mutation].args:
        arguments["profileId"] = ids["profile"]
    return arguments


def with_widget(arguments: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """Return arguments with the widget that may have what is at a path."""
    others = [widget for name, widget in OTHER_WIDGETS.items() if path.startswith(f"input.widgets.0.{name}")]
    return changed(arguments, "input.widgets.0", others[0]) if others else arguments


def changed(arguments: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return arguments with another value at a path; of what is one of several, the others go."""
    made: dict[str, Any] = put(deepcopy(dict(arguments)), path.split("."), value)
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
