"""Refusals as clients see them: values that say what is wrong, at which argument, and what helps to put it right."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from resolvers.context import Context
from storage.credentials import Scope
from storage.declaration import Noun
from storage.profiles import ProfileDoc
from storage.store.errors import NotFoundError
from storage.store.ids import from_public
from storage.store.refusals import RefusedError, UserError, UserErrorCode, refuse

# What a path begins with that does not lead into the input.
ARGUMENTS = frozenset({"id", "profileId", "options"})

UserErrorDoc = TypedDict(
    "UserErrorDoc",
    {
        "__typename": str,
        "code": UserErrorCode,
        "field": list[str],
        "message": str,
        "currentVersion": NotRequired[int | None],
        "owner": NotRequired[bytes | None],
    },
)


def user_error(error: UserError) -> UserErrorDoc:
    """Return a refusal, marked with its type; its path leads from the arguments of the mutation."""
    typename = "InputError"
    if error.current_version is not None:
        typename = "VersionConflict"
    elif error.owner is not None:
        typename = "IdentifierTaken"
    return {
        "__typename": typename,
        "code": error.code,
        "field": path_of(error.field),
        "message": error.message,
        "currentVersion": error.current_version,
        "owner": error.owner,
    }


def path_of(field: Sequence[str]) -> list[str]:
    return list(field) if not field or field[0] in ARGUMENTS else ["input", *field]


async def holder_of(context: Context, error: UserErrorDoc) -> ProfileDoc | None:
    """Return the profile that has the identifier, to those who could look that up."""
    owner = error.get("owner")
    if owner is None or not context.sees_personal or Scope.PROFILES_READ not in context.credential.scopes:
        return None
    return await context.loaders.profiles.load(owner)


def key_of(id: str, noun: Noun, field: Sequence[str]) -> bytes:
    """Return the bytes of a noun's id; any other id is refused like one that does not exist."""
    try:
        prefix, key = from_public(id)
    except NotFoundError as error:
        raise refuse(UserErrorCode.NOT_FOUND, field, error.message) from error
    if prefix != noun.prefix:
        raise not_found(field)
    return key


def not_found(field: Sequence[str]) -> RefusedError:
    return refuse(UserErrorCode.NOT_FOUND, field, "There is nothing with this id.")
