"""Derived parts of a profile: what follows from names, email and activity, whatever they are."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from storage.profiles import ProfileDoc
from storage.store.ids import EPOCH
from storage.write.derived import derive

IDS = st.binary(min_size=16, max_size=16)
NAMES = st.none() | st.text(max_size=8) | st.sampled_from(["Ann", "von der Au", "ÅSE", "ß", " "]) | st.integers()
EMAILS = st.none() | st.sampled_from(["", "ann@example.com", "ünï@exämple.com"])
MOMENTS = st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants bounds without a zone


@st.composite
def profiles(draw: st.DrawFn) -> ProfileDoc:
    attributes: list[Any] = [
        {"name": name, "value": value}
        for name, value in (("firstName", draw(NAMES)), ("lastName", draw(NAMES)), ("city", "Oslo"))
        if draw(st.booleans())
    ]
    profile: ProfileDoc = {
        "_id": draw(IDS),
        "attributes": draw(st.permutations(attributes)),
        "identities": {"email": draw(EMAILS)},  # type: ignore[typeddict-item]  # nothing else is looked at
        "lastActivityAt": draw(MOMENTS),
    }
    derive(profile)
    return profile


def value_of(profile: ProfileDoc, name: str) -> Any:
    return {attribute["name"]: attribute["value"] for attribute in profile["attributes"]}.get(name)


@given(profile=profiles())
def test_who_has_an_email_is_recognized(profile: ProfileDoc) -> None:  # R8
    assert profile["recognized"] == (profile["identities"]["email"] not in (None, ""))


@given(profile=profiles())
def test_the_name_to_show_is_that_of_the_person_else_the_email_else_a_pseudonym(profile: ProfileDoc) -> None:
    names = [value_of(profile, name) for name in ("firstName", "lastName")]
    texts = [name for name in names if isinstance(name, str) and name]
    email = profile["identities"]["email"]
    expected = " ".join(texts) if texts else email or f"Profile {profile['_id'].hex()[-6:]}"
    assert profile["displayName"] == expected


@given(profile=profiles())
def test_every_word_of_the_name_and_the_email_are_searched_for_in_any_case(profile: ProfileDoc) -> None:
    terms = profile["search"]
    assert terms == sorted(set(terms))
    assert all(term and term == term.casefold() for term in terms)
    email = profile["identities"]["email"]
    assert not email or email.casefold() in terms
    names = [value_of(profile, name) for name in ("firstName", "lastName")]
    words = {word for name in names if isinstance(name, str) for word in name.casefold().split()}
    assert words <= set(terms)
    assert "oslo" not in terms


@given(one=profiles(), other=profiles())
def test_orders_are_those_of_activity_and_name_and_then_of_the_id(one: ProfileDoc, other: ProfileDoc) -> None:
    def active(profile: ProfileDoc) -> tuple[int, bytes]:
        return int(((profile["lastActivityAt"] or EPOCH) - EPOCH).total_seconds() * 1000), profile["_id"]

    keys = [profile["orderKeys"]["lastActivityAt"] for profile in (one, other)]
    assert (keys[0] < keys[1]) == (active(one) < active(other))
    assert (one["orderKeys"]["name"] == other["orderKeys"]["name"]) <= (one["_id"] == other["_id"])
    for profile in (one, other):
        assert profile["orderKeys"]["name"].startswith(profile["displayName"].casefold())


@given(profile=profiles())
@example(profile={"_id": bytes(16), "attributes": [], "identities": {"email": "a@b.no"}, "lastActivityAt": None})  # type: ignore[typeddict-item]
def test_deriving_again_changes_nothing(profile: ProfileDoc) -> None:
    derive(profile)
    before = dict(profile)
    derive(profile)
    assert profile == before
