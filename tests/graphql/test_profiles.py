"""Profiles: found by anything that identifies them, listed, filtered, ordered, paged."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.credentials import Scope
from storage.profiles import Platform
from storage.sources import ChangeSource
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile, an_event

NAMES = """
query ($first: Int, $after: String, $last: Int, $before: String, $filter: ProfileCondition, $orderBy: ProfileOrder) {
  profiles(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
    edges { cursor node { displayName } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
BY = "query ($by: ProfileBy!) { profile(by: $by) { displayName } }"


def names(data: Any) -> list[str]:
    return [edge["node"]["displayName"] for edge in data["profiles"]["edges"]]


def identified(edit: Edit) -> None:
    seen = {"firstSeenAt": CREATED, "lastSeenAt": CREATED}
    edit.set("customId", "C-1")
    edit.set("phone", "+4712345678")
    edit.add_uuid({"value": "uuid-1", "platform": Platform.WEB, **seen})  # type: ignore[typeddict-item]
    edit.add_firebase_id({"value": "fcm-1", "platform": Platform.ANDROID, "uuid": "uuid-1", **seen})  # type: ignore[typeddict-item]


async def test_found_by_every_identifier(ask: Ask, workspace: Workspace) -> None:  # R2
    ann = await a_profile(workspace, email="ann@example.com", firstName="Ann", change=identified)
    for by in (
        {"id": to_public("prf", ann["_id"])},
        {"uuid": "uuid-1"},
        {"firebaseId": "fcm-1"},
        {"email": "Ann@Example.com "},
        {"phone": "+4712345678"},
        {"customId": "C-1"},
    ):
        assert (await ask(BY, by=by))["profile"] == {"displayName": "Ann"}, by
    for by in ({"uuid": "uuid-2"}, {"email": "bob@example.com"}, {"id": to_public("prf", bytes(16))}):
        assert (await ask(BY, by=by))["profile"] is None, by


async def test_a_shared_phone_finds_the_profile_that_was_active_last(ask: Ask, workspace: Workspace) -> None:  # R8
    for name, hour in (("Early", 1), ("Late", 3), ("Middle", 2)):
        at = CREATED + timedelta(hours=hour)
        await a_profile(
            workspace, firstName=name, events=[an_event(at=at)], change=lambda edit: edit.set("phone", "+4700000000")
        )
    assert (await ask(BY, by={"phone": "+4700000000"}))["profile"] == {"displayName": "Late"}


@pytest.mark.parametrize("by", [{}, {"email": "a", "uuid": "b"}, {"email": None}])
async def test_by_takes_exactly_one(ask: Ask, by: dict[str, Any]) -> None:
    assert await ask(BY, by=by, failing=True)


async def test_a_bad_id_says_what_is_wrong(ask: Ask) -> None:
    (error,) = await ask(BY, by={"id": "bm9uc2Vuc2U="}, failing=True)
    assert error.original_error.extensions["code"] == "NOT_FOUND"
    assert "not an id of this API" in error.message


async def test_pages_forwards_and_backwards_meet_every_profile_once(ask: Ask, workspace: Workspace) -> None:
    for number in range(7):
        await a_profile(workspace, firstName=f"P{number}", created_at=CREATED + timedelta(minutes=number))
    everyone = [f"P{number}" for number in reversed(range(7))]
    forwards, after = [], None
    while True:
        data = await ask(NAMES, first=3, after=after)
        forwards += names(data)
        info = data["profiles"]["pageInfo"]
        assert info["hasPreviousPage"] is (after is not None)
        assert info["startCursor"] == data["profiles"]["edges"][0]["cursor"]
        if not info["hasNextPage"]:
            break
        after = info["endCursor"]
    assert forwards == everyone
    data = await ask(NAMES, last=3)
    assert names(data) == everyone[-3:]
    data = await ask(NAMES, last=3, before=data["profiles"]["pageInfo"]["startCursor"])
    assert names(data) == everyone[1:4]
    assert data["profiles"]["pageInfo"]["hasPreviousPage"] is True
    assert data["profiles"]["pageInfo"]["hasNextPage"] is True


async def test_orders(ask: Ask, workspace: Workspace) -> None:
    for name, created, active in (("bea", 1, 5), ("Abe", 2, None), ("cid", 3, 4)):
        events = [an_event(at=CREATED + timedelta(days=active))] if active else []
        await a_profile(workspace, firstName=name, created_at=CREATED + timedelta(days=created), events=events)
    for field, direction, expected in (
        ("CREATED_AT", "DESC", ["cid", "Abe", "bea"]),
        ("CREATED_AT", "ASC", ["bea", "Abe", "cid"]),
        ("LAST_ACTIVITY_AT", "DESC", ["bea", "cid", "Abe"]),
        ("LAST_ACTIVITY_AT", "ASC", ["Abe", "cid", "bea"]),
        ("NAME", "ASC", ["Abe", "bea", "cid"]),
        ("NAME", "DESC", ["cid", "bea", "Abe"]),
    ):
        order = {"field": field, "direction": direction}
        assert names(await ask(NAMES, orderBy=order)) == expected, order
        paged = await ask(NAMES, orderBy=order, first=2)
        rest = await ask(NAMES, orderBy=order, after=paged["profiles"]["pageInfo"]["endCursor"])
        assert names(paged) + names(rest) == expected, order


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"first": 101}, "first must be from 0 to 100"),
        ({"first": -1}, "first must be from 0 to 100"),
        ({"last": 1000}, "last must be from 0 to 100"),
        ({"first": 1, "last": 1}, "either first or last"),
        ({"last": 1, "after": "x"}, "after goes with first"),
        ({"first": 1, "before": "x"}, "before goes with last"),
        ({"after": "not a cursor"}, "after is not a cursor of this list"),
        ({"after": "e30="}, "after is not a cursor of this list"),
        ({"after": "\u2028"}, "after is not a cursor of this list"),
        ({"last": 1, "before": "AAAA"}, "before is not a cursor of this list"),
    ],
)
async def test_bad_arguments_say_what_is_wrong(ask: Ask, variables: dict[str, Any], says: str) -> None:
    (error,) = await ask(NAMES, **variables, failing=True)
    assert says in error.message
    assert error.original_error.extensions["code"] == "BAD_USER_INPUT"


