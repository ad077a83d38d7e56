"""Notes about a profile, and their mutations."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from resolvers import notes as resolve
from resolvers.context import Context
from resolvers.mutations import Options
from schema.connections import After, Before, Connection, First, Last, page
from schema.documents import Info
from schema.mutations import Answer, LazyProfile, Payload, ProfileMutationInput, as_it_is, mutation
from schema.nodes import Node, NodeDocument, public_id
from storage import notes as stored
from storage.credentials import Scope
from storage.profiles import ProfileDoc


@strawberry.type(description="Note about a profile; needs personal:read")
class Note(NodeDocument, Node):
    id: strawberry.ID = public_id(stored.NOUN.prefix)
    title: str = strawberry.field(description="Title")
    text: str = strawberry.field(description="Text")
    author: str = strawberry.field(description="Who wrote it")
    created_at: datetime = strawberry.field(description="Timestamp of its creation")
    updated_at: datetime = strawberry.field(description="Timestamp of its latest change")


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


@strawberry.input(description="Note to add")
class NoteAddInput(ProfileMutationInput):
    title: str = strawberry.field(description="Title")
    text: str = strawberry.field(default="", description="Text")


@strawberry.input(description="Note to change; what is not given stays")
class NoteUpdateInput(ProfileMutationInput):
    note_id: strawberry.ID = strawberry.field(description="Id of the note")
    title: str | None = strawberry.field(default=None, description="New title")
    text: str | None = strawberry.field(default=None, description="New text")


@strawberry.input(description="Note to delete")
class NoteDeleteInput(ProfileMutationInput):
    note_id: strawberry.ID = strawberry.field(description="Id of the note")


@strawberry.type(description="What came of adding or changing a note")
class NotePayload(Payload):
    note: Note | None = strawberry.field(
        description="Note as it is now; null when refused, and changed without personal:read"
    )
    profile: LazyProfile | None = as_it_is("Profile")


@strawberry.type(description="What came of deleting a note")
class NoteDeletePayload(Payload):
    deleted_note_id: strawberry.ID | None = strawberry.field(description="Id that the note had; null when refused")
    profile: LazyProfile | None = as_it_is("Profile")


@mutation(NotePayload, Scope.PROFILES_WRITE, "Add a note to a profile")
def note_add(context: Context, options: Options, input: NoteAddInput) -> Answer:
    return resolve.add_note(context, options, input.profile_id, title=input.title, text=input.text)


@mutation(NotePayload, Scope.PROFILES_WRITE, "Change a note")
def note_update(context: Context, options: Options, input: NoteUpdateInput) -> Answer:
    return resolve.update_note(
        context, options, input.profile_id, note_id=input.note_id, title=input.title, text=input.text
    )


@mutation(NoteDeletePayload, Scope.PROFILES_WRITE, "Delete a note")
def note_delete(context: Context, options: Options, input: NoteDeleteInput) -> Answer:
    return resolve.delete_note(context, options, input.profile_id, note_id=input.note_id)
