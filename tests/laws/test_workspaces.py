"""Tenancy: every storage function and every field of the API answers as if other workspaces did not exist."""

import importlib
import inspect
import json
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, is_abstract_type, is_leaf_type

import storage
from schema import schema
from storage import (
    aggregates,
    attribute_definitions,
    beside,
    catalogue,
    changes,
    confirmations,
    dashboards,
    event_definitions,
    events,
    identifiers,
    jobs,
    loads,
    profiles,
    statistics_settings,
    tags,
    tasks,
)
from storage.attribute_definitions import SYSTEM_DEFINITIONS
from storage.attributes import AttributeType
from storage.columns import documents, reading, rebuilding
from storage.columns.folding import Fold
from storage.conditions import SearchMatch
from storage.declaration import Noun
from storage.engines.columns import Columns
from storage.identifiers import IdentifierKind
from storage.journal import EntryKind
from storage.nouns import BESIDE, NOUNS
from storage.past import as_of, following, history, records, tail
from storage.presets import PRESETS
from storage.setup import prepare_workspace
from storage.sources import ChangeSource
from storage.store import pages
from storage.store.ids import to_public
from storage.store.pages import PageRequest
from storage.store.workspace import Workspace
from storage.tasks import TaskMatch
from storage.write import edits
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import CREATED, TESTER, a_profile, add_beside, an_event
from tests.support.jobs import an_import, people

MARK = "secretofone"
PAGE = PageRequest(first=100)
HIGHEST = b"\xff" * 16
Ids = Mapping[str, bytes]
# Which entry of the journal is one of a noun.
ENTRIES = {events.NOUN: {"kind": EntryKind.EVENT}, changes.NOUN: {"kind": EntryKind.IDENTIFIER}}
REQUIRED = {
    "AggregateResult.series": "(granularity: YEARS)",
    "Profile.history": '(field: "email")',
    "Profile.attribute": f'(name: "{MARK}")',
    "Profile.attributeValues": '(names: ["firstName"])',
}
Call = Callable[[Workspace, Ids], Awaitable[Any]]


def listing(noun: Noun) -> Call:
    return lambda other, one: beside.list_beside(other, noun, [one["Profile"]], PAGE, condition={})


def finding(noun: Noun) -> Call:
    return lambda other, one: beside.find_documents(other, noun, [one[noun.type]])


# Each with the number of its entries that every workspace begins with.
CATALOGUES: Mapping[Noun, int] = {
    tags.NOUN: 0,
    attribute_definitions.NOUN: len(SYSTEM_DEFINITIONS),
    event_definitions.NOUN: 0,
    aggregates.NOUN: 0,
    dashboards.NOUN: len(PRESETS),
}


def listing_all(noun: Noun) -> Call:
    return lambda other, _: catalogue.list_entries(other, noun, PAGE)


def counting(noun: Noun) -> Call:
    return lambda other, _: mark_if(catalogue.count_entries(other, noun, most=99), usual=CATALOGUES[noun])


def naming(noun: Noun) -> Call:
    return lambda other, _: catalogue.entries_by_name(other, noun, [MARK])


async def events_in(folded: Awaitable[Mapping[bytes, Fold]]) -> list[Any]:
    """Return the events that columns hold."""
    return [event for fold in (await folded).values() for event in fold.open.events()]


async def mark_if(found: Awaitable[object], *, usual: object = None) -> str | None:
    """Return the mark in the place of an answer that has no room for one; none where it is what every workspace has."""
    answer = await found
    return MARK if answer and answer != usual else None


async def met_by(found: Awaitable[list[frozenset[bytes]]]) -> bool:
    return any(await found)


async def marks(found: Awaitable[list[Any]], one: Ids, *, key: str = "profile") -> list[str]:
    """Return a mark for each of the documents that is of the profile of marks."""
    return [MARK for document in await found if document[key] == one["Profile"]]


