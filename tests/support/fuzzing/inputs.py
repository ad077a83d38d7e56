"""Inputs made from the schema's input types: values that are right, on the border, and hostile."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    is_required_argument,
    is_required_input_field,
)
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from storage import changes
from storage.attribute_definitions import SYSTEM_DEFINITIONS
from storage.nouns import NOUNS
from tests.support.graph import possible_types
from tests.support.mutation_inputs import noun_of

Values = SearchStrategy[Any]

# One of each type, so that names and values meet often enough.
ATTRIBUTES = {"shade": "STRING", "born": "DATE", "score": "NUMBER", "member": "BOOLEAN", "sizes": "ARRAY"}
TAGS = ("vip", "a.b", "$set", "new tag")
EMAILS = ("ann@example.com", "bob@example.com", "new@example.com", "Ünï@exämple.com", "ann+x@EXAMPLE.com")
PHONES = ("+4740000000", "40 00 00 00", "+1 (212) 555-0100", "0047 400 00 001")
# The names of the fields that hold their ids; no mutation takes the id of a change.
KINDS = [name[0].lower() + name[1:] for noun in NOUNS if noun is not changes.NOUN for name in possible_types(noun.type)]
IDENTIFIERS = ("u-1", "u-2", "01890a5d-ac96-774b-bcce-b302099a8057", "x.y", "$x", "ω")
LONGEST = 201, 255, 1_001, 20_001, 40_000

ODD_TEXTS = (
    *("", " ", "\x00", "a\x00b", "\n", "\r", "\t", "\u2028", "a\u2029", "\u00ad", "😀", "\ud800", "\udfff", "\uffff"),
    *("e\u0301\u0323" * 20, "\u202egnp.exe", "\u200d", "\ufeff", "\x1b[31m", "Z\u0351\u036b", "ﷺ", "İ", "ß", "\u3000"),
    *("$where", "$ne", "a.b", ".", "..", "a..b", "__proto__", "_id", "null", "NaN", "{}", "[]", '"', "\\", "\\u0000"),
    *("prf_", "prf_" + "0" * 32, "prf_" + "F" * 32, "nte_" + "0" * 31, "٣" * 9, "<script>", "'; --", "%00", "${x}"),
    *("a@b", "@", "a@b@c.de", "a@" + "b" * 64 + ".com", "a@xn--a", "a@[127.0.0.1]", '"a b"@c.de', "a\u00ad@c.de"),
    *("+", "+0", "+999999999999", "+47", "tel:+4740000000;ext=5", "+4740000000 ext. 5", "+" + "1" * 300, "+47\u0660"),
    *("tags.vip", "x:_mbr_y", "snrs_has_mobile_push_devices", "127.0.0.1", "::1%eth0", "1.2.3.4/5"),
    *("a" * length for length in LONGEST),
    "é😀" * 5_000,
)
ODD_MOMENTS = (
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.9999Z", "2026-02-30T00:00:00Z"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-01-01T00:00:00", "2026-01-01", "now", "", "1e9"),
    *("2016-12-31T23:59:60Z", "2026-01-01T24:00:00Z", "2026-W01-1T00:00:00Z", "2026-01-01T00:00:00+23:59:59.999999"),
    *("20260101T000000Z", "2026-01-01T00:00:00,5Z", "2026-01-01 00:00Z", "\u0662026-01-01T00:00:00Z", "-0001-01-01"),
)
ODD_INTEGERS = 0, -1, 2**31 - 1, -(2**31), 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**30, 10**400
ODD_NUMBERS = *ODD_INTEGERS, -0.0, 5e-324, 1.7e308, float("nan"), float("inf"), float("-inf")
WRONG = None, True, 1, 1.5, "x", [], {}, [[]], [None], {"x": None}


@dataclass(frozen=True, slots=True)
class Known:
    """Stands for what is known once there are stored things: an id of a kind, or the version of a profile."""

    kind: str
    ours: bool = True


def nested(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = {"a": value} if level % 2 else [value]
    return value


def mostly(usual: Values, odd: Values) -> Values:
    """Return one that is usual nine times of ten; an input with an oddity everywhere gets nowhere."""
    return st.integers(0, 9).flatmap(lambda drawn: odd if drawn == 9 else usual)


ODD_JSON = st.sampled_from(
    [
        *WRONG,
        *({key: 1} for key in ("", "a.b", "$set", "$", "\x00", "_id", "a\x00", "\ud800", "k" * 201, "\u2028")),
        *({"a": value} for value in (*ODD_NUMBERS, *ODD_TEXTS)),
        *({"a": nested(depth)} for depth in (4, 5, 6, 90, 500)),
        {f"k{number}": number for number in range(101)},
        [0] * 201,
        {"a": ["x" * 900] * 40},
    ]
)
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-1, 1) | st.text(max_size=5)
USUAL_JSON = st.dictionaries(
    st.sampled_from(["page", "price", "a b", "ключ"]),
    SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.sampled_from("ab"), SCALARS, max_size=2),
    max_size=3,
)
MOMENTS = st.builds(
    lambda at, minutes: at.replace(tzinfo=timezone(timedelta(minutes=minutes))).isoformat(),
    st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)),  # noqa: DTZ001 - hypothesis wants them naive
    st.sampled_from([0, 60, 345, -720]),
)
WORDS = st.sampled_from(["Call back", "ω", "a.b", "$x", "Ann"]) | st.text(min_size=1, max_size=8)

# What texts are usually like, by the field that they are for.
TEXTS: Mapping[str, Values] = {
    "name": st.sampled_from([*ATTRIBUTES, *TAGS, "page.visit", *(each["name"] for each in SYSTEM_DEFINITIONS)]),
    "names": st.sampled_from([*ATTRIBUTES, "firstName", "unknown"]),
    "tags": st.sampled_from(TAGS),
    "email": st.sampled_from(EMAILS),
    "phone": st.sampled_from(PHONES),
    "value": st.sampled_from([*EMAILS, *PHONES, *IDENTIFIERS]),
    "action": st.sampled_from(["page.visit", "transaction.charge", "a.b.c", "$x"]),
    "ip": st.sampled_from(["192.0.2.1", "2001:db8::1"]),
    "content": st.sampled_from(
        ["customId,email\nu-1,new@example.com", '{"customId": "u-1"}\n[]', "email\n\n", "\ufeffuuid,uuid\nu-1", '"']
    ),
    "column": st.sampled_from(["mail", "email"]),
    "idempotencyKey": st.sampled_from([None, None, "one", "two"]),
    **dict.fromkeys(("uuid", "customId", "firebaseId"), st.sampled_from(IDENTIFIERS)),
}
ODD_IDS = st.builds(Known, st.sampled_from(KINDS), st.booleans()) | st.sampled_from(ODD_TEXTS)


def arguments(mutation: str, declared: Mapping[str, GraphQLArgument]) -> Values:
    """Return arguments of a mutation: those that must be there, and sometimes its options."""
    values = {
        name: rarely_wrong(mostly(st.just(Known(noun_of(mutation, KINDS))), ODD_IDS))
        if name == "id"
        else inputs(argument.type, name)
        for name, argument in declared.items()
    }
    required = {name: values[name] for name, argument in declared.items() if is_required_argument(argument)}
    optional = {name: value for name, value in values.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


def identified(name: str) -> Values:
    """Return ids of what a field is named after: `profileId` holds those of profiles."""
    kind = name.removesuffix("Id")
    if kind not in KINDS:
        raise LookupError(f"What is the id in {name} of? Add its kind, and one of them to the world of the fuzz.")
    return st.just(Known(kind))


def scalars(type: GraphQLScalarType, name: str) -> Values:
    """Return values of a scalar in the field `name`."""
    match type.name:
        case "ID":
            return mostly(identified(name), ODD_IDS)
        case "String":
            return mostly(TEXTS.get(name, WORDS), st.sampled_from(ODD_TEXTS))
        case "Int":
            usual = st.none() | st.just(Known("version")) if name == "expectedVersion" else st.integers(0, 9)
            return mostly(usual, st.sampled_from(ODD_INTEGERS))
        case "Float":
            return mostly(st.floats(-1e6, 1e6), st.sampled_from(ODD_NUMBERS))
        case "Boolean":
            return mostly(st.just(False), st.just(True)) if name == "dryRun" else st.booleans()
        case "DateTime":
            return mostly(MOMENTS, st.sampled_from(ODD_MOMENTS))
        case "JSON":
            return mostly(USUAL_JSON if name == "params" else SCALARS, ODD_JSON)
    raise LookupError(f"No values are known for the scalar {type.name} of {name}.")


def inputs(type: GraphQLInputType, name: str = "input") -> Values:
    """Return inputs of a type in the field `name`; raises `LookupError` when it can't be generated."""
    match type:
        case GraphQLNonNull():
            return rarely_wrong(inputs(type.of_type, name))
        case GraphQLList():
            items = inputs(type.of_type, name)
            return mostly(
                st.lists(items, min_size=1, max_size=3),
                st.just([]) | st.builds(lambda item, times: [item] * times, items, st.sampled_from([2, 201, 501])),
            )
        case GraphQLEnumType():
            return mostly(st.sampled_from(list(type.values)), st.sampled_from(["NONE", "none", ""]))
        case GraphQLInputObjectType():
            return st.deferred(lambda: objects(type))  # some hold others of their own type
        case GraphQLScalarType():
            return scalars(type, name)
    raise LookupError(f"No values are known for {type} of {name}.")


def rarely_wrong(values: Values) -> Values:
    """Return values of which one in fifty is of another type."""
    return st.integers(0, 49).flatmap(lambda drawn: st.sampled_from(WRONG) if drawn == 49 else values)


@cache
def objects(type: GraphQLInputObjectType) -> Values:
    """Return objects with the fields that must be there, and some of the others."""
    fields: Mapping[str, GraphQLInputField] = type.fields
    values = {name: inputs(field.type, name) for name, field in fields.items()}
    if type.is_one_of:
        one = st.one_of([st.fixed_dictionaries({name: value}) for name, value in values.items()])
        return mostly(one, st.fixed_dictionaries({}, optional=values))
    required = {name: values[name] for name, field in fields.items() if is_required_input_field(field)}
    optional = {name: mostly(value, st.none()) for name, value in values.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)
