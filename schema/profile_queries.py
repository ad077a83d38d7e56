"""How profiles are found and listed: the fields of the root that lead to them, and what they are given."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import profiles as resolve
from schema.conditions import Filter, condition_of
from schema.connections import After, Before, Connection, First, Last, or_none, page
from schema.documents import Info, projection
from schema.filters import OrderDirection, ProfileOrder
from schema.profiles import Profile
from storage.identifiers import IdentifierKind


@strawberry.input(description="What a profile is found by: exactly one", one_of=True)
class ProfileBy:
    id: strawberry.ID | None = strawberry.field(default=UNSET, description="Id of the profile")
    uuid: str | None = strawberry.field(default=UNSET, description="UUID of a browser or app")
    firebase_id: str | None = strawberry.field(default=UNSET, description="Firebase registration id")
    email: str | None = strawberry.field(default=UNSET, description="Email address")
    phone: str | None = strawberry.field(
        default=UNSET, description="Phone number; of several profiles the one active last"
    )
    custom_id: str | None = strawberry.field(
        default=UNSET, description="Identifier of the person in the workspace's own systems"
    )

    def plain(self) -> dict[str, Any]:
        """Return the arguments of `find_profile` that say the same."""
        kinds = {
            "uuid": IdentifierKind.UUID,
            "firebase_id": IdentifierKind.FIREBASE_ID,
            "email": IdentifierKind.EMAIL,
            "phone": None,
            "custom_id": IdentifierKind.CUSTOM_ID,
        }
        given = {name: getattr(self, name) for name in kinds}
        found = [(kinds[name], value) for name, value in given.items() if value is not UNSET]
        return {"id": self.id} if not found else dict(zip(("kind", "value"), found[0], strict=True))


ProfileConnection = Connection[Profile]
By = Annotated[ProfileBy, strawberry.argument(description="What the profile is found by")]
AsOf = Annotated[
    datetime | None,
    strawberry.argument(
        description="Timestamp to show the profile as of: description, location, identifiers, attributes, tags, "
        "agreements, version and what follows from them are as they were then, and the profile is null before it was "
        "made; what it is found by, activity, timeline, notes, tasks, and when a device was seen are as now"
    ),
]
OrderBy = Annotated[ProfileOrder | None, strawberry.argument(description="Order; the newest profile first without one")]


def profile(info: Info, by: By, as_of: AsOf = UNSET) -> Any:
    return resolve.find_profile(info.context, **by.plain(), projection=projection(info, Profile), as_of=or_none(as_of))


def profiles(
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
    filter: Filter = UNSET,
    order_by: OrderBy = UNSET,
) -> Any:
    order = or_none(order_by) or ProfileOrder()
    return resolve.list_profiles(
        info.context,
        condition_of(filter),
        page(first, after, last, before),
        order=order.field,
        descending=order.direction is OrderDirection.DESC,
        projection=projection(info, Profile, "edges", "node"),
    )
