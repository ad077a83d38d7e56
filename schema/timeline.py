"""The timeline of a profile: its events, and a type for each kind of change."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import timeline as resolve
from schema.activity import From, To
from schema.connections import After, Before, Connection, First, Last, page
from schema.documents import Info
from schema.events import Event
from schema.mutations import Change
from schema.nodes import Node, NodeDocument, public_id
from schema.scalars import Cursor
from storage import changes
from storage.journal import EntryKind
from storage.profiles import ProfileDoc

strawberry.enum(EntryKind, name="TimelineKind", description="Kind of an entry of the timeline")


@strawberry.interface(description="Change of a profile's data, with who made it")
class ChangeEntry(Node):
    id: strawberry.ID = public_id(changes.NOUN.prefix)
    occurred_at: datetime = strawberry.field(description="Timestamp of the change")
    actor: str = strawberry.field(description="Credential that it was made with")
    user: str | None = strawberry.field(description="Person for whom the credential acted, where it named one")
    source: str = strawberry.field(description="What it came through, for example API")
    action: str = strawberry.field(description="What was done, for example tag.change")
    changes: list[Change] = strawberry.field(description="Fields that it changed; none when the profile was made empty")


@strawberry.type(description="Change of description or location; the first one made the profile")
class ProfileChange(NodeDocument, ChangeEntry):
    """Of `EntryKind.PROFILE`; the others likewise."""


@strawberry.type(description="Change of identifiers or devices")
class IdentifierChange(NodeDocument, ChangeEntry):
    pass


@strawberry.type(description="Change of attributes")
class AttributeChange(NodeDocument, ChangeEntry):
    pass


@strawberry.type(description="Change of tags")
class TagChange(NodeDocument, ChangeEntry):
    pass


@strawberry.type(description="Change of marketing agreements")
class AgreementChange(NodeDocument, ChangeEntry):
    pass


@strawberry.type(description="Change of notes")
class NoteChange(NodeDocument, ChangeEntry):
    pass


@strawberry.type(description="Change of tasks")
class TaskChange(NodeDocument, ChangeEntry):
    pass


TimelineEntry = Annotated[
    Event | ProfileChange | IdentifierChange | AttributeChange | TagChange | AgreementChange | NoteChange | TaskChange,
    strawberry.union("TimelineEntry", description="Something that happened to a profile, by its kind"),
]


@strawberry.type(description="Page of a timeline, newest first")
class TimelineConnection(Connection[TimelineEntry]):
    live_cursor: Cursor = strawberry.field(
        description="Cursor to follow activity on from, after the entries that are shown with it"
    )


Kinds = Annotated[list[EntryKind] | None, strawberry.argument(description="Only entries of these kinds")]


def timeline(
    root: strawberry.Parent[ProfileDoc],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
    kinds: Kinds = UNSET,
    since: From = UNSET,
    until: To = UNSET,
) -> Any:
    return resolve.timeline_of(
        info.context,
        root,
        page(first, after, last, before),
        kinds=kinds or None,
        since=since or None,
        until=until or None,
    )
