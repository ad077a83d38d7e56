"""Tags: those of a profile, and the catalogue."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from resolvers import tags as resolve
from schema.connections import After, Before, Connection, First, Last, page
from schema.documents import Info, computed, reads
from schema.nodes import Node, NodeDocument, public_id
from storage import tags as stored
from storage.tags import TagSource

strawberry.enum(TagSource, description="Who put a tag there")


@strawberry.type(description="Tag that a profile carries")
class ProfileTag:
    name: str = strawberry.field(description="Name of the tag")
    source: TagSource = strawberry.field(description="Who added it")
    added_at: datetime = strawberry.field(description="Timestamp of when it was added")
    removable = computed(resolve.is_removable, bool, "Indicates whether it can be removed by hand", "source")


def profile_count(root: strawberry.Parent[stored.TagDoc], info: Info) -> Any:
    return resolve.profile_count_of(info.context, root)


@strawberry.type(description="Tag in the catalogue of the workspace")
class Tag(NodeDocument, Node):
    id: strawberry.ID = public_id(stored.NOUN.prefix)
    name: str = strawberry.field(description="Name, unique in the workspace")
    description: str | None = strawberry.field(description="What the tag is for")
    source: TagSource = strawberry.field(description="Who created it")
    created_at: datetime = strawberry.field(description="Timestamp of its creation")
    profile_count = strawberry.field(
        profile_count, graphql_type=int, description="Number of profiles that carry it", metadata=reads("name")
    )


def tags(
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return resolve.list_tags(info.context, page(first, after, last, before))


TagConnection = Connection[Tag]
