"""Notes about a profile, their changes, and their mutations."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import entries
from resolvers import notes as resolve
from resolvers.beside import id_in
from resolvers.context import Context
from resolvers.entries import ChangeKind
from resolvers.mutations import Options
from schema.beside import about, became, told_of, was
from schema.connections import After, Before, Connection, First, Last, only_given, page
from schema.documents import Info, computed
from schema.entries import Actor, ChangeEntry, titled
from schema.mutations import Answer, ProfileId, ProfilePayload, mutation
from schema.nodes import Node, NodeDocument, public_id
from storage import notes as stored
from storage.credentials import Scope
from storage.profiles import ProfileDoc


@strawberry.type(description="Note about a profile; needs personal:read")
class Note(NodeDocument, Node):
    id: strawberry.ID = public_id(stored.NOUN.prefix)
    profile = about()
    title: str = strawberry.field(description="Title")
    text: str = strawberry.field(description="Text")
    author: Actor = strawberry.field(description="Who wrote it")
    version: int = strawberry.field(description="Number of its versions so far, for expectedVersion")
    created_at: datetime = strawberry.field(description="Timestamp of its creation")
    updated_at: datetime = strawberry.field(description="Timestamp of its latest change")


@strawberry.type(description="What a note said")
class NoteContent:
    title: str = strawberry.field(description="Title")
    text: str = strawberry.field(description="Text")


@strawberry.type(description="Change of a note")
class NoteChange(NodeDocument, ChangeEntry):
    title = titled(entries.title_of("Note"))
    kind = computed(entries.kind_of, ChangeKind, "What became of the note", "action")
    note_id = computed(id_in(stored.NOUN), strawberry.ID, "Id of the note", "changes")
    note = told_of(stored.NOUN, Note)
    before = was(stored.NOUN, NoteContent)
    after = became(stored.NOUN, NoteContent)


def notes(
    root: strawberry.Parent[ProfileDoc],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return resolve.notes_of(info.context, root, page(first, after, last, before))


NoteConnection = Connection[Note]
NoteId = Annotated[strawberry.ID, strawberry.argument(description="Id of the note")]


@strawberry.input(description="Note to create")
class NoteCreateInput:
    title: str = strawberry.field(description="Title")
    text: str = strawberry.field(default="", description="Text")


@strawberry.input(description="Note to change; what is not given stays")
class NoteUpdateInput:
    title: str | None = strawberry.field(default=UNSET, description="New title")
    text: str | None = strawberry.field(default=UNSET, description="New text")

    def plain(self) -> dict[str, Any]:
        return only_given({"title": self.title, "text": self.text})


@strawberry.type
class NotePayload(ProfilePayload):
    note: Note | None = strawberry.field(
        description="Note as it is now; null when refused, or when changed without personal:read"
    )


@strawberry.type
class DeletedNotePayload(ProfilePayload):
    deleted_note_id: strawberry.ID | None = strawberry.field(description="Id that the note had; null when refused")


@mutation(NotePayload, Scope.PROFILES_WRITE, "Create a note about a profile")
def note_create(context: Context, options: Options, profile_id: ProfileId, input: NoteCreateInput) -> Answer:
    return resolve.create_note(context, options, profile_id, title=input.title, text=input.text)


@mutation(NotePayload, Scope.PROFILES_WRITE, "Change a note")
def note_update(context: Context, options: Options, id: NoteId, input: NoteUpdateInput) -> Answer:
    return resolve.update_note(context, options, id, fields=input.plain())


@mutation(DeletedNotePayload, Scope.PROFILES_WRITE, "Delete a note")
def note_delete(context: Context, options: Options, id: NoteId) -> Answer:
    return resolve.delete_note(context, options, id)
