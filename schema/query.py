"""`Query`: what serves each field of it."""

from typing import Annotated, Any

import strawberry

from resolvers.nodes import find_node, find_nodes
from schema.attribute_definitions import AttributeDefinitionConnection, attribute_definitions
from schema.counts import Count, profiles_count
from schema.documents import Info, projection
from schema.event_definitions import EventDefinitionConnection, event_definitions
from schema.nodes import Node
from schema.profile_queries import ProfileConnection, profile, profiles
from schema.profiles import Profile
from schema.tags import TagConnection, tags
from schema.tasks import TaskConnection, tasks
from schema.viewer import Viewer, viewer

Id = Annotated[strawberry.ID, strawberry.argument(description="Id of the thing")]
Ids = Annotated[list[strawberry.ID], strawberry.argument(description="Ids of the things, at most 100")]


def node(info: Info, id: Id) -> Any:
    return find_node(info.context, id, projection=projection(info, Profile))


def nodes(info: Info, ids: Ids) -> Any:
    return find_nodes(info.context, ids, projection=projection(info, Profile))


@strawberry.type(description="Everything that can be read")
class Query:
    viewer = strawberry.field(
        viewer, graphql_type=Viewer | None, description="Credential that the operation is made with"
    )
    node = strawberry.field(node, graphql_type=Node | None, description="Thing with this id, if there is one")
    nodes = strawberry.field(
        nodes, graphql_type=list[Node | None] | None, description="Things with these ids, in their order"
    )
    profile = strawberry.field(profile, graphql_type=Profile | None, description="Profile that is found by this")
    profiles = strawberry.field(
        profiles, graphql_type=ProfileConnection | None, description="Profiles of the workspace"
    )
    profiles_count = strawberry.field(
        profiles_count, graphql_type=Count | None, description="Number of profiles, counted up to a limit"
    )
    tags = strawberry.field(tags, graphql_type=TagConnection | None, description="Catalogue of tags, by name")
    tasks = strawberry.field(
        tasks,
        graphql_type=TaskConnection | None,
        description="Tasks of the workspace by due date, those without one last; needs personal:read",
    )
    attribute_definitions = strawberry.field(
        attribute_definitions,
        graphql_type=AttributeDefinitionConnection | None,
        description="Definitions of attributes, by source name",
    )
    event_definitions = strawberry.field(
        event_definitions, graphql_type=EventDefinitionConnection | None, description="Definitions of events, by action"
    )
