"""The history of one field of a profile."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from resolvers import history as resolve
from schema.connections import After, Before, Connection, First, Last, page
from schema.documents import Info
from schema.timeline import ChangeEntry
from storage.profiles import ProfileDoc


@strawberry.type(description="Change of one field; null stands for nothing there")
class FieldChange:
    at: datetime = strawberry.field(description="Timestamp of the change")
    actor: str = strawberry.field(description="Credential that it was made with")
    user: str | None = strawberry.field(description="Person for whom the credential acted, where it named one")
    source: str = strawberry.field(description="What it came through, for example API")
    before: JSON | None = strawberry.field(description="What it was; null without personal:read where it is personal")
    after: JSON | None = strawberry.field(description="What it became; likewise")
    entry: ChangeEntry = strawberry.field(description="Entry of the timeline, with what changed besides")


@strawberry.type(description="Page of the history of a field, newest first")
class HistoryConnection(Connection[FieldChange]):
    pass


Field = Annotated[
    str,
    strawberry.argument(
        description="Field, named as in changes: for example email, attributes.city, tags.vip or agreements.EMAIL"
    ),
]


def history(
    root: strawberry.Parent[ProfileDoc],
    info: Info,
    field: Field,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return resolve.history_of(info.context, root, page(first, after, last, before), field=field)
