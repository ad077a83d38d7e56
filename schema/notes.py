"""Notes about a profile."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from resolvers import notes as resolve
from schema.connections import After, Before, Connection, First, Last, page
from schema.documents import Info
from schema.nodes import Node, NodeDocument, public_id
from storage import notes as stored
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
