"""Entries of the timeline: what every kind has in common, so that a client can draw one that it does not know."""

from datetime import datetime
from typing import Any

import strawberry

from resolvers import entries as resolve
from resolvers.entries import ChangeKind
from schema.documents import computed
from schema.enums import described
from schema.nodes import Node, public_id
from storage import changes
from storage.actors import ActorKind
from storage.journal import EntryKind
from storage.sources import ChangeSource

described(
    EntryKind,
    "Kind of an entry of the timeline",
    name="TimelineKind",
    EVENT="Event that was sent in or added by hand",
    PROFILE="Change of the description or location, or the making of the profile",
    IDENTIFIER="Change of identifiers or devices",
    ATTRIBUTE="Change of attributes",
    TAG="Change of tags",
    AGREEMENT="Change of marketing agreements",
    NOTE="Change of notes",
    TASK="Change of tasks",
)
described(
    ActorKind,
    "What an actor is",
    API_KEY="API key",
    TOKEN="Token of the OpenID Connect issuer",  # noqa: S106 - a description
    LINK="Person who clicked a confirmation link",
    GATEWAY="Gateway itself, for example its import",
)
described(
    ChangeKind,
    "What became of something",
    CREATED="It is new",
    UPDATED="It is different",
    DELETED="It is gone",
)
described(
    ChangeSource,
    "Way by which something was set",
    API="Mutation or ingestion that named no person",
    SDK="SDK in a website or app",
    IMPORT="Import of profiles, or demo data",
    AUTOMATION="Consequence of something else, for example of registering a device",
    CARD="Person who edited the profile: mutation with onBehalfOf",
    LINK="Click on a confirmation link",
    SYSTEM="System that computes it; what has this source is not for people to add or remove",
)


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
