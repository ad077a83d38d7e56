"""What values may look like, at every way in: characters, lengths, numbers (R15, R16, R17)."""

from collections.abc import Mapping, Sequence
from typing import Any

from storage.store.errors import BadInputError
from storage.store.refusals import RefusedError, UserErrorCode, refuse

LONGEST_NAME = 200
LONGEST_IDENTIFIER = 254
LONGEST_LINE = 1_000
LONGEST_TEXT = 20_000
MOST_ATTRIBUTES = 500
MOST_TAGS = 200
MOST_ITEMS = 200

BREAKS = frozenset("\r\n\u2028\u2029")
SOFT_HYPHEN = "\u00ad"
HIGHEST_BMP = "\uffff"


def forbidden_in_identifier(character: str) -> bool:
    """Return whether the value of an identifier must not have this character (R15)."""
    return character in BREAKS or character == SOFT_HYPHEN or character > HIGHEST_BMP


def forbidden_in_name(character: str) -> bool:
    """Return whether the name of an attribute must not have this character (R16)."""
    return character in BREAKS


def is_unstorable(character: str) -> bool:
    """Return whether no text must have this character: a null, or half a surrogate pair, which UTF-8 can't tell."""
    return character == "\0" or "\ud800" <= character <= "\udfff"


def check_identifier(value: str, field: Sequence[str]) -> str:
    """Return the value of an identifier, or refuse it by its first forbidden character (R15, R17)."""
    for position, character in enumerate(value):
        if forbidden_in_identifier(character) or is_unstorable(character):
            raise forbidden(character, position, field)
    return check_length(value, field, longest=LONGEST_IDENTIFIER)


def check_name(value: str, field: Sequence[str]) -> str:
    """Return the name of an attribute, tag or event, or refuse it by its first forbidden character (R16, R17)."""
    for position, character in enumerate(value):
        if forbidden_in_name(character) or is_unstorable(character):
            raise forbidden(character, position, field)
    return check_length(value, field, longest=LONGEST_NAME)


def name_to_find(name: str) -> str:
    """Return a name to look up; raises `BadInputError` for one that nothing can have, since it is too long."""
    if len(name) > LONGEST_NAME:
        raise BadInputError(f"A name has from 1 to {LONGEST_NAME} characters.", argument="name")
    return name


def check_length(value: str, field: Sequence[str], *, longest: int, blank: bool = False) -> str:
    """Return a text that is neither blank (unless that is fine) nor longer than `longest` characters."""
    if not blank and not value.strip():
        raise refuse(UserErrorCode.BLANK, field, "This must not be blank.")
    if len(value) > longest:
        raise refuse(UserErrorCode.TOO_LONG, field, f"This has {len(value)} characters; at most {longest} are allowed.")
    return value


def check_kept(given: Mapping[str, Any], *names: str) -> None:
    """Refuse null for fields that are always there: it would remove them."""
    for name in names:
        if name in given and given[name] is None:
            raise refuse(UserErrorCode.BLANK, [name], "This can't be removed; leave it out to keep it.")


def check_number(given: int, field: Sequence[str], *, most: int) -> None:
    if given > most:
        raise refuse(UserErrorCode.TOO_MANY, field, f"{given} is too many; at most {most} are allowed.")


def forbidden(character: str, position: int, field: Sequence[str]) -> RefusedError:
    """Return the refusal that names the code point and its position, counted from 0 (R17)."""
    return refuse(
        UserErrorCode.FORBIDDEN_CHARACTER,
        field,
        f"The character U+{ord(character):04X} at position {position} is not allowed here.",
    )
