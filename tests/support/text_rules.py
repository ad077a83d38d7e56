"""The rule of each text and of each list in the arguments of each mutation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLInputObjectType, GraphQLList, GraphQLScalarType, get_nullable_type

from storage.store.refusals import UserErrorCode
from tests.support.graph import MUTATIONS

BREAKS = "\0\r\n\u2028\u2029"
TEXTUAL = {"String", "ID", "JSON"}
# Inputs that are checked in one place, whoever takes them.
OF_THEIR_OWN = {"ProfileCondition"}


@dataclass(frozen=True, slots=True)
class Rule:
    """What a text must not hold, how long it may be, and how anything odd is refused where it is only looked up."""

    forbidden: str = ""
    longest: int | None = None
    otherwise: UserErrorCode | None = None


IDENTIFIER = Rule(BREAKS + "\u00ad\U0001f600\U0010ffff", 254)  # R15
UUID = Rule(IDENTIFIER.forbidden, 200)
NAME = Rule(BREAKS, 200)  # R16
SHORT, LINE, TEXT = Rule(longest=200), Rule(longest=1_000), Rule(longest=20_000)
ID = Rule(otherwise=UserErrorCode.NOT_FOUND)
ADDRESS = Rule(otherwise=UserErrorCode.INVALID_VALUE)
CONTENT = Rule("\0")

PERSON = {"firstName": SHORT, "lastName": SHORT, "description": TEXT} | dict.fromkeys(
    ("email", "phone", "customId"), IDENTIFIER
)
DEFINED = {"displayName": SHORT, "description": LINE}
EVENT = {"uuid": UUID, "action": NAME, "label": LINE}
WHOSE = {"uuid": IDENTIFIER, "email": IDENTIFIER, "customId": IDENTIFIER, "firebaseId": IDENTIFIER, "profileId": ID}


def under(prefix: str, rules: Mapping[str, Rule]) -> dict[str, Rule]:
    return {f"{prefix}.{name}": rule for name, rule in rules.items()}


def given(**rules: Rule) -> dict[str, Rule]:
    return under("input", rules)


OPTIONS = under("options", {"idempotencyKey": SHORT, "onBehalfOf": NAME})
OF_ONE = {**OPTIONS, "id": ID}
OF_PROFILE = {**OPTIONS, "profileId": ID}
NOTED = given(title=SHORT, text=TEXT)
PLANNED = {**NOTED, **given(assignee=NAME)}
CHOSEN = {"actions.0": NAME, "filters.0.param": NAME, "filters.0.value.string": LINE, "filters.0.value.items.0": LINE}
COMPUTED = given(**DEFINED, param=NAME, timeZone=ADDRESS, **CHOSEN)
OF_WIDGETS = under(
    "input.widgets.0",
    {
        "title": SHORT,
        "by": NAME,
        "columns.0": NAME,
        "aggregate": ID,
        **{f"query{path.removeprefix('input')}": rule for path, rule in COMPUTED.items() if path[6:] not in DEFINED},
    },
)
DRAWN = given(**DEFINED, icon=SHORT, **{"details.0.name": NAME, "details.0.param": NAME})


# The rule of each text in the arguments of each mutation, by its path. That the schema has no other is tested.
RULES: dict[str, dict[str, Rule]] = {
    "profileCreate": {**OPTIONS, **given(**PERSON, uuid=IDENTIFIER)},
    "profileUpdate": {**OF_ONE, **given(**PERSON)},
    "deviceRegister": {**OF_PROFILE, **given(firebaseId=IDENTIFIER, uuid=IDENTIFIER)},
    "deviceUnregister": {**OF_PROFILE, **given(firebaseId=IDENTIFIER)},
    "profileAttributesSet": {
        **OF_ONE,
        **under(
            "input.attributes.0",
            {"name": NAME, "value.string": LINE, "value.items.0": LINE, **under("definition", DEFINED)},
        ),
    },
    "profileAttributesUnset": {**OF_ONE, "input.names.0": NAME},
    "attributeDefinitionCreate": {**OPTIONS, **given(**DEFINED, name=NAME)},
    "attributeDefinitionUpdate": {**OF_ONE, **given(**DEFINED)},
    "attributeDefinitionDelete": OF_ONE,
    "profileTagsAdd": {**OF_ONE, "input.tags.0": NAME},
    "profileTagsRemove": {**OF_ONE, "input.tags.0": NAME},
    "tagCreate": {**OPTIONS, **given(name=NAME, description=LINE)},
    "tagUpdate": {**OF_ONE, **given(description=LINE)},
    "tagDelete": OF_ONE,
    "profileAgreementsSet": OF_ONE,
    "noteCreate": {**OF_PROFILE, **NOTED},
    "noteUpdate": {**OF_ONE, **NOTED},
    "noteDelete": OF_ONE,
    "taskCreate": {**OF_PROFILE, **PLANNED},
    "taskUpdate": {**OF_ONE, **PLANNED},
    "taskComplete": OF_ONE,
    "taskReopen": OF_ONE,
    "taskDelete": OF_ONE,
    "eventCreate": {**OF_PROFILE, **given(**EVENT, params=NAME)},
    "eventsCreate": {
        **OPTIONS,
        **under("input.events.0", {**EVENT, "params": NAME, "ip": ADDRESS, "source": NAME, **under("person", WHOSE)}),
    },
    "eventDefinitionCreate": {**OPTIONS, **DRAWN, **given(name=NAME)},
    "eventDefinitionUpdate": {**OF_ONE, **DRAWN},
    "eventDefinitionDelete": OF_ONE,
    "aggregateCreate": {**OPTIONS, **COMPUTED, **given(name=NAME)},
    "aggregateUpdate": {**OF_ONE, **COMPUTED},
    "aggregateDelete": OF_ONE,
    "statisticsSettingsUpdate": {
        **OPTIONS,
        **under("input.params", dict.fromkeys(("amount", "currency", "items", "order", "message"), NAME)),
        **under("input.figures.0", CHOSEN),
    },
    "dashboardCreate": {**OPTIONS, **given(name=NAME, **DEFINED), **OF_WIDGETS},
    "dashboardUpdate": {**OF_ONE, **given(**DEFINED), **OF_WIDGETS},
    "dashboardCopy": {**OF_ONE, **given(name=NAME, displayName=SHORT)},
    "dashboardDelete": OF_ONE,
    "importCreate": {**OPTIONS, **given(content=CONTENT), **under("input.columns.0", {"column": NAME, "field": NAME})},
    "importCancel": OF_ONE,
}
FIGURE_LISTS = {"input.actions": 50, "input.filters": 20, "input.filters.0.value.items": 50}
WIDGET_LISTS = {
    "input.widgets": 20,
    "input.widgets.0.columns": 20,
    **{path.replace("input", "input.widgets.0.query", 1): most for path, most in FIGURE_LISTS.items()},
}
# How many items each list may have.
MOST: dict[str, dict[str, int]] = {
    "profileAttributesSet": {"input.attributes": 500, "input.attributes.0.value.items": 200},
    "profileAttributesUnset": {"input.names": 500},
    "profileTagsAdd": {"input.tags": 200},
    "profileTagsRemove": {"input.tags": 200},
    "profileAgreementsSet": {"input.agreements": 5},
    "eventsCreate": {"input.events": 500},
    "eventDefinitionCreate": {"input.details": 50},
    "eventDefinitionUpdate": {"input.details": 50},
    "aggregateCreate": FIGURE_LISTS,
    "aggregateUpdate": FIGURE_LISTS,
    "statisticsSettingsUpdate": {
        "input.figures": 22,
        **{f"input.figures.0.{name.removeprefix('input.')}": most for name, most in FIGURE_LISTS.items()},
    },
    "dashboardCreate": WIDGET_LISTS,
    "dashboardUpdate": WIDGET_LISTS,
    "importCreate": {"input.columns": 500},
}


def texts(mutation: str) -> set[str]:
    """Return the path of every text in the arguments of a mutation, as the schema has it."""
    return {path for path, type in places(mutation) if isinstance(type, GraphQLScalarType) and type.name in TEXTUAL}


def lists(mutation: str) -> set[str]:
    return {path for path, type in places(mutation) if isinstance(type, GraphQLList)}


def places(mutation: str) -> Iterator[tuple[str, Any]]:
    for name, argument in MUTATIONS[mutation].args.items():
        yield from inside(name, argument.type)


def inside(path: str, type: Any) -> Iterator[tuple[str, Any]]:
    type = get_nullable_type(type)
    yield path, type
    if isinstance(type, GraphQLList):
        yield from inside(f"{path}.0", type.of_type)
    elif isinstance(type, GraphQLInputObjectType) and type.name not in OF_THEIR_OWN:
        for name, field in type.fields.items():
            yield from inside(f"{path}.{name}", field.type)
