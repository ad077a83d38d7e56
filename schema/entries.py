"""Entries of the timeline: what every kind has in common, so that a client can draw one that it does not know."""

from datetime import datetime
from typing import Any

import strawberry

from resolvers import entries as resolve
from resolvers.entries import ChangeKind
from schema.documents import computed
from schema.nodes import Node, public_id
from storage import changes
from storage.actors import ActorKind
from storage.journal import EntryKind
from storage.sources import ChangeSource

strawberry.enum(EntryKind, name="TimelineKind", description="Kind of an entry of the timeline")
strawberry.enum(ActorKind, description="What an actor is")
strawberry.enum(ChangeKind, description="What became of something")
strawberry.enum(ChangeSource, description="Way by which something was set")


@strawberry.type(description="Who did something, as they were called then")
class Actor:
    kind: ActorKind = strawberry.field(description="What acted")
    id: str = strawberry.field(
        description="Visible prefix of the API key, subject of the token, or name of the part of the gateway"
    )
    name: str = strawberry.field(description="Name of the credential, or of the part of the gateway")
    on_behalf_of: str | None = strawberry.field(description="Person for whom the credential acted, where it named one")


@strawberry.interface(description="Something that happened to a profile; later versions of the API have more kinds")
class TimelineEntry(Node):
    occurred_at: datetime = strawberry.field(description="Timestamp of when it happened")
    title: str | None = strawberry.field(description="What happened, in a few words")
    actor: Actor | None = strawberry.field(description="Who did it, or sent it in")
    source: ChangeSource = strawberry.field(description="Way by which it came")


@strawberry.interface(description="Change of a profile's data, or of something that stands beside it")
class ChangeEntry(TimelineEntry):
    id: strawberry.ID = public_id(changes.NOUN.prefix)
    title: str | None = strawberry.field(description="What was changed, in a few words")
    recorded_at = computed(
        resolve.recorded_at_of,
        datetime,
        "Timestamp of when the gateway recorded it, which lists are ordered by",
        "receivedAt",
    )
    action: str = strawberry.field(description="What was done, for example tag.change or note.create")
    fields = computed(
        resolve.fields_of,
        list[str],
        "Fields that it changed, as history takes them, for example attributes.city",
        "changes",
    )


def titled(title: Any) -> Any:
    """Return the `title` field of a type of change."""
    return computed(title, str | None, "What was changed, in a few words", "changes", "action")
