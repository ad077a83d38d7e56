"""Entries of the journal as clients see them: marked with their type, masked, and read by the fields of each type."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import Any, NotRequired, TypedDict

from resolvers.context import Context
from resolvers.privacy import is_personal, mask_event, mask_value
from storage.actors import ActorDoc
from storage.attribute_definitions import AttributeDefinition
from storage.changes import Change
from storage.journal import EntryKind
from storage.parts import LISTS, SINGLE
from storage.past.history import public_field
from storage.past.tail import Entry
from storage.sources import ChangeSource

MOST_NAMED = 3
Definitions = Mapping[str, AttributeDefinition]


class ChangeKind(StrEnum):
    """What became of something."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    DELETED = "DELETED"


class ShownChange(Change):
    """A change of one field, and what became of it; `masked` when it has values that the credential may not see."""

    kind: ChangeKind
    masked: bool


# A change of the profile's data as its fields read it.
EntryDoc = TypedDict(
    "EntryDoc",
    {
        "__typename": str,
        "_id": bytes,
        "occurredAt": datetime,
        "receivedAt": datetime,
        "actor": ActorDoc,
        "source": ChangeSource,
        "action": str,
        "changes": list[ShownChange],
        "profile": NotRequired[bytes],
    },
)


async def shown_entries(context: Context, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return entries as the credential may see them, marked with their types."""
    if context.sees_personal or all(entry["kind"] == EntryKind.EVENT for entry in entries):
        definitions: Definitions = {}
    else:
        definitions = await context.loaders.attribute_definitions.load(context.workspace.id)
    return [shown_entry(context, entry, definitions) for entry in entries]


def shown_entry(context: Context, entry: Mapping[str, Any], definitions: Definitions) -> dict[str, Any]:
    if entry["kind"] == EntryKind.EVENT:
        event: Any = entry
        return {**(event if context.sees_personal else mask_event(event)), "__typename": "Event"}
    changes = [shown_change(change, None if context.sees_personal else definitions) for change in entry["changes"]]
    return {**entry, "changes": changes, "__typename": f"{entry['kind'].capitalize()}Change"}


def shown_change(change: Change, definitions: Definitions | None) -> ShownChange:
    """Return a change; without `definitions` everything is shown, else what is personal is masked as on the profile."""
    part, _, name = change["field"].partition(".")
    before, after = change["before"], change["after"]
    kind = ChangeKind.CREATED if before is None else ChangeKind.DELETED if after is None else ChangeKind.UPDATED
    masked = definitions is not None and is_masked(part, name, definitions)
    if masked:
        before, after = mask_value(part, before), mask_value(part, after)
    return {"field": change["field"], "before": before, "after": after, "kind": kind, "masked": masked}


def is_masked(part: str, name: str, definitions: Definitions) -> bool:
    if part == "attributes":
        return is_personal(name, definitions)
    known = SINGLE.get(part) or LISTS.get(part)
    return known is None or known.personal


recorded_at_of = itemgetter("receivedAt")


def fields_of(entry: EntryDoc) -> list[str]:
    """Return the names of the fields that an entry changed, as `history` takes them."""
    return [public_field(change["field"]) for change in entry["changes"]]


def kind_of(entry: EntryDoc) -> ChangeKind:
    """Return what became of the thing that an entry tells of, by the verb of its action."""
    verbs = {"create": ChangeKind.CREATED, "delete": ChangeKind.DELETED}
    return verbs.get(entry["action"].rpartition(".")[2], ChangeKind.UPDATED)


def only_change(entry: EntryDoc) -> ShownChange:
    """Return the change of an entry that tells of one."""
    return entry["changes"][0]


def change_of(entry: EntryDoc, field: str) -> ShownChange | None:
    """Return the change of one field, if the entry has it."""
    return next((change for change in entry["changes"] if change["field"] == field), None)


def before_of(entry: EntryDoc) -> Any:
    return only_change(entry)["before"]


def after_of(entry: EntryDoc) -> Any:
    return only_change(entry)["after"]


def title_of(noun: str) -> Callable[[EntryDoc], str]:
    """Return the function that titles the entries about a noun: Note created."""
    return lambda entry: f"{noun} {kind_of(entry).lower()}"


def listed(names: Sequence[str]) -> str:
    """Return names as a title has room for them."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
