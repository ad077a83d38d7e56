"""Notes of a profile; they are about the person, so reading them is reading personal data."""

from collections.abc import Mapping
from typing import Any

from loaders.queries import BesideQuery
from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.mutations import Options, PayloadDoc, actor_of, change_beside, create_beside, titled
from resolvers.privacy import require_reading, without_personal
from storage.credentials import Scope
from storage.notes import NOUN, NoteDoc, new_note
from storage.profiles import ProfileDoc
from storage.rules import check_kept
from storage.store.ids import to_public
from storage.store.pages import PageRequest
from storage.write.working_copy import Edit


async def notes_of(context: Context, profile: ProfileDoc, page: PageRequest) -> ConnectionDoc:
    """Return one page of the notes, newest first (R51)."""
    context.credential.require(Scope.PROFILES_READ)
    require_reading(context, NOUN)
    return connection(await context.loaders.beside.load((profile["_id"], BesideQuery(NOUN, page))))


async def create_note(context: Context, options: Options, profile_id: str, *, title: str, text: str) -> PayloadDoc:
    """Add a note; its author is the credential, and who it acts for."""

    def change(edit: Edit) -> None:
        checked_title, checked_text = titled(title, text)
        author = actor_of(context, options).document()
        note = new_note(edit.profile, title=checked_title, text=checked_text, author=author, at=edit.now)
        edit.made["note"] = edit.put(NOUN, None, note)

    return await create_beside(context, options, profile_id, change)


async def update_note(context: Context, options: Options, note_id: str, *, fields: Mapping[str, Any]) -> PayloadDoc:
    """Change the title, the text, or both, as far as they are given; author and time of creation stay."""

    def change(edit: Edit, note: NoteDoc) -> None:
        check_kept(fields, "title", "text")
        after: NoteDoc = {**note, **fields}  # type: ignore[typeddict-item]  # its keys
        titled(after["title"], after["text"])
        edit.made["note"] = note if after == note else edit.put(NOUN, note, after)

    return without_personal(context, await change_beside(context, options, NOUN, note_id, change), "note")


async def delete_note(context: Context, options: Options, note_id: str) -> PayloadDoc:
    """Delete a note; the history keeps what it was."""

    def change(edit: Edit, note: NoteDoc) -> None:
        edit.remove(NOUN, note)
        edit.made["deletedNoteId"] = to_public(NOUN.prefix, note["_id"])

    return await change_beside(context, options, NOUN, note_id, change)
