"""Refusals: an interface that every client can show, and types with what a program needs to go on."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from resolvers import refusals as resolve
from schema.documents import Info
from schema.nodes import TYPENAME, NodeDocument
from storage.store.refusals import UserErrorCode

if TYPE_CHECKING:
    from schema.profiles import Profile

strawberry.enum(UserErrorCode, description="Why a mutation was refused")


@strawberry.interface(description="Refusal: what is wrong, and where; nothing was changed")
class UserError:
    code: UserErrorCode = strawberry.field(description="Kind of the refusal, for programs")
    field: list[str] = strawberry.field(
        description="Path from the arguments of the mutation: [input, title], [id] or [options, expectedVersion]"
    )
    message: str = strawberry.field(description="Explanation for people")

    @classmethod
    def resolve_type(cls, document: Any, *_: Any) -> str:
        name: str = document[TYPENAME]
        return name


@strawberry.type(description="Refusal of an argument; its code says what is wrong with it")
class InputError(NodeDocument, UserError):
    pass


@strawberry.type(description="Refusal because somebody else changed it; its code is VERSION_CONFLICT")
class VersionConflict(NodeDocument, UserError):  # noqa: N818 - a type of the schema, and no exception
    current_version: int = strawberry.field(description="Version that it is at now, for the next expectedVersion")


def holder(root: strawberry.Parent[Any], info: Info) -> Any:
    return resolve.holder_of(info.context, root)


@strawberry.type(description="Refusal because another profile has this identifier; its code is TAKEN")
class IdentifierTaken(NodeDocument, UserError):  # noqa: N818 - a type of the schema, and no exception
    profile = strawberry.field(
        holder,
        graphql_type=Annotated["Profile", strawberry.lazy("schema.profiles")] | None,
        description="Profile that has it; null without profiles:read and personal:read",
    )
