"""Refusals: what a person can put right, as values that name the input's field; they undo the whole change."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum


class UserErrorCode(StrEnum):
    """Why a mutation was refused, whatever its noun; `docs/errors.md` says what to do about each."""

    NOT_FOUND = "NOT_FOUND"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    TAKEN = "TAKEN"
    IN_USE = "IN_USE"
    READ_ONLY = "READ_ONLY"
    BLANK = "BLANK"
    TOO_LONG = "TOO_LONG"
    TOO_MANY = "TOO_MANY"
    FORBIDDEN_CHARACTER = "FORBIDDEN_CHARACTER"
    INVALID_VALUE = "INVALID_VALUE"
    WRONG_TYPE = "WRONG_TYPE"


@dataclass(frozen=True, slots=True)
class UserError:
    """One refusal: `field` is the path in the input, for example `("attributes", "0", "value")`.

    `owner` is the profile that has an identifier which was asked for; who may read profiles is told which it is.
    `current_version` is that of what was to be changed, where another one was expected.
    """

    code: UserErrorCode
    field: tuple[str, ...]
    message: str
    owner: bytes | None = None
    current_version: int | None = None


class RefusedError(Exception):
    """Raised inside of a change: the transaction ends without a trace, and the errors go to the client as values."""

    def __init__(self, errors: Sequence[UserError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = tuple(errors)


def refuse(code: UserErrorCode, field: Sequence[str], message: str) -> RefusedError:
    """Return the exception of a single refusal, to be raised."""
    return RefusedError([UserError(code, tuple(field), message)])


@contextmanager
def gathering(errors: list[UserError]) -> Iterator[None]:
    """Put what is refused inside of the block into `errors` and go on, so that all of them can be told at once."""
    try:
        yield
    except RefusedError as refused:
        errors += refused.errors


def check_version(version: int, expected: int | None) -> None:
    """Refuse to change what is at another version than was expected."""
    if expected not in (None, version):
        message = f"This is at version {version} now; look at it again before you change it."
        raise RefusedError(
            [
                UserError(
                    UserErrorCode.VERSION_CONFLICT, ("options", "expectedVersion"), message, current_version=version
                )
            ]
        )
