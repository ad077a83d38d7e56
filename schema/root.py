"""The root: what can be read, changed and followed, and the types that only an interface leads to."""

from datetime import datetime

from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type

from schema import (
    aggregates,
    agreements,
    attribute_definitions,
    attributes,
    dashboards,
    event_definitions,
    events,
    identities,
    imports,
    notes,
    profiles,
    statistics_settings,
    tags,
    tasks,
)
from schema.base import GatewaySchema, Names
from schema.documents import read_key
from schema.live import Subscription
from schema.mutations import mutations_of
from schema.nodes import NodeDocument
from schema.query import Query
from schema.scalars import ANY_JSON, CURSOR, TIMESTAMP, Cursor

Mutation = create_type(
    "Mutation",
    mutations_of(
        profiles,
        identities,
        attributes,
        tags,
        agreements,
        events,
        notes,
        tasks,
        attribute_definitions,
        event_definitions,
        aggregates,
        statistics_settings,
        dashboards,
        imports,
    ),
    description="Everything that can be changed",
)

DESCRIPTION = """\
Profiles of the customers of one workspace: who they are, what they did, and what may be sent to them.
Send `Authorization: Bearer` with an API key or a token of the issuer; what its scopes do not allow is masked, or
refused with the code FORBIDDEN (docs/authentication.md).
Everywhere ids are opaque, lists that can grow are Relay connections, times end in `At` and are in UTC, and mutations
list in `userErrors` what they refuse (docs/errors.md); the schema grows as docs/schema-policy.md says."""

schema = GatewaySchema(
    description=DESCRIPTION,
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=NodeDocument.__subclasses__(),
    config=StrawberryConfig(
        name_converter=Names(),
        default_resolver=read_key,
        scalar_map={datetime: TIMESTAMP, JSON: ANY_JSON, Cursor: CURSOR},
    ),
)
