"""`Query`: what serves each field of it."""

from collections.abc import Callable
from typing import Annotated, Any

import strawberry

from resolvers.nodes import find_node, find_nodes
from schema.aggregates import AggregateDefinitionConnection, aggregates
from schema.analyses import AggregateResult, preview
from schema.attribute_definitions import (
    AttributeDefinition,
    AttributeDefinitionConnection,
    attribute_definition,
    attribute_definitions,
)
from schema.counts import Count, profiles_count
from schema.dashboards import DashboardConnection, dashboards
from schema.documents import Info, projection
from schema.event_definitions import EventDefinition, EventDefinitionConnection, event_definition, event_definitions
from schema.jobs import Job, JobConnection, job, jobs
from schema.nodes import Node
from schema.profile_queries import ProfileConnection, profile, profiles
from schema.profiles import Profile
from schema.statistics_settings import StatisticsSettings, statistics_settings
from schema.tags import Tag, TagConnection, tag, tags
from schema.tasks import TaskConnection, tasks
from schema.viewer import Viewer, viewer

Id = Annotated[strawberry.ID, strawberry.argument(description="Id of the object")]
Ids = Annotated[list[strawberry.ID], strawberry.argument(description="Ids of the objects, at most 100")]


def node(info: Info, id: Id) -> Any:
    return find_node(info.context, id, projection=projection(info, Profile))


def nodes(info: Info, ids: Ids) -> Any:
    return find_nodes(info.context, ids, projection=projection(info, Profile))


def root(resolve: Callable[..., Any], type: Any, description: str) -> Any:
    """Return a field of the root: nullable, so that one which is refused or fails leaves the others (R64)."""
    return strawberry.field(resolve, graphql_type=type | None, description=description)


@strawberry.type(description="Everything that can be read")
class Query:
    viewer = root(viewer, Viewer, "Credential that the operation is made with")
    node = root(node, Node, "Object with this id; null if there is none")
    nodes = root(nodes, list[Node | None], "Objects with these ids, in their order; null where there is none")
    profile = root(profile, Profile, "Profile that is found by this")
    profiles = root(profiles, ProfileConnection, "Profiles of the workspace")
    profiles_count = root(profiles_count, Count, "Number of profiles, counted up to a limit")
    tasks = root(
        tasks, TaskConnection, "Tasks of the workspace by due date, those without one last; needs personal:read"
    )
    tag = root(tag, Tag, "Tag of the catalogue with this name")
    tags = root(tags, TagConnection, "Catalogue of tags, by name")
    attribute_definition = root(attribute_definition, AttributeDefinition, "Definition of the attribute with this name")
    attribute_definitions = root(
        attribute_definitions, AttributeDefinitionConnection, "Definitions of attributes, by source name"
    )
    event_definition = root(event_definition, EventDefinition, "Definition of the events of this action")
    event_definitions = root(event_definitions, EventDefinitionConnection, "Definitions of events, by action")
    job = root(job, Job, "Job with this id")
    jobs = root(jobs, JobConnection, "Jobs of the workspace, newest first; kept for 30 days")
    aggregates = root(aggregates, AggregateDefinitionConnection, "Definitions of aggregates, by name")
    statistics_settings = root(statistics_settings, StatisticsSettings, "What statistics count, and when weeks begin")
    dashboards = root(dashboards, DashboardConnection, "Dashboards of the workspace, by name")
    aggregate_preview = root(
        preview, AggregateResult, "Figure of a definition that is not stored, while somebody edits it"
    )
