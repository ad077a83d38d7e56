"""Rules of texts and numbers: what is forbidden is refused by code and place, and all else is kept as it is."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.rules import (
    LONGEST_IDENTIFIER,
    LONGEST_NAME,
    check_identifier,
    check_length,
    check_name,
    check_number,
    forbidden_in_identifier,
    forbidden_in_name,
    is_unstorable,
)
from storage.store.refusals import RefusedError, UserErrorCode

FIELD = ["events", "0", "action"]
CHARACTERS = st.characters() | st.sampled_from("\0\r\n\u2028\u2029\u00ad\U0001f600\ud800 a")
TEXTS = st.text(CHARACTERS, max_size=12)


def refusal(check: Callable[[], object]) -> tuple[UserErrorCode, str] | None:
    """Return the code and message of a refusal, which names the field; None of what is kept."""
    try:
        check()
    except RefusedError as refused:
        (error,) = refused.errors
        assert error.field == tuple(FIELD)
        return error.code, error.message
    return None


@pytest.mark.parametrize(
    ("check", "is_forbidden", "longest"),
    [
        (check_identifier, forbidden_in_identifier, LONGEST_IDENTIFIER),
        (check_name, forbidden_in_name, LONGEST_NAME),
    ],
)
@given(text=TEXTS)
@example(text="a" * 10_000)
@example(text="a\nb" * 200)
def test_the_first_forbidden_character_is_told(
    check: Callable[..., str], is_forbidden: Callable[[str], bool], longest: int, text: str
) -> None:  # R15-R17
    places = [place for place, character in enumerate(text) if is_forbidden(character) or is_unstorable(character)]
    told = refusal(lambda: check(text, FIELD))
    if places:
        assert told is not None
        assert told[0] is UserErrorCode.FORBIDDEN_CHARACTER
        assert f"U+{ord(text[places[0]]):04X} at position {places[0]} " in told[1]
    elif not text.strip():
        assert told is not None
        assert told[0] is UserErrorCode.BLANK
    elif len(text) > longest:
        assert told is not None
        assert told[0] is UserErrorCode.TOO_LONG
    else:
        assert told is None
        assert check(text, FIELD) == text


@given(character=CHARACTERS)
def test_what_is_forbidden_in_a_name_is_forbidden_in_an_identifier(character: str) -> None:
    assert forbidden_in_identifier(character) >= forbidden_in_name(character)
    assert is_unstorable(character) == (character == "\0" or not can_be_encoded(character))


def can_be_encoded(character: str) -> bool:
    try:
        character.encode()
    except UnicodeEncodeError:
        return False
    return True


@given(text=TEXTS, longest=st.integers(0, 12), blank=st.booleans())
def test_a_length_is_counted_in_characters(text: str, longest: int, blank: bool) -> None:
    told = refusal(lambda: check_length(text, FIELD, longest=longest, blank=blank))
    if not text.strip() and not blank:
        assert told == (UserErrorCode.BLANK, "This must not be blank.")
    elif len(text) > longest:
        assert told is not None
        assert told[0] is UserErrorCode.TOO_LONG
        assert f"{len(text)} characters; at most {longest} " in told[1]
    else:
        assert told is None


@given(given=st.integers(0, 5), most=st.integers(0, 5))
def test_a_number_may_be_the_most(given: int, most: int) -> None:
    told = refusal(lambda: check_number(given, FIELD, most=most))
    assert (told and told[0]) == (UserErrorCode.TOO_MANY if given > most else None)