# How to drive each function with ids and names of the other workspace.
READS: Mapping[str, Call] = {
    "aggregates.all_aggregates": lambda other, _: aggregates.all_aggregates(other),
    "dashboards.all_dashboards": lambda other, _: dashboards.all_dashboards(other, hidden=False),
    "profiles.meeting": lambda other, one: mark_if(
        met_by(profiles.meeting(other, [one["Profile"]], [SearchMatch(MARK)])),
    ),
    "documents.heads_of": lambda other, one: documents.heads_of(other, [one["Profile"]]),
    "documents.leaves_by_id": lambda other, one: documents.leaves_by_id(other, [one["Profile"]]),
    "documents.head_of": lambda other, one: documents.head_of(other, one["Profile"]),
    "following.arrivals_after": lambda other, one: marks(following.arrivals_after(other, bytes(16)), one),
    "following.leaves_after": lambda other, one: marks(following.leaves_after(other, bytes(16), before=HIGHEST), one),
    "rebuilding.profiles_after": lambda other, one: marks(rebuilding.profiles_after(other, bytes(16)), one, key="_id"),
    "rebuilding.has_columns": lambda other, one: mark_if(rebuilding.has_columns(other, one["Profile"])),
    "reading.events_between": lambda other, one: reading.events_between(other, one["Profile"], 0, 99),
    "reading.folds_of": lambda other, one: events_in(reading.folds_of(other, {one["Profile"]: 99})),
    "attribute_definitions.all_definitions": lambda other, _: attribute_definitions.all_definitions(other),
    "identifiers.owners": lambda other, _: identifiers.owners(other, [(IdentifierKind.CUSTOM_ID, MARK)]),
    "events.list_events": lambda other, one: events.list_events(other, [one["Profile"]], PAGE),
    "events.events_by_id": lambda other, one: events.events_by_id(other, [one["Event"]]),
    "history.list_entries": lambda other, one: history.list_entries(other, [one["Profile"]], PAGE),
    "history.list_changes_of_field": lambda other, one: history.list_changes_of_field(
        other, [one["Profile"]], PAGE, field="email"
    ),
    "changes.changes_by_id": lambda other, one: changes.changes_by_id(other, [one["ChangeEntry"]]),
    "as_of.changes_since": lambda other, one: as_of.changes_since(other, {"_id": one["Profile"], "seq": 99}, CREATED),
    "jobs.jobs_by_id": lambda other, one: jobs.jobs_by_id(other, [one["Job"]]),
    "jobs.list_jobs": lambda other, _: jobs.list_jobs(other, PAGE),
    "loads.find_load": lambda other, _: loads.find_load(other, MARK),
    "records.one_record": lambda other, one: records.one_record(other, one["Profile"], session=None),
    "tail.entries_after": lambda other, one: tail.entries_after(other, one["Profile"], 0),
    "tail.entries_since": lambda other, _: tail.entries_since(other, bytes(16)),
    "tail.seq_of": lambda other, one: mark_if(tail.seq_of(other, one["Profile"])),
    "tail.seqs_since": lambda other, one: mark_if(tail.seqs_since(other, one["Profile"], CREATED, actor=TESTER.id)),
    "pages.keyset": lambda other, _: pages.keyset(other, "profiles", {}, key="_id", page=PAGE),
    "pages.newest_of_each": lambda other, one: pages.newest_of_each(other, "notes", [one["Profile"]], {}, page=PAGE),
    "profiles.profiles_by_id": lambda other, one: profiles.profiles_by_id(other, [one["Profile"]]),
    "profiles.profile_by_phone": lambda other, _: profiles.profile_by_phone(other, "+4712345678"),
    "profiles.list_profiles": lambda other, _: profiles.list_profiles(other, None, PAGE),
    "profiles.count_profiles": lambda other, _: mark_if(profiles.count_profiles(other, SearchMatch(MARK), most=2)),
    "statistics_settings.find_settings": lambda other, _: statistics_settings.find_settings(other),
    "tags.count_profiles_by_tag": lambda other, _: tags.count_profiles_by_tag(other, [MARK]),
    "tasks.list_tasks": lambda other, _: tasks.list_tasks(other, TaskMatch(), PAGE),
    **{f"beside.list_beside({name})": listing(noun) for name, noun in BESIDE.items()},
    **{f"beside.find_documents({noun.type})": finding(noun) for noun in NOUNS},
    **{f"catalogue.list_entries({noun.type})": listing_all(noun) for noun in CATALOGUES},
    **{f"catalogue.count_entries({noun.type})": counting(noun) for noun in CATALOGUES},
    **{f"catalogue.entries_by_name({noun.type})": naming(noun) for noun in CATALOGUES},
    "confirmations.find_confirmation": lambda other, one: confirmations.find_confirmation(other, one["Profile"]),
    "edits.edit": lambda other, one: edits.edit(
        other, one["Profile"], lambda edit: edit.set("description", MARK), actor=TESTER
    ),
}
# Parts of the write path inside its transaction, and writers that make what is their own; driven by `edits.edit`.
NOT_DRIVEN = {
    "statistics_settings.as_read",
    "statistics_settings.change_settings",
    "statistics_settings.default_settings",
    "aggregates.create_aggregate",
    "aggregates.ensure_aggregates",
    "aggregates.new_aggregate",
    "dashboards.create_dashboard",
    "dashboards.new_dashboard",
    "presets.ensure_presets",
    "histories.histories_of",  # it reads by `folds_of`
    "reading.add",
    "reading.fold_again",
    "reading.fold_anew",
    "reading.fold_of",
    "reading.fold_up_to",
    "reading.folded",
    "reading.read_blocks",
    "writing.insert_leaves",
    "writing.delete_leaves",
    "writing.name_leaves",
    "writing.replace_head",
    "writing.write_back",
    "cursors.cursor_id",
    "cursors.cursor_of",
    "rebuilding.rebuild",
    "following.close_gap",
    "following.gaps",
    "following.sweep",
    "as_of.profile_as_of",  # it reads by `changes_since`
    "attribute_definitions.create_definitions",
    "attribute_definitions.ensure_definitions",
    "attribute_definitions.is_attribute_used",
    "attribute_definitions.new_documents",
    "catalogue.change_entry",
    "catalogue.remove_entry",
    "confirmations.mark_used",
    "confirmations.replace_confirmation",
    "confirmations.state_of",
    "edits.begin",
    "edits.blank_profile",
    "edits.edit_together",
    "edits.make_in_turns",
    "event_definitions.ensure_definition",
    "event_definitions.create_definition",
    "idempotency.keep",
    "idempotency.recall",
    "identifiers.free_claims",
    "identifiers.identifier_id",
    "jobs.cancel_job",
    "jobs.create_job",
    "jobs.new_job",
    "loads.begin_load",
    "loads.finish_load",
    "loads.load_id",
    "tags.count_carriers",
    "tags.create_tags",
    "tags.ensure_tag",
    "tags.new_tag",
}


