"""How many profiles there are: counted as far as it takes to say so, and no further."""

from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import profiles as resolve
from resolvers.profiles import CountPrecision
from schema.conditions import Filter, condition_of
from schema.documents import Info
from schema.enums import described

USUAL_LIMIT = 10_000

described(
    CountPrecision,
    "How much a count says",
    EXACT="There are as many",
    AT_LEAST="There are as many or more; counting ended at the limit",
)


@strawberry.type(description="How many there are")
class Count:
    count: int = strawberry.field(description="Number that was counted")
    precision: CountPrecision = strawberry.field(
        description="Whether that is all of them, or there are more than the limit"
    )


Limit = Annotated[int | None, strawberry.argument(description="Number up to which profiles are counted: 1 to 100000")]


def profiles_count(info: Info, filter: Filter = UNSET, limit: Limit = USUAL_LIMIT) -> Any:
    most = USUAL_LIMIT if limit is None else limit
    return resolve.count_profiles(info.context, condition_of(filter), limit=most)
