"""Mutations of notes."""

from typing import Annotated, Any

import strawberry

from resolvers import notes as resolve
from schema.documents import Info
from schema.mutations import Payload, ProfileMutationInput
from schema.notes import Note
from schema.profiles import Profile


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
    profile: Profile | None = strawberry.field(description="Profile as it is now; null when refused")


@strawberry.type(description="What came of deleting a note")
class NoteDeletePayload(Payload):
    deleted_note_id: strawberry.ID | None = strawberry.field(description="Id that the note had; null when refused")
    profile: Profile | None = strawberry.field(description="Profile as it is now; null when refused")


AddInput = Annotated[NoteAddInput, strawberry.argument(description="Note to add")]
UpdateInput = Annotated[NoteUpdateInput, strawberry.argument(description="Note to change")]
DeleteInput = Annotated[NoteDeleteInput, strawberry.argument(description="Note to delete")]


def note_add(info: Info, input: AddInput) -> Any:
    return resolve.add_note(
        info.context, input.profile_id, input.options("noteAdd"), title=input.title, text=input.text
    )


def note_update(info: Info, input: UpdateInput) -> Any:
    return resolve.update_note(
        info.context,
        input.profile_id,
        input.options("noteUpdate"),
        note_id=input.note_id,
        title=input.title,
        text=input.text,
    )


def note_delete(info: Info, input: DeleteInput) -> Any:
    return resolve.delete_note(info.context, input.profile_id, input.options("noteDelete"), note_id=input.note_id)


@strawberry.type
class NoteMutations:
    note_add = strawberry.field(note_add, graphql_type=NotePayload | None, description="Add a note to a profile")
    note_update = strawberry.field(note_update, graphql_type=NotePayload | None, description="Change a note")
    note_delete = strawberry.field(note_delete, graphql_type=NoteDeletePayload | None, description="Delete a note")
