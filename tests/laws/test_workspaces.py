"""Tenancy: every storage function and every field of the API answers as if other workspaces did not exist."""

import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from types import ModuleType
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, is_abstract_type, is_leaf_type

from schema import schema
from storage import attributes, edits, events, identifiers, journal, notes, pages, profiles, tags
from storage.attributes import AttributeType
from storage.changes import Edit
from storage.identifiers import IdentifierKind
from storage.ids import to_public
from storage.pages import PageRequest
from storage.profiles import ProfileMatch
from storage.setup import prepare_workspace
from storage.tags import TagSource
from storage.workspace import Workspace
from tests.asking import Ask
from tests.factories import CREATED, TESTER, a_profile, an_event

MODULES = (attributes, edits, events, identifiers, journal, notes, pages, profiles, tags)
MARK = "secretofone"
PAGE = PageRequest(first=100)
Ids = Mapping[str, bytes]
COLLECTIONS_OF = {
    "attribute": "attribute_definitions",
    "definition": "event_definitions",
    "tag": "tags",
    "note": "notes",
}
Call = Callable[[Workspace, Ids], Awaitable[Any]]

# How to drive each function with ids and names of the other workspace.
READS: Mapping[str, Call] = {
    "attributes.all_definitions": lambda other, _: attributes.all_definitions(other),
    "attributes.list_definitions": lambda other, _: attributes.list_definitions(other, PAGE),
    "attributes.definitions_by_id": lambda other, one: attributes.definitions_by_id(other, [one["attribute"]]),
    "events.list_definitions": lambda other, _: events.list_definitions(other, PAGE),
    "events.definitions_by_name": lambda other, _: events.definitions_by_name(other, [MARK]),
    "events.definitions_by_id": lambda other, one: events.definitions_by_id(other, [one["definition"]]),
    "identifiers.owners": lambda other, _: identifiers.owners(other, [(IdentifierKind.CUSTOM_ID, MARK)]),
    "journal.list_events": lambda other, one: journal.list_events(other, [one["profile"]], PAGE),
    "journal.events_by_id": lambda other, one: journal.events_by_id(other, [one["event"]]),
    "notes.list_notes": lambda other, one: notes.list_notes(other, [one["profile"]], PAGE),
    "notes.notes_by_id": lambda other, one: notes.notes_by_id(other, [one["note"]]),
    "pages.keyset": lambda other, _: pages.keyset(other, "profiles", {}, key="_id", page=PAGE),
    "pages.newest_of_each": lambda other, one: pages.newest_of_each(other, "notes", [one["profile"]], {}, page=PAGE),
    "profiles.profiles_by_id": lambda other, one: profiles.profiles_by_id(other, [one["profile"]]),
    "profiles.profile_by_phone": lambda other, _: profiles.profile_by_phone(other, "+4712345678"),
    "profiles.list_profiles": lambda other, _: profiles.list_profiles(other, ProfileMatch(), PAGE),
    "tags.list_tags": lambda other, _: tags.list_tags(other, PAGE),
    "tags.tags_by_id": lambda other, one: tags.tags_by_id(other, [one["tag"]]),
    "tags.count_profiles_by_tag": lambda other, _: tags.count_profiles_by_tag(other, [MARK]),
    "edits.edit": lambda other, one: edits.edit(other, one["profile"], lambda edit: edit.describe(MARK), actor=TESTER),
}
# Parts of the write path inside its transaction, and writers that make what is their own; driven by `edits.edit`.
NOT_DRIVEN = {
    "attributes.ensure_definition",
    "edits.blank_profile",
    "edits.claim",
    "edits.insert_first",
    "edits.save",
    "events.ensure_definition",
    "identifiers.free_claims",
    "identifiers.identifier_id",
    "tags.ensure_tag",
}


def functions_of(module: ModuleType) -> set[str]:
    return {
        f"{module.__name__.removeprefix('storage.')}.{name}"
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and "workspace" in inspect.signature(function).parameters
    }


