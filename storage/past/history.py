"""The journal read back: everything that happened to a profile, or what happened to one of its fields."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from storage.attributes import RECEIVES_WHATSAPP
from storage.changes import ChangeDoc
from storage.declaration import Noun
from storage.events import EventDoc
from storage.journal import EntryKind, id_range, one_of
from storage.nouns import BESIDE
from storage.parts import LISTS, SINGLE, Part
from storage.profiles import Channel
from storage.store.errors import BadInputError, NotFoundError
from storage.store.ids import from_public, to_public
from storage.store.mongo import Document
from storage.store.pages import Page, PageRequest, newest_of_each
from storage.store.workspace import Workspace

# WhatsApp's agreement is an attribute (R29).
WHATSAPP = f"attributes.{RECEIVES_WHATSAPP}"
# What has named items, each of which is a field: `attributes.city`, `notes.<id>`.
NAMED: Mapping[str, Part | Noun] = {**LISTS, **BESIDE}


def public_field(field: str) -> str:
    """Return a field of the journal by the name that clients know it by: `notes.nte_...` is stored as `notes....`."""
    if field == WHATSAPP:
        return f"agreements.{Channel.WHATSAPP}"
    part, _, id = field.partition(".")
    return f"{part}.{to_public(BESIDE[part].prefix, bytes.fromhex(id))}" if part in BESIDE else field


def stored_field(field: str) -> str:
    """Return a field by the name that the journal has for it; raises for what is no field. Names may have dots."""
    part, _, name = field.partition(".")
    if not (part in NAMED if name else field in SINGLE):
        message = (
            f"A field is one of {', '.join(SINGLE)}, or begins with one of {', '.join(NAMED)}, as in attributes.city."
        )
        raise BadInputError(message, argument="field")
    if part == "agreements" and name not in Channel.__members__:
        message = f"agreements has one of {', '.join(Channel)} beneath it."
        raise BadInputError(message, argument="field")
    if field == f"agreements.{Channel.WHATSAPP}":
        return WHATSAPP
    if part not in BESIDE:
        return field
    prefix, key = from_public(name, argument="field")
    if prefix != BESIDE[part].prefix:
        raise NotFoundError(f"The ids of {part} begin with {BESIDE[part].prefix}_.", argument="field")
    return f"{part}.{key.hex()}"


async def list_entries(
    workspace: Workspace,
    profiles: Sequence[bytes],
    page: PageRequest,
    *,
    kinds: Sequence[EntryKind] = (),
    actions: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
) -> dict[bytes, Page[EventDoc | ChangeDoc]]:
    """Return the same page of the entries of each profile, newest first, with one command."""
    named: Document = {"kind": one_of(kinds)} if kinds else {}
    if actions:  # the index of actions begins with the kind
        named = {"kind": one_of(kinds or tuple(EntryKind)), "action": one_of(actions)}
    matching = {**named, **id_range(page, since=since, until=until)}
    return await newest_of_each(workspace, "journal", profiles, matching, page=page)


async def list_changes_of_field(
    workspace: Workspace, profiles: Sequence[bytes], page: PageRequest, *, field: str
) -> dict[bytes, Page[ChangeDoc]]:
    """Return the same page of the entries that changed a field of each profile, newest first, with one command."""
    matching = {"changes.field": field, **id_range(page)}
    return await newest_of_each(workspace, "journal", profiles, matching, page=page)
