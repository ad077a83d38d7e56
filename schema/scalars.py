"""Scalars whose rules are stricter than Strawberry's own."""

from datetime import datetime

import strawberry
from strawberry.types.scalar import ScalarDefinition

from storage.timestamps import read_timestamp

TIMESTAMP: ScalarDefinition = strawberry.scalar(
    name="DateTime",
    description="Timestamp in ISO 8601 with its offset from UTC; answers are in UTC",
    serialize=datetime.isoformat,
    parse_value=read_timestamp,
)
