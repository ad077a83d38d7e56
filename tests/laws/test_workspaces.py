"""Tenancy: every storage function and every field of the API answers as if other workspaces did not exist."""

import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from types import ModuleType
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, is_abstract_type, is_leaf_type

from schema import schema
from storage import attributes, confirmations, events, identifiers, journal, notes, profiles, tags, tasks
from storage.attributes import AttributeType
from storage.identifiers import IdentifierKind
from storage.journal import EntryKind
from storage.past import as_of, history
from storage.profiles import ProfileMatch
from storage.setup import prepare_workspace
from storage.store import pages
from storage.store.ids import to_public
from storage.store.pages import PageRequest
from storage.store.workspace import Workspace
from storage.tags import TagSource
from storage.tasks import TaskMatch
from storage.write import edits
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import CREATED, TESTER, a_profile, a_task, an_event

MODULES = (
    as_of,
    attributes,
    confirmations,
    edits,
    events,
    history,
    identifiers,
    journal,
    notes,
    pages,
    profiles,
    tags,
    tasks,
)
MARK = "secretofone"
PAGE = PageRequest(first=100)
Ids = Mapping[str, bytes]
COLLECTIONS_OF = {
    "attribute": "attribute_definitions",
    "definition": "event_definitions",
    "tag": "tags",
    "note": "notes",
    "task": "tasks",
}
REQUIRED = {"Profile.history": '(field: "email")'}
Call = Callable[[Workspace, Ids], Awaitable[Any]]

# How to drive each function with ids and names of the other workspace.
READS: Mapping[str, Call] = {
    "attributes.all_definitions": lambda other, _: attributes.all_definitions(other),
    "attributes.list_definitions": lambda other, _: attributes.list_definitions(other, PAGE),
    "attributes.definitions_by_id": lambda other, one: attributes.definitions_by_id(other, [one["attribute"]]),
    "attributes.definitions_by_name": lambda other, _: attributes.definitions_by_name(other, [MARK]),
    "events.list_definitions": lambda other, _: events.list_definitions(other, PAGE),
    "events.definitions_by_name": lambda other, _: events.definitions_by_name(other, [MARK]),
    "events.definitions_by_id": lambda other, one: events.definitions_by_id(other, [one["definition"]]),
    "identifiers.owners": lambda other, _: identifiers.owners(other, [(IdentifierKind.CUSTOM_ID, MARK)]),
    "journal.list_events": lambda other, one: journal.list_events(other, [one["profile"]], PAGE),
    "journal.events_by_id": lambda other, one: journal.events_by_id(other, [one["event"]]),
    "history.list_entries": lambda other, one: history.list_entries(other, [one["profile"]], PAGE),
    "history.list_changes_of_field": lambda other, one: history.list_changes_of_field(
        other, [one["profile"]], PAGE, field="email"
    ),
    "history.changes_by_id": lambda other, one: history.changes_by_id(other, [one["change"]]),
    "as_of.changes_since": lambda other, one: as_of.changes_since(other, {"_id": one["profile"], "seq": 99}, CREATED),
    "notes.list_notes": lambda other, one: notes.list_notes(other, [one["profile"]], PAGE),
    "notes.notes_by_id": lambda other, one: notes.notes_by_id(other, [one["note"]]),
    "pages.keyset": lambda other, _: pages.keyset(other, "profiles", {}, key="_id", page=PAGE),
    "pages.newest_of_each": lambda other, one: pages.newest_of_each(other, "notes", [one["profile"]], {}, page=PAGE),
    "profiles.profiles_by_id": lambda other, one: profiles.profiles_by_id(other, [one["profile"]]),
    "profiles.profile_by_phone": lambda other, _: profiles.profile_by_phone(other, "+4712345678"),
    "profiles.list_profiles": lambda other, _: profiles.list_profiles(other, ProfileMatch(), PAGE),
    "tags.list_tags": lambda other, _: tags.list_tags(other, PAGE),
    "tags.tags_by_id": lambda other, one: tags.tags_by_id(other, [one["tag"]]),
    "tags.tags_by_name": lambda other, _: tags.tags_by_name(other, [MARK]),
    "tags.count_profiles_by_tag": lambda other, _: tags.count_profiles_by_tag(other, [MARK]),
    "tasks.list_tasks": lambda other, _: tasks.list_tasks(other, TaskMatch(), PAGE),
    "tasks.tasks_by_id": lambda other, one: tasks.tasks_by_id(other, [one["task"]]),
    "tasks.tasks_of_profiles": lambda other, one: tasks.tasks_of_profiles(other, [one["profile"]], PAGE),
    "confirmations.find_confirmation": lambda other, one: confirmations.find_confirmation(other, one["profile"]),
    "edits.edit": lambda other, one: edits.edit(other, one["profile"], lambda edit: edit.describe(MARK), actor=TESTER),
}
# Parts of the write path inside its transaction, and writers that make what is their own; driven by `edits.edit`.
NOT_DRIVEN = {
    "as_of.profile_as_of",  # it reads by `changes_since`
    "attributes.count_definitions",
    "attributes.create_definitions",
    "attributes.ensure_definitions",
    "attributes.is_attribute_used",
    "attributes.new_documents",
    "attributes.update_definition",
    "confirmations.state_of",
    "edits.begin",
    "edits.blank_profile",
    "edits.edit_together",
    "events.ensure_definition",
    "events.set_definition",
    "identifiers.free_claims",
    "identifiers.identifier_id",
    "tags.count_carriers",
    "tags.create_tags",
    "tags.delete_tag",
    "tags.describe_tag",
    "tags.ensure_tag",
    "tags.new_tag",
    "tasks.new_task",
}


