"""The journal read back: everything that happened to a profile, or what happened to one of its fields."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from storage.journal import ChangeDoc, EntryKind, EventDoc, id_range, one_of
from storage.store.mongo import Document
from storage.store.pages import Page, PageRequest, newest_of_each
from storage.store.workspace import Workspace
from storage.write.comparing import PARTS
from storage.write.writing import BESIDE

PREFIX = "chg"
CHANGES = tuple(kind for kind in EntryKind if kind is not EntryKind.EVENT)

# The kind of the changes of each field, and of each part whose items are fields: `attributes.city`, `notes.<id>`.
SINGLE: Mapping[str, EntryKind] = {
    **dict.fromkeys(("description", "geo"), EntryKind.PROFILE),
    **dict.fromkeys(("email", "phone", "customId"), EntryKind.IDENTIFIER),
}
NAMED: Mapping[str, EntryKind] = {**{part: kind for kind, part, _, _ in PARTS}, **BESIDE}


def kind_of_field(field: str) -> EntryKind | None:
    """Return the kind of a field's changes; None when there is no such field. Names of attributes may have dots."""
    part, _, name = field.partition(".")
    return NAMED.get(part) if name else SINGLE.get(field)


async def list_entries(
    workspace: Workspace,
    profiles: Sequence[bytes],
    page: PageRequest,
    *,
    kinds: Sequence[EntryKind] = (),
    since: datetime | None = None,
    until: datetime | None = None,
) -> dict[bytes, Page[EventDoc | ChangeDoc]]:
    """Return the same page of the entries of each profile, newest first, with one command."""
    of_kinds: Document = {"kind": one_of(kinds)} if kinds else {}
    matching = {**of_kinds, **id_range(page, since=since, until=until)}
    return await newest_of_each(workspace, "journal", profiles, matching, page=page)


async def list_changes_of_field(
    workspace: Workspace, profiles: Sequence[bytes], page: PageRequest, *, field: str
) -> dict[bytes, Page[ChangeDoc]]:
    """Return the same page of the entries that changed a field of each profile, newest first, with one command."""
    matching = {"changes.field": field, **id_range(page)}
    return await newest_of_each(workspace, "journal", profiles, matching, page=page)


async def changes_by_id(workspace: Workspace, ids: Sequence[bytes]) -> list[ChangeDoc]:
    """Return those of the changes that exist, in no order."""
    return [entry for entry in await workspace.by_id("journal", ids) if entry["kind"] in CHANGES]
