"""The rule of each text and of each list in the input of each mutation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLInputObjectType, GraphQLList, GraphQLScalarType, get_nullable_type

from storage.store.refusals import UserErrorCode
from tests.support.graph import MUTATIONS

BREAKS = "\0\r\n\u2028\u2029"
TEXTUAL = {"String", "ID", "JSON"}


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

PERSON = {"firstName": SHORT, "lastName": SHORT, "description": TEXT} | dict.fromkeys(
    ("email", "phone", "customId"), IDENTIFIER
)
DEFINED = {"displayName": SHORT, "description": LINE}
OPTIONS = {"idempotencyKey": SHORT, "onBehalfOf": NAME}
OF_PROFILE = {**OPTIONS, "profileId": ID}
EVENT = {"uuid": UUID, "action": NAME, "label": LINE}
WHOSE = {"uuid": IDENTIFIER, "email": IDENTIFIER, "customId": IDENTIFIER, "firebaseId": IDENTIFIER, "profileId": ID}


def under(prefix: str, rules: Mapping[str, Rule]) -> dict[str, Rule]:
    return {f"{prefix}.{name}": rule for name, rule in rules.items()}


# The rule of each text in each input, by its path. That the schema has no other is tested.
RULES: dict[str, dict[str, Rule]] = {
    "profileCreate": {**OPTIONS, **PERSON, "uuid": IDENTIFIER},
    "profileUpdate": {**OF_PROFILE, **PERSON},
    "identifierSet": {**OF_PROFILE, "value": IDENTIFIER},
    "identifierUnset": OF_PROFILE,
    "deviceRegister": {**OF_PROFILE, "firebaseId": IDENTIFIER, "uuid": IDENTIFIER},
    "deviceUnregister": {**OF_PROFILE, "firebaseId": IDENTIFIER},
    "profileAttributesSet": {
        **OF_PROFILE,
        "attributes.0.name": NAME,
        "attributes.0.value.string": LINE,
        "attributes.0.value.items.0": LINE,
        **under("attributes.0.definition", DEFINED),
    },
    "profileAttributesUnset": {**OF_PROFILE, "names.0": NAME},
    "attributeDefinitionCreate": {**OPTIONS, **DEFINED, "name": NAME},
    "attributeDefinitionUpdate": {**OPTIONS, **DEFINED, "attributeDefinitionId": ID},
    "profileTagsAdd": {**OF_PROFILE, "tags.0": NAME},
    "profileTagsRemove": {**OF_PROFILE, "tags.0": NAME},
    "tagCreate": {**OPTIONS, "name": NAME, "description": LINE},
    "tagUpdate": {**OPTIONS, "tagId": ID, "description": LINE},
    "tagDelete": {**OPTIONS, "tagId": ID},
    "profileAgreementsSet": OF_PROFILE,
    "noteCreate": {**OF_PROFILE, "title": SHORT, "text": TEXT},
    "noteUpdate": {**OF_PROFILE, "noteId": ID, "title": SHORT, "text": TEXT},
    "noteDelete": {**OF_PROFILE, "noteId": ID},
    "taskCreate": {**OF_PROFILE, "title": SHORT, "text": TEXT, "assignee": NAME},
    "taskUpdate": {**OF_PROFILE, "taskId": ID, "title": SHORT, "text": TEXT, "assignee": NAME},
    "taskComplete": {**OF_PROFILE, "taskId": ID},
    "taskReopen": {**OF_PROFILE, "taskId": ID},
    "taskDelete": {**OF_PROFILE, "taskId": ID},
    "eventCreate": {**OF_PROFILE, **EVENT, "params": NAME},
    "eventsCreate": {
        **OPTIONS,
        **under("events.0", {**EVENT, "params": NAME, "ip": ADDRESS, "source": NAME}),
        **under("events.0.person", WHOSE),
    },
    "eventDefinitionSet": {
        **OPTIONS,
        **DEFINED,
        "name": NAME,
        "icon": SHORT,
        "details.0.name": NAME,
        "details.0.param": NAME,
    },
}
# How many items each list may have.
MOST: dict[str, dict[str, int]] = {
    "profileAttributesSet": {"attributes": 500, "attributes.0.value.items": 200},
    "profileAttributesUnset": {"names": 500},
    "profileTagsAdd": {"tags": 200},
    "profileTagsRemove": {"tags": 200},
    "profileAgreementsSet": {"subscriptions": 5},
    "eventsCreate": {"events": 500},
    "eventDefinitionSet": {"details": 50},
}


def texts(mutation: str) -> set[str]:
    """Return the path of every text in the input of a mutation, as the schema has it."""
    return {path for path, type in places(mutation) if isinstance(type, GraphQLScalarType) and type.name in TEXTUAL}


def lists(mutation: str) -> set[str]:
    return {path for path, type in places(mutation) if isinstance(type, GraphQLList)}


def places(mutation: str) -> Iterator[tuple[str, Any]]:
    yield from inside("", MUTATIONS[mutation].args["input"].type)


def inside(path: str, type: Any) -> Iterator[tuple[str, Any]]:
    type = get_nullable_type(type)
    yield path, type
    if isinstance(type, GraphQLList):
        yield from inside(f"{path}.0", type.of_type)
    elif isinstance(type, GraphQLInputObjectType):
        for name, field in type.fields.items():
            yield from inside(f"{path}.{name}".lstrip("."), field.type)
