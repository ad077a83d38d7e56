"""Entries of a workspace's catalogues, such as tags and definitions: how any of them is changed and removed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from storage.declaration import Noun
from storage.store.ids import whole_milliseconds
from storage.store.mongo import Session
from storage.store.workspace import Workspace

EntryT = TypeVar("EntryT", bound=Mapping[str, Any])


def stamps(now: datetime) -> dict[str, Any]:
    """Return what every new entry has besides its own: its version, and its times."""
    at = whole_milliseconds(now)
    return {"version": 1, "createdAt": at, "updatedAt": at}


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