async def one_and_other(workspace: Workspace) -> tuple[Ids, Workspace]:
    """Return the ids of things full of marks, and a second workspace with data of its own."""

    def fill(edit: Edit) -> None:
        edit.set_custom_id(MARK)
        edit.set_phone("+4712345678")
        edit.add_tag(MARK, source=TagSource.USER)
        edit.add_note(MARK, MARK, author=MARK, at=CREATED)
        seen = {"firstSeenAt": CREATED, "lastSeenAt": CREATED}
        edit.add_uuid({"value": MARK, "platform": MARK, **seen})  # type: ignore[typeddict-item]
        edit.add_firebase_id({"value": MARK, "platform": "IOS", "uuid": None, **seen})  # type: ignore[typeddict-item]

    await attributes.ensure_definition(
        workspace, {"name": MARK, "displayName": MARK, "type": AttributeType.STRING}, now=CREATED
    )
    await events.ensure_definition(workspace, MARK, display_name=MARK, now=CREATED)
    await tags.ensure_tag(workspace, MARK, source=TagSource.USER, now=CREATED)
    profile = await a_profile(
        workspace, email=f"{MARK}@example.com", firstName=MARK, events=[an_event(MARK, uuid=MARK)], change=fill
    )
    other = await prepare_workspace(workspace.database, f"{workspace.id}-other", name="Other")
    await a_profile(other, firstName="Bob", events=2)
    found = {"profile": profile["_id"], "event": profile["recent"][0]["_id"]}
    for name, collection in COLLECTIONS_OF.items():
        marked = {"title": MARK} if name == "note" else {"name": MARK}
        found[name] = (await workspace.find_one(collection, marked) or {})["_id"]
    return found, other


def test_every_function_that_takes_a_workspace_is_driven() -> None:
    assert set[str]().union(*map(functions_of, MODULES)) == {*READS, *NOT_DRIVEN}


@pytest.mark.parametrize("name", READS)
async def test_storage_keeps_to_its_workspace(workspace: Workspace, name: str) -> None:
    ids, other = await one_and_other(workspace)
    assert MARK not in repr(await READS[name](other, ids))
    (unchanged,) = await profiles.profiles_by_id(workspace, [ids["profile"]])
    assert unchanged["description"] is None
    assert MARK in repr(await READS[name](workspace, ids))


def selection(kind: Any, depth: int = 7) -> str:
    """Return a selection of everything below a type."""
    if is_leaf_type(kind):
        return ""
    if depth == 0:
        return "{ __typename }"
    members = schema._schema.get_possible_types(kind) if is_abstract_type(kind) else [kind]
    return f"{{ __typename {' '.join(f'... on {member} {{ {fields(member, depth)} }}' for member in members)} }}"


def fields(kind: GraphQLObjectType, depth: int) -> str:
    aliased = (
        f"{kind}_{name}: {name} {selection(get_named_type(f.type), depth - 1)}" for name, f in kind.fields.items()
    )
    return " ".join(aliased)


def arguments(one: Ids) -> Mapping[str, list[str]]:
    """Return, for each root field, arguments that ask for the other workspace's things."""
    prefixes = {"profile": "prf", "event": "evt", "attribute": "atd", "definition": "evd", "tag": "tag", "note": "nte"}
    ids = [to_public(prefix, one[name]) for name, prefix in prefixes.items()]
    kinds = ("uuid", "firebaseId", "customId")
    return {
        "viewer": [""],
        "node": [f'(id: "{id}")' for id in ids],
        "nodes": [f"(ids: {json.dumps(ids)})"],
        "profile": [
            f'(by: {{id: "{ids[0]}"}})',
            f'(by: {{email: "{MARK}@example.com"}})',
            '(by: {phone: "+4712345678"})',
            *(f'(by: {{{kind}: "{MARK}"}})' for kind in kinds),
        ],
        "profiles": [
            "",
            f'(filter: {{search: "{MARK}"}})',
            f'(filter: {{tags: {{any: ["{MARK}"]}}}})',
            f'(filter: {{attributes: [{{name: "firstName", value: {{string: "{MARK}"}}}}]}})',
        ],
        "tags": [""],
        "attributeDefinitions": [""],
        "eventDefinitions": [""],
    }


async def test_the_api_keeps_to_the_workspace_of_the_credential(ask: Ask, workspace: Workspace) -> None:
    one, other = await one_and_other(workspace)
    asked = arguments(one)
    root = schema._schema.query_type
    assert root is not None
    assert set(asked) == set(root.fields)
    for name, variants in asked.items():
        for given in variants:
            query = f"{{ {name}{given} {selection(get_named_type(root.fields[name].type))} }}"
            inside = json.dumps(await ask(query))
            assert MARK in inside or name == "viewer", (name, given)
            data = await ask(query, of=other)
            assert MARK not in json.dumps(data), (name, given)
            if given:
                assert data[name] in (None, [None] * 6) or data[name]["ProfileConnection_edges"] == []
