"""How email addresses and phone numbers are written down: one form of each, found however it is asked for."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from storage.contacts import email_to_find, known_region, normal_email, normal_phone, phone_to_find
from storage.store.refusals import RefusedError, UserErrorCode


def kept(normal: Callable[[str], str], value: str) -> str | None:
    """Return the form that is kept of a value, None of one that is refused; anything else is a fault."""
    try:
        return normal(value)
    except RefusedError:
        return None


PHONES = st.text(alphabet="0123456789+-() .,;extisub=/ A", max_size=30) | st.from_regex(r"\+[1-9][0-9]{6,14}")
EMAILS = st.emails() | st.text(max_size=30).map(lambda text: f"{text}@example.com") | st.text(max_size=300)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(value=EMAILS)
def test_an_email_that_is_kept_is_found_and_kept_alike(value: str) -> None:
    found = kept(lambda value: normal_email(value, ["email"]), value)
    if found is not None:
        assert email_to_find(value) == email_to_find(found) == normal_email(found, ["email"]) == found


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(value=PHONES | st.text(max_size=300), region=st.sampled_from([None, "NO", "US"]))
@example(value="+98000000", region=None)
@example(value="+9800000000000", region=None)
def test_a_phone_that_is_kept_is_found_and_kept_alike(value: str, region: str | None) -> None:
    found = kept(lambda value: normal_phone(value, ["phone"], region=region), value)
    if found is not None:
        assert phone_to_find(value, region=region) == phone_to_find(found, region=None) == found
        assert normal_phone(found, ["phone"], region=None) == found


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("Ann@Example.COM", "ann@example.com"),
        (" ann@example.com ", "ann@example.com"),
        ("A\u0308nn@example.com", "\u00e4nn@example.com"),
        ("ann@xn--exmple-cua.com", "ann@ex\u00e4mple.com"),
    ],
)
def test_an_email_is_kept_in_one_form(value: str, kept: str) -> None:
    assert normal_email(value, ["email"]) == email_to_find(value) == kept


@pytest.mark.parametrize(
    ("value", "region", "kept"),
    [
        ("+47 400 00 000", None, "+4740000000"),
        ("40 00 00 00", "NO", "+4740000000"),
        ("0047 40000000", "NO", "+4740000000"),
        ("+1 (212) 555-0100", "NO", "+12125550100"),
    ],
)
def test_a_phone_is_kept_in_one_form(value: str, region: str | None, kept: str) -> None:
    assert normal_phone(value, ["phone"], region=region) == phone_to_find(value, region=region) == kept


@pytest.mark.parametrize(
    ("value", "region", "reason"),
    [
        ("40000000", None, "country code"),
        ("+999 40000000", None, "country code"),
        ("ann", "NO", "does not look like one"),
        ("+47 1", None, "too short"),
        ("+47" + "4" * 30, None, "too long"),
        ("+4740000000 ext. 5", None, "extension"),
    ],
)
def test_a_phone_is_refused_with_a_reason(value: str, region: str | None, reason: str) -> None:
    with pytest.raises(RefusedError) as refused:
        normal_phone(value, ["phone"], region=region)
    (error,) = refused.value.errors
    assert (error.code, error.field) == (UserErrorCode.INVALID_VALUE, ("phone",))
    assert reason in error.message


@pytest.mark.parametrize("region", ["", "no", "XX", "NOR"])
def test_a_region_is_two_letters_that_exist(region: str) -> None:
    assert known_region("NO") == "NO"
    with pytest.raises(ValueError, match="ISO 3166"):
        known_region(region)
