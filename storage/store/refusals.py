"""Refusals: what a person can put right, as values that name the input's field; they undo the whole change."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum


class UserErrorCode(StrEnum):
    """Why a mutation was refused; `docs/errors.md` says what to do about each."""

    NOT_FOUND = "NOT_FOUND"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    IDENTIFIER_TAKEN = "IDENTIFIER_TAKEN"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    BLANK = "BLANK"
    TOO_LONG = "TOO_LONG"
    TOO_MANY = "TOO_MANY"
    FORBIDDEN_CHARACTER = "FORBIDDEN_CHARACTER"
    INVALID_EMAIL = "INVALID_EMAIL"
    INVALID_PHONE = "INVALID_PHONE"
    INVALID_VALUE = "INVALID_VALUE"
    WRONG_TYPE = "WRONG_TYPE"
    UNKNOWN_ATTRIBUTE = "UNKNOWN_ATTRIBUTE"
    MEMBERSHIP_READ_ONLY = "MEMBERSHIP_READ_ONLY"
    SYSTEM_TAG = "SYSTEM_TAG"
    SYSTEM_ATTRIBUTE = "SYSTEM_ATTRIBUTE"


@dataclass(frozen=True, slots=True)
class UserError:
    """One refusal: `field` is the path in the input, for example `("attributes", "0", "value")`.

    `owner` is the profile that has what was asked for; who may read profiles is told which it is.
    """

    code: UserErrorCode
    field: tuple[str, ...]
    message: str
    owner: bytes | None = None


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
