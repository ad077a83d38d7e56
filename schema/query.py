"""`Query`: what serves each field of it."""

from typing import Annotated, Any

import strawberry

from resolvers.nodes import find_node, find_nodes
from schema.attribute_definitions import (
    AttributeDefinition,
    AttributeDefinitionConnection,
    attribute_definition,
    attribute_definitions,
)
from schema.counts import Count, profiles_count
from schema.documents import Info, projection
from schema.event_definitions import EventDefinition, EventDefinitionConnection, event_definition, event_definitions
from schema.nodes import Node
from schema.profile_queries import ProfileConnection, profile, profiles
from schema.profiles import Profile
from schema.tags import Tag, TagConnection, tag, tags
from schema.tasks import TaskConnection, tasks
from schema.viewer import Viewer, viewer

Id = Annotated[strawberry.ID, strawberry.argument(description="Id of the object")]
Ids = Annotated[list[strawberry.ID], strawberry.argument(description="Ids of the objects, at most 100")]


def node(info: Info, id: Id) -> Any:
    return find_node(info.context, id, projection=projection(info, Profile))


def nodes(info: Info, ids: Ids) -> Any:
    return find_nodes(info.context, ids, projection=projection(info, Profile))


@strawberry.type(description="Everything that can be read")
class Query:
    viewer = strawberry.field(
        viewer, graphql_type=Viewer | None, description="Credential that the operation is made with"
    )
    node = strawberry.field(node, graphql_type=Node | None, description="Object with this id; null if there is none")
    nodes = strawberry.field(
        nodes,
        graphql_type=list[Node | None] | None,
        description="Objects with these ids, in their order; null where there is none",
    )
    profile = strawberry.field(profile, graphql_type=Profile | None, description="Profile that is found by this")
    profiles = strawberry.field(
        profiles, graphql_type=ProfileConnection | None, description="Profiles of the workspace"
    )
    tag = strawberry.field(tag, graphql_type=Tag | None, description="Tag of the catalogue with this name")
    profiles_count = strawberry.field(
        profiles_count, graphql_type=Count | None, description="Number of profiles, counted up to a limit"
    )
    tags = strawberry.field(tags, graphql_type=TagConnection | None, description="Catalogue of tags, by name")
    tasks = strawberry.field(
        tasks,
        graphql_type=TaskConnection | None,
        description="Tasks of the workspace by due date, those without one last; needs personal:read",
    )
    attribute_definition = strawberry.field(
        attribute_definition,
        graphql_type=AttributeDefinition | None,
        description="Definition of the attribute with this name",
    )
    attribute_definitions = strawberry.field(
        attribute_definitions,
        graphql_type=AttributeDefinitionConnection | None,
        description="Definitions of attributes, by source name",
    )
    event_definition = strawberry.field(
        event_definition, graphql_type=EventDefinition | None, description="Definition of the events of this action"
    )
    event_definitions = strawberry.field(
        event_definitions, graphql_type=EventDefinitionConnection | None, description="Definitions of events, by action"
    )