def functions_of(module: ModuleType) -> set[str]:
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}"
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
        edit.put("tasks", None, a_task(edit, MARK))
        seen = {"firstSeenAt": CREATED, "lastSeenAt": CREATED}
        edit.add_uuid({"value": MARK, "platform": MARK, **seen})  # type: ignore[typeddict-item]
        edit.add_firebase_id({"value": MARK, "platform": "IOS", "uuid": None, **seen})  # type: ignore[typeddict-item]

    await attributes.ensure_definitions(
        workspace, [{"name": MARK, "displayName": MARK, "type": AttributeType.STRING}], now=CREATED
    )
    await events.ensure_definition(workspace, MARK, display_name=MARK, now=CREATED)
    await tags.ensure_tag(workspace, MARK, source=TagSource.USER, now=CREATED)
    profile = await a_profile(
        workspace, email=f"{MARK}@example.com", firstName=MARK, events=[an_event(MARK, uuid=MARK)], change=fill
    )
    link = {
        "_id": profile["_id"],
        "workspace": workspace.id,
        "profile": profile["_id"],
        "nonce": MARK.encode(),
        "seq": 1,
    }
    await workspace.database.insert("confirmations", [{**link, "expiresAt": CREATED.replace(year=9000)}])
    other = await prepare_workspace(workspace.database, f"{workspace.id}-other", name="Other")
    await a_profile(other, firstName="Bob", events=2)
    found = {"profile": profile["_id"], "event": profile["recent"][0]["_id"]}
    for name, collection in COLLECTIONS_OF.items():
        marked = {"title": MARK} if name in ("note", "task") else {"name": MARK}
        found[name] = (await workspace.find_one(collection, marked) or {})["_id"]
    marked = {"profile": profile["_id"], "kind": EntryKind.IDENTIFIER}
    found["change"] = (await workspace.find_one("journal", marked) or {})["_id"]
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
        f"{kind}_{name}: {name}{REQUIRED.get(f'{kind}.{name}', '')} {selection(get_named_type(f.type), depth - 1)}"
        for name, f in kind.fields.items()
    )
    return " ".join(aliased)


def arguments(one: Ids) -> Mapping[str, list[str]]:
    """Return, for each root field, arguments that ask for the other workspace's things."""
    prefixes = {
        "profile": "prf",
        "event": "evt",
        "attribute": "atd",
        "definition": "evd",
        "tag": "tag",
        "note": "nte",
        "task": "tsk",
        "change": "chg",
    }
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
        "tasks": [""],
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
                assert data[name] in (None, [None] * len(one)) or data[name]["ProfileConnection_edges"] == []
