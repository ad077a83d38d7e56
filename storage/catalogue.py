"""Entries of a workspace's catalogues, such as tags and definitions: how any of them is found, changed and removed.

Each has a name that no other of its noun has.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from storage.declaration import Noun
from storage.engines.values import key_of
from storage.store.ids import whole_milliseconds
from storage.store.mongo import Filter, Session
from storage.store.pages import Page, PageRequest, keyset
from storage.store.workspace import Workspace

EntryT = TypeVar("EntryT", bound=Mapping[str, Any])


def stamps(now: datetime) -> dict[str, Any]:
    """Return what every new entry has besides its own: its version, and its times."""
    at = whole_milliseconds(now)
    return {"version": 1, "createdAt": at, "updatedAt": at}


async def list_entries(
    workspace: Workspace, noun: Noun, page: PageRequest, *, match: Filter | None = None
) -> Page[Any]:
    """Return one page of the entries that match, by name."""
    return await keyset(workspace, noun.collection.name, match or {}, key="name", length=None, page=page)


async def count_entries(
    workspace: Workspace, noun: Noun, *, most: int, match: Filter | None = None, session: Session = None
) -> int:
    """Return how many entries match, and `most` where they are as many or more."""
    return await workspace.count(noun.collection.name, match or {}, most=most, session=session)


async def entries_by_name(
    workspace: Workspace, noun: Noun, names: Sequence[str], *, session: Session = None
) -> list[Any]:
    """Return the entries that have one of the names, in no order."""
    return await workspace.find(noun.collection.name, {"name": {"$in": list(names)}}, session=session)


def changes_of(entry: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the fields that are not as the entry has them; `true` is not 1, though Python has them equal."""
    return {name: value for name, value in fields.items() if key_of(entry[name]) != key_of(value)}


async def change_entry(
    workspace: Workspace, noun: Noun, entry: EntryT, fields: Mapping[str, Any], *, now: datetime, session: Session
) -> EntryT:
    """Change some fields of an entry, which gives it its next version, and return it."""
    moved = {**fields, "version": entry["version"] + 1, "updatedAt": whole_milliseconds(now)}
    own = workspace.own({"_id": entry["_id"]})
    await workspace.database.update(noun.collection.name, own, {"$set": moved}, session=session)
    after: Any = {**entry, **moved}
    return after  # type: ignore[no-any-return]  # the fields are the entry's own


async def remove_entry(workspace: Workspace, noun: Noun, entry: Mapping[str, Any], *, session: Session) -> None:
    await workspace.database.delete(noun.collection.name, workspace.own({"_id": entry["_id"]}), session=session)
