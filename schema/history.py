"""The history of one field of a profile."""

from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import history as resolve
from schema.connections import After, Before, Connection, First, Last, page
from schema.documents import Info
from schema.entries import ChangeEntry
from storage.profiles import ProfileDoc

ChangeEntryConnection = Connection[ChangeEntry]
Field = Annotated[
    str,
    strawberry.argument(
        description="Field, as entries name it: for example email, attributes.city, tags.vip, agreements.EMAIL, "
        "or notes. and the id of a note"
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