def functions_of_storage() -> set[str]:
    """Return the functions that take a workspace, outside of the write path, which runs below `edits.edit`."""
    found = set()
    for info in pkgutil.walk_packages(storage.__path__, "storage."):
        if info.name.startswith("storage.write.") and info.name != edits.__name__:
            continue
        module = importlib.import_module(info.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            given = inspect.signature(function).parameters.get("workspace")
            if function.__module__ == info.name and given is not None and given.annotation is Workspace:
                found.add(f"{info.name.rpartition('.')[2]}.{name}")
    return found


async def one_and_other(workspace: Workspace) -> tuple[Ids, Workspace]:
    """Return the ids of things full of marks, and a second workspace with data of its own."""

    def fill(edit: Edit) -> None:
        edit.set("customId", MARK)
        edit.set("phone", "+4712345678")
        edit.add_tag(MARK, source=ChangeSource.API)
        add_beside(edit, MARK)
        seen = {"firstSeenAt": CREATED, "lastSeenAt": CREATED}
        edit.add_uuid({"value": MARK, "platform": None, **seen})  # type: ignore[typeddict-item]
        edit.add_firebase_id({"value": MARK, "platform": "IOS", "uuid": None, **seen})  # type: ignore[typeddict-item]

    await attribute_definitions.ensure_definitions(
        workspace, [{"name": MARK, "displayName": MARK, "type": AttributeType.STRING}], now=CREATED
    )
    await event_definitions.ensure_definition(workspace, MARK, display_name=MARK, now=CREATED)
    await tags.ensure_tag(workspace, MARK, source=ChangeSource.API, now=CREATED)
    profile = await a_profile(
        workspace, email=f"{MARK}@example.com", firstName=MARK, events=[an_event(MARK, uuid=MARK)], change=fill
    )
    await an_import(workspace, people(1), user=MARK)
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
    await loads.begin_load(workspace, MARK, now=CREATED)
    definition: Any = {
        "name": MARK,
        "displayName": MARK,
        "description": None,
        "function": "COUNT",
        "actions": [MARK],
        "param": None,
        "filters": [],
        "timeZone": "UTC",
        "limit": None,
        "quantile": None,
        "showOnProfile": True,
        "window": {"kind": "LIFETIME", "unit": None, "count": None, "since": None, "until": None, "calendar": False},
    }
    await aggregates.create_aggregate(workspace, definition, now=CREATED, session=None)
    settings = statistics_settings.default_settings(workspace)
    await statistics_settings.change_settings(
        workspace, settings, {"params": {**settings["params"], "amount": MARK}}, now=CREATED, session=None
    )
    board: Any = {"name": MARK, "displayName": MARK, "description": None, "showOnProfile": True, "condition": None}
    widget = {"title": MARK, "kind": "FIGURE", "granularity": None, "by": None, "columns": [], "aggregate": None}
    await dashboards.create_dashboard(
        workspace, {**board, "widgets": [{**widget, "query": definition}]}, now=CREATED, session=None
    )
    leaf = {"_id": profile["_id"], "workspace": workspace.id, "profile": profile["_id"], "columns": {"mark": MARK}}
    await workspace.database.insert("leaves", [leaf])
    head = {"_id": profile["_id"], "profile": profile["_id"], "seq": 0, "gen": 1, "engine": 1, "leaves": []}
    columns = Columns.of([{"_id": bytes(16), "action": MARK, "params": {}}]).document()
    await workspace.database.insert("heads", [{**head, "workspace": workspace.id, "open": columns}])
    found = {noun.type: await marked(workspace, noun) for noun in NOUNS}
    return found, other


async def marked(workspace: Workspace, noun: Noun) -> bytes:
    """Return the id of the thing of a noun that is full of marks."""
    documents = await workspace.find(noun.collection.name, ENTRIES.get(noun, {}))
    id: bytes = next(document["_id"] for document in documents if MARK in repr(document))
    return id


def test_every_function_that_takes_a_workspace_is_driven() -> None:
    assert functions_of_storage() == {*(name.partition("(")[0] for name in READS), *NOT_DRIVEN}


@pytest.mark.parametrize("name", READS)
async def test_storage_keeps_to_its_workspace(workspace: Workspace, name: str) -> None:
    ids, other = await one_and_other(workspace)
    assert MARK not in repr(await READS[name](other, ids))
    (unchanged,) = await profiles.profiles_by_id(workspace, [ids["Profile"]])
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
    """Return arguments of root fields that ask for the other workspace's things; the other fields take none here."""
    ids = [to_public(noun.prefix, one[noun.type]) for noun in NOUNS]
    kinds = ("uuid", "firebaseId", "customId")
    return {
        "aggregatePreview": [f'(profileId: "{ids[0]}", definition: {{function: COUNT, actions: ["{MARK}"]}})'],
        "job": [f'(id: "{to_public("job", one["Job"])}")'],
        "node": [f'(id: "{id}")' for id in ids],
        "nodes": [f"(ids: {json.dumps(ids)})"],
        "profile": [
            f'(by: {{id: "{ids[0]}"}})',
            f'(by: {{email: "{MARK}@example.com"}})',
            '(by: {phone: "+4712345678"})',
            *(f'(by: {{{kind}: "{MARK}"}})' for kind in kinds),
        ],
        **{name: [f'(name: "{MARK}")'] for name in ("tag", "attributeDefinition", "eventDefinition")},
        "profiles": [
            "",
            f'(filter: {{search: "{MARK}"}})',
            f'(filter: {{attribute: {{name: "firstName", value: {{string: "{MARK}"}}}}}})',
        ],
    }


async def test_the_api_keeps_to_the_workspace_of_the_credential(ask: Ask, workspace: Workspace) -> None:
    one, other = await one_and_other(workspace)
    asked = arguments(one)
    root = schema._schema.query_type
    assert root is not None
    assert set(asked) <= set(root.fields)
    for name in root.fields:
        for given in asked.get(name, [""]):
            query = f"{{ {name}{given} {selection(get_named_type(root.fields[name].type))} }}"
            inside = json.dumps(await ask(query))
            assert MARK in inside or name in {"viewer", "profilesCount"}, (name, given)
            data = await ask(query, of=other)
            assert MARK not in json.dumps(data), (name, given)
            if given:
                assert data[name] in (None, [None] * len(one)) or data[name]["ProfileConnection_edges"] == []


async def test_conditions_and_counts_keep_to_it_as_well(ask: Ask, workspace: Workspace) -> None:
    _, other = await one_and_other(workspace)
    for condition in (f'{{tag: {{name: "{MARK}"}}}}', f'{{attribute: {{name: "{MARK}", comparison: EXISTS}}}}'):
        (error,) = await ask(f"{{ profilesCount(filter: {condition}) {{ count }} }}", of=other, failing=True)
        assert error.original_error.extensions["argument"].endswith(".name")
    search = f'{{ profilesCount(filter: {{search: "{MARK}"}}) {{ count }} }}'
    assert [(await ask(search, of=each))["profilesCount"]["count"] for each in (workspace, other)] == [1, 0]
    counted = ("tags", "eventDefinitions", "attributeDefinitions", "aggregates")
    totals = f"{{ {' '.join(f'{name} {{ totalCount }}' for name in counted)} }}"
    inside, outside = [await ask(totals, of=each) for each in (workspace, other)]
    assert all(inside[name]["totalCount"] == outside[name]["totalCount"] + 1 for name in inside)
