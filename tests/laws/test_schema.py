"""Laws of the schema: what every type and field keeps."""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    build_schema,
    get_named_type,
    is_list_type,
    is_non_null_type,
    is_specified_scalar_type,
)

from schema import schema
from schema.enums import described as described_enum
from storage.changes import CHANGES

SCHEMA_FILE = Path(__file__).parents[2] / "schema.graphql"
TYPES = {name: kind for name, kind in schema._schema.type_map.items() if not name.startswith("__")}

# Lists that are no connections, each with what bounds it.
BOUNDED = {
    "AggregateDefinition.actions": "the actions of one definition, at most 50",
    "AggregateDefinition.filters": "the filters of one definition, at most 20",
    "AggregateResult.series": "the buckets of one window, at most 1,000",
    "AnalysesChanged.aggregates": "as many as the workspace has definitions, at most 500",
    "AnalysesChanged.removed": "as many as the workspace had definitions, at most 500",
    "Analyses.aggregates": "as many as the workspace has definitions, at most 500",
    **dict.fromkeys(
        ("TransactionStatistics.revenue", "TransactionStatistics.averageOrderValue", "Refunds.amounts"),
        "the currencies of one person, at most 10,000",
    ),
    "StatisticsSettings.figures": "one for each figure",
    "FigureEvents.actions": "the actions of one figure, at most 50",
    "FigureEvents.filters": "the filters of one figure, at most 20",
    "Dashboard.widgets": "the widgets of one dashboard, at most 20",
    "Widget.columns": "the columns of one widget, at most 20",
    "WidgetQuery.actions": "the actions of one widget, at most 50",
    "WidgetQuery.filters": "the filters of one widget, at most 20",
    "Profile.dashboards": "as many as a workspace shows, at most 20",
    "ProfileDashboard.widgets": "the widgets of one dashboard, at most 20",
    "DataSet.columns": "the columns of one figure or widget",
    "DataSet.rows": "the buckets, groups or events of one figure or widget, at most 1,000",
    "TableValue.columns": "two",
    "TableValue.rows": "as many as the limit of one definition, at most 1,000",
    "Query.nodes": "as many as ids were asked for, at most 100",
    "Viewer.scopes": "as many as scopes exist",
    "Identities.uuids": "the browsers and apps of one person",
    "Identities.firebaseIds": "the devices of one person",
    "Identities.devices": "the devices of one person",
    "Profile.attributes": "as many as the workspace has definitions",
    "Profile.tags": "the tags of one person",
    "Profile.subscriptions": "one for each channel",
    "Agreement.blockedBy": "as many as reasons exist",
    "ProfileChanged.changed": "the fields of one burst of edits",
    "ArrayValue.items": "one stored value",
    "Event.details": "as many as its definition has",
    "EventDefinition.details": "the lines of one definition",
    **{f"{kind.capitalize()}Change.fields": "the fields of one edit" for kind in CHANGES},
    "AttributeChange.edits": "the attributes of one edit",
    "TagChange.added": "the tags of one edit",
    "TagChange.removed": "the tags of one edit",
    **dict.fromkeys(("InputError.field", "VersionConflict.field", "IdentifierTaken.field"), "one path"),
    "EventCreateResult.field": "one path",
    "Import.problems": "the first 1,000",
    "ImportProblem.field": "one path",
}

# Times whose name does not end in At, each with the reason.
OTHER_TIMES = {
    "DateValue.date": "value of an attribute, named by its type",
    "AttributeValueInput.date": "value of an attribute, named by its type",
    "AttributeNewValue.date": "value of an attribute, named by its type",
}
BOUND = r"from|to|\w+(From|To)|asOf"  # of a range, or the moment that is asked for: only in inputs and arguments


def described() -> list[tuple[str, str | None]]:
    """Return the description of each type, field, argument and enum value."""
    found: list[tuple[str, str | None]] = []
    for name, kind in TYPES.items():
        if is_specified_scalar_type(kind):
            continue
        found.append((name, kind.description))
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in kind.fields.items():
                found.append((f"{name}.{field_name}", field.description))
                found += [(f"{name}.{field_name}({arg})", given.description) for arg, given in field.args.items()]
        elif isinstance(kind, GraphQLInputObjectType):
            found += [(f"{name}.{field_name}", field.description) for field_name, field in kind.fields.items()]
        elif isinstance(kind, GraphQLEnumType):
            found += [(f"{name}.{value_name}", value.description) for value_name, value in kind.values.items()]
    return found


def test_the_schema_file_is_the_schema() -> None:
    assert SCHEMA_FILE.read_text() == schema.as_str() + "\n", "schema.graphql is stale: make format"


def test_everything_is_described() -> None:
    bare = [name for name, text in described() if not text]
    assert bare == []


def test_descriptions_have_one_style() -> None:
    odd = [
        (name, text)
        for name, text in described()
        if text and (text.endswith(".") or re.match(r"(The|A|An) ", text) or not text[0].isupper())
    ]
    assert odd == []


