"""Refusals: an interface that every client can show, and types with what a program needs to go on."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from resolvers import refusals as resolve
from schema.documents import Info
from schema.enums import described
from schema.nodes import TYPENAME, NodeDocument
from storage.store.refusals import UserErrorCode

if TYPE_CHECKING:
    from schema.profiles import Profile

described(
    UserErrorCode,
    "Why a mutation was refused",
    NOT_FOUND="Nothing has this id or name: of this profile, in this workspace",
    VERSION_CONFLICT="What is to be changed is not at expectedVersion",
    IDEMPOTENCY_MISMATCH="Key was used before with another input",
    TAKEN="Something else has this identifier or name",
    IN_USE="Something depends on it, for example profiles that carry a tag",
    READ_ONLY="Value is computed, or came with the gateway, and is not for people to change",
    BLANK="Text is empty or has nothing but spaces",
    TOO_LONG="Text has more characters than fit",
    TOO_MANY="More items are given, or would be there, than fit",
    FORBIDDEN_CHARACTER="Text has a character that must not be there",
    INVALID_VALUE="Value is of the right type and makes no sense here",
    WRONG_TYPE="Value is not of the attribute's type",
)


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