async def test_a_cursor_of_another_order_is_refused(ask: Ask, workspace: Workspace) -> None:
    await a_profile(workspace, firstName="Ann")
    cursor = (await ask(NAMES, first=1))["profiles"]["pageInfo"]["endCursor"]
    (error,) = await ask(NAMES, after=cursor, orderBy={"field": "NAME"}, failing=True)
    assert "another order" in error.message


CARD = """
query ($by: ProfileBy!) { profile(by: $by) {
  displayName recognized description createdAt version
  header { name lastActivityAt createdAt location company }
  personal { firstName lastName birthDate city province }
  contact { email phone }
  geo { latitude longitude measuredAt source }
} }
"""


async def test_a_full_card(ask: Ask, workspace: Workspace) -> None:  # R6 R7 R8 R9 R11
    def more(edit: Edit) -> None:
        edit.set("description", "Prefers calls")
        edit.set("phone", "+4712345678")
        edit.set("geo", {"latitude": 59.9, "longitude": 10.7, "measuredAt": CREATED, "source": "SDK"})
        edit.set_attribute("birthDate", datetime(1990, 2, 3, tzinfo=UTC), source=ChangeSource.CARD)

    await a_profile(
        workspace,
        email="ann@example.com",
        events=[an_event(at=CREATED)],
        firstName="Ann",
        lastName="Lee",
        city="Bergen",
        province="Vestland",
        company="Acme",
        change=more,
    )
    at = CREATED.isoformat()
    assert (await ask(CARD, by={"email": "ann@example.com"}))["profile"] == {
        "displayName": "Ann Lee",
        "recognized": True,
        "description": "Prefers calls",
        "createdAt": at,
        "version": 1,
        "header": {
            "name": "Ann Lee",
            "lastActivityAt": at,
            "createdAt": at,
            "location": "Bergen, Vestland",
            "company": "Acme",
        },
        "personal": {
            "firstName": "Ann",
            "lastName": "Lee",
            "birthDate": "1990-02-03",
            "city": "Bergen",
            "province": "Vestland",
        },
        "contact": {"email": "ann@example.com", "phone": "+4712345678"},
        "geo": {"latitude": 59.9, "longitude": 10.7, "measuredAt": at, "source": "SDK"},
    }


async def test_an_empty_card(ask: Ask, workspace: Workspace) -> None:  # R6 R7 R8 R9
    profile = await a_profile(workspace)
    card = (await ask(CARD, by={"id": to_public("prf", profile["_id"])}))["profile"]
    assert card["displayName"] == f"Profile {profile['_id'].hex()[-6:]}"
    assert card["recognized"] is False
    assert card["personal"] == dict.fromkeys(("firstName", "lastName", "birthDate", "city", "province"))
    assert card["contact"] == {"email": None, "phone": None}
    assert card["geo"] is None
    assert card["header"]["location"] is card["header"]["company"] is card["header"]["lastActivityAt"] is None


async def test_reading_needs_its_scope(ask: Ask) -> None:
    (error,) = await ask(NAMES, scopes=frozenset({Scope.CONSOLE}), failing=True)
    assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": "profiles:read"}