def test_the_schema_itself_is_described() -> None:
    result = schema.execute_sync("{ __schema { description } }")
    assert result.data is not None
    description = result.data["__schema"]["description"]
    assert "Authorization: Bearer" in description
    assert build_schema(schema.as_str()).description == description
    named = re.findall(r"[\w/-]+\.md", description)
    assert named
    assert all((SCHEMA_FILE.parent / name).exists() for name in named)


def test_enums_are_described_value_by_value() -> None:
    class Kind(StrEnum):
        ONE = "ONE"
        TWO = "TWO"

    for values, odd in (({"ONE": "First"}, "TWO"), ({"ONE": "First", "TWO": "Second", "THREE": "Third"}, "THREE")):
        with pytest.raises(TypeError, match=f"differ in {odd}"):
            described_enum(Kind, "Kind of a thing", **values)
    described_enum(Kind, "Kind of a thing", ONE="First", TWO="Second")
    definition = Kind.__strawberry_definition__  # type: ignore[attr-defined]  # strawberry sets it
    assert [(value.name, value.description) for value in definition.values] == [("ONE", "First"), ("TWO", "Second")]


def test_enum_values_are_upper_case() -> None:
    enums = [kind for kind in TYPES.values() if isinstance(kind, GraphQLEnumType)]
    assert enums
    assert all(re.fullmatch(r"[A-Z][A-Z_]*", value) for kind in enums for value in kind.values)


def test_lists_that_can_grow_are_connections() -> None:
    plain = set()
    for name, kind in TYPES.items():
        if isinstance(kind, GraphQLObjectType) and not name.endswith(("Connection", "Payload")):
            for field_name, field in kind.fields.items():
                inner = field.type.of_type if is_non_null_type(field.type) else field.type
                if is_list_type(inner):
                    plain.add(f"{name}.{field_name}")
    assert plain == set(BOUNDED)


@pytest.mark.parametrize("name", sorted(name for name in TYPES if name.endswith("Connection")))
def test_connections_are_relays(name: str) -> None:
    connection = TYPES[name]
    assert isinstance(connection, GraphQLObjectType)
    assert {"edges", "pageInfo"} <= set(connection.fields)
    edge = get_named_type(connection.fields["edges"].type)
    assert {"cursor", "node"} == set(edge.fields)
    arguments = [
        set(field.args)
        for kind in TYPES.values()
        if isinstance(kind, GraphQLObjectType)
        for field in kind.fields.values()
        if get_named_type(field.type) is connection
    ]
    assert all({"first", "after", "last", "before"} <= given for given in arguments)


# What they tell of may have been deleted.
FORMER = {"NoteChange", "TaskChange"}


def test_no_field_is_a_bare_id() -> None:
    """A reference is an object: `profile`, never `profileId`."""
    bare = [
        f"{name}.{field}"
        for name, kind in TYPES.items()
        if isinstance(kind, GraphQLObjectType)
        for field in kind.fields
        if re.search(r"[a-z]Id$", field)
        and field not in ("customId", "firebaseId")
        and not field.startswith("deleted")
        and name not in FORMER
    ]
    assert bare == []


def test_times_end_in_at() -> None:
    """Nothing else does; they may also be the bounds of a range."""
    odd = set()
    for place, name, type in named():
        is_time = get_named_type(type).name == "DateTime"
        is_bound = is_time and re.fullmatch(BOUND, name)
        if is_time != name.endswith("At") and not is_bound:
            odd.add(f"{place}.{name}")
    assert odd == set(OTHER_TIMES)


OUTPUTS = {name for name, kind in TYPES.items() if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)}


def named() -> Iterator[tuple[str, str, GraphQLOutputType | GraphQLInputType]]:
    """Yield each field and argument: what it is of, its name and its type."""
    for place, kind in TYPES.items():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in kind.fields.items():
                yield place, name, field.type
                yield from ((f"{place}.{name}", given, argument.type) for given, argument in field.args.items())
        elif isinstance(kind, GraphQLInputObjectType):
            yield from ((place, name, given.type) for name, given in kind.fields.items())


def test_no_two_enums_have_the_same_values() -> None:
    alike: dict[frozenset[str], list[str]] = {}
    for name, kind in TYPES.items():
        if isinstance(kind, GraphQLEnumType):
            alike.setdefault(frozenset(kind.values), []).append(name)
    assert [names for names in alike.values() if len(names) > 1] == []


# Their id is for clients that keep what has one: the data is of one profile, and is found there.
OF_A_PROFILE = ["ProfileDashboard"]


def test_what_has_an_id_is_found_by_it() -> None:
    node = TYPES["Node"]
    others = [
        name
        for name, kind in TYPES.items()
        if isinstance(kind, GraphQLObjectType)
        and "id" in kind.fields
        and str(kind.fields["id"].type) == "ID!"
        and node not in kind.interfaces
    ]
    assert others == OF_A_PROFILE
