"""The journal read back: everything that happened to a profile, or what happened to one of its fields."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from storage.changes import ChangeDoc
from storage.declaration import Noun
from storage.events import EventDoc
from storage.journal import EntryKind, id_range, one_of
from storage.nouns import BESIDE
from storage.parts import LISTS, SINGLE, Part
from storage.store.mongo import Document
from storage.store.pages import Page, PageRequest, newest_of_each
from storage.store.workspace import Workspace

# What has named items, each of which is a field: `attributes.city`, `notes.<id>`.
NAMED: Mapping[str, Part | Noun] = {**LISTS, **BESIDE}


def is_field(field: str) -> bool:
    """Return whether changes may be of this field. Names of attributes may have dots."""
    part, _, name = field.partition(".")
    return part in NAMED if name else field in SINGLE


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
