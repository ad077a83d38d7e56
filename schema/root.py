"""The root: a manifest of what serves each field of it."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig

from resolvers.nodes import find_node, find_nodes
from schema.attribute_mutations import AttributeMutations
from schema.attributes import AttributeDefinition, AttributeDefinitionConnection, attribute_definitions
from schema.base import GatewaySchema, Names
from schema.documents import Info, projection, read_key
from schema.event_mutations import EventMutations
from schema.events import Event, EventDefinition, EventDefinitionConnection, event_definitions
from schema.identity_mutations import IdentityMutations
from schema.live import Subscription
from schema.nodes import Node
from schema.note_mutations import NoteMutations
from schema.notes import Note
from schema.profile_mutations import ProfileMutations
from schema.profiles import Profile, ProfileConnection, profile, profiles
from schema.scalars import ANY_JSON, CURSOR, TIMESTAMP, Cursor
from schema.subscription_mutations import SubscriptionMutations
from schema.tag_mutations import TagMutations
from schema.tags import Tag, TagConnection, tags
from schema.task_mutations import TaskMutations
from schema.tasks import Task, TaskConnection, tasks
from schema.viewer import Viewer, viewer

Id = Annotated[strawberry.ID, strawberry.argument(description="Id of the thing")]
Ids = Annotated[list[strawberry.ID], strawberry.argument(description="Ids of the things, at most 100")]


def node(info: Info, id: Id) -> Any:
    return find_node(info.context, id, projection=projection(info, Profile))


def nodes(info: Info, ids: Ids) -> Any:
    return find_nodes(info.context, ids, projection=projection(info, Profile))


@strawberry.type(description="Everything that can be read")
class Query:
    viewer = strawberry.field(viewer, graphql_type=Viewer, description="Credential that the operation is made with")
    node = strawberry.field(node, graphql_type=Node | None, description="Thing with this id, if there is one")
    nodes = strawberry.field(nodes, graphql_type=list[Node | None], description="Things with these ids, in their order")
    profile = strawberry.field(profile, graphql_type=Profile | None, description="Profile that is found by this")
    profiles = strawberry.field(profiles, graphql_type=ProfileConnection, description="Profiles of the workspace")
    tags = strawberry.field(tags, graphql_type=TagConnection, description="Catalogue of tags, by name")
    tasks = strawberry.field(
        tasks,
        graphql_type=TaskConnection,
        description="Tasks of the workspace by due date, those without one last; needs personal:read",
    )
    attribute_definitions = strawberry.field(
        attribute_definitions,
        graphql_type=AttributeDefinitionConnection,
        description="Definitions of attributes, by source name",
    )
    event_definitions = strawberry.field(
        event_definitions, graphql_type=EventDefinitionConnection, description="Definitions of events, by action"
    )


@strawberry.type(description="Everything that can be changed")
class Mutation(
    NoteMutations,
    ProfileMutations,
    IdentityMutations,
    SubscriptionMutations,
    TaskMutations,
    AttributeMutations,
    TagMutations,
    EventMutations,
):
    """One base class a noun."""


schema = GatewaySchema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[Profile, Event, Note, Task, Tag, AttributeDefinition, EventDefinition],
    config=StrawberryConfig(
        name_converter=Names(),
        default_resolver=read_key,
        scalar_map={datetime: TIMESTAMP, JSON: ANY_JSON, Cursor: CURSOR},
    ),
)
