"""Mutations through the schema, and everything that they leave behind."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type

from storage.nouns import COLLECTIONS
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.graph import GRAPH, MUTATIONS

ERRORS = "userErrors { __typename code field message ... on VersionConflict { currentVersion } }"
CHANGES = """changes { __typename id action fields recordedAt actor { id name onBehalfOf } source
  ... on ProfileChange { was: kind description { before after masked } }
  ... on IdentifierChange { kind before after }
  ... on AttributeChange { edits { name kind before { ...value } after { ...value } masked } }
  ... on TagChange { added removed }
  ... on AgreementChange { channel from: before to: after }
  ... on NoteChange { became: kind noteId old: before { title text } new: after { title text } }
  ... on TaskChange { became: kind taskId once: before { title text done } now: after { title text done } } }"""
VALUE = """fragment value on AttributeValue { __typename ... on StringValue { string } ... on NumberValue { number }
  ... on DateValue { date } ... on BooleanValue { boolean } ... on ArrayValue { items } }"""
PROFILE = """
  profile { id version displayName recognized description personal { firstName lastName } contact { email phone }
    attributes { name source value { ... on BooleanValue { boolean } } }
    identities { customId uuids { value platform formFactor }
      firebaseIds { value platform formFactor uuid firstSeenAt } } }
"""
OPTIONS = frozenset(GRAPH.type_map["WriteOptions"].fields)  # type: ignore[attr-defined]  # an input


def document(name: str, selecting: str = PROFILE) -> str:
    """Return the document of a mutation, for example of `profileUpdate`, with its payload as `payload`."""
    arguments = MUTATIONS[name].args
    declared = ", ".join(f"${each}: {argument.type}" for each, argument in arguments.items())
    passed = ", ".join(f"{each}: ${each}" for each in arguments)
    payload = get_named_type(MUTATIONS[name].type)
    assert isinstance(payload, GraphQLObjectType)
    changes, value = (CHANGES, VALUE) if "changes" in payload.fields and "changes" not in selecting else ("", "")
    return f"mutation ({declared}) {{ payload: {name}({passed}) {{ {selecting} {changes} {ERRORS} }} }} {value}"


def arguments_of(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a mutation: what is given by name, put where each belongs."""
    declared = MUTATIONS[name].args
    arguments: dict[str, Any] = {key: value for key, value in given.items() if key in declared}
    rest = {key: value for key, value in given.items() if key not in declared}
    if options := {key: value for key, value in rest.items() if key in OPTIONS}:
        arguments["options"] = options
    if "input" in declared and "input" not in arguments:
        arguments["input"] = {key: value for key, value in rest.items() if key not in OPTIONS}
    return arguments


async def mutate(ask: Ask, name: str, given: Mapping[str, Any], *, selecting: str = PROFILE, **how: Any) -> Any:
    """Return the payload of a mutation: its refusals, its changes, and what is selected of it.

    The ids, the fields of its input, and those of its options are given side by side.
    """
    return (await ask(document(name, selecting), **arguments_of(name, given), **how))["payload"]


def refusals(payload: Any) -> list[tuple[str, list[str]]]:
    """Return what was refused, as code and field."""
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


def codes(payload: Any) -> list[tuple[str, list[str]]]:
    """Return what was refused of a profile; nothing else may be in the payload of a refusal."""
    errors = refusals(payload)
    assert not errors or (payload["profile"], payload.get("changes", [])) == (None, [])
    return errors


def changed_fields(payload: Any) -> list[str]:
    """Return the fields that a mutation changed, in the order in which its entries tell of them."""
    return [field for change in payload["changes"] for field in change["fields"]]


def input_fields(name: str) -> Iterator[str]:
    """Yield the names of the fields of a mutation's input."""
    if "input" in MUTATIONS[name].args:
        type = get_named_type(MUTATIONS[name].args["input"].type)
        assert isinstance(type, GraphQLInputObjectType)
        yield from type.fields


async def traces(workspace: Workspace) -> dict[str, list[Any]]:
    """Return every document of the workspace."""
    names = [collection.name for collection in COLLECTIONS if collection.name not in ("workspaces", "api_keys")]
    return {name: await workspace.find(name, {}, sort=[("_id", 1)]) for name in names}
