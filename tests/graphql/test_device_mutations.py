"""`deviceRegister` and `deviceUnregister`, and the attributes that follow from them."""

from collections.abc import Callable
from typing import Any

import pytest

from resolvers.identities import MOST_DEVICES, MOST_UUIDS
from storage.attributes import HAS_MOBILE_PUSH, HAS_WEB_PUSH
from storage.credentials import Scope
from storage.setup import prepare_workspace
from storage.sources import ChangeSource
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile
from tests.support.mutating import PROFILE, changed_fields, codes, mutate, traces

Payload = dict[str, Any]
TAKEN = f"{PROFILE} userErrors {{ ... on IdentifierTaken {{ profile {{ id }} }} }}"


async def new_profile(workspace: Workspace, change: Callable[[Edit], None] | None = None) -> str:
    return to_public("prf", (await a_profile(workspace, change=change))["_id"])


async def register(ask: Ask, id: str, firebase_id: str, platform: str = "IOS", **more: Any) -> Payload:
    input = {"profileId": id, "firebaseId": firebase_id, "platform": platform, **more}
    payload: Payload = await mutate(ask, "deviceRegister", input)
    return payload


async def unregister(ask: Ask, id: str, firebase_id: str, **more: Any) -> Payload:
    payload: Payload = await mutate(ask, "deviceUnregister", {"profileId": id, "firebaseId": firebase_id, **more})
    return payload


def flags(payload: Payload) -> tuple[bool | None, bool | None]:
    """Return what the web and mobile attributes say, None for one that is unset; the gateway itself sets them."""
    found = {attribute["name"]: attribute for attribute in payload["profile"]["attributes"]}
    assert all(attribute["source"] == "AUTOMATION" for attribute in found.values())
    web, mobile = (
        found[name]["value"]["boolean"] if name in found else None for name in (HAS_WEB_PUSH, HAS_MOBILE_PUSH)
    )
    return web, mobile


async def test_the_attributes_follow_the_first_and_the_last_device(ask: Ask, workspace: Workspace) -> None:  # R28
    id = await new_profile(workspace)
    assert flags(await register(ask, id, "phone", "ANDROID")) == (None, True)
    assert flags(await register(ask, id, "browser", "WEB")) == (True, True)
    second = await register(ask, id, "tablet", "IOS")
    assert flags(second) == (True, True)
    assert changed_fields(second) == ["firebaseIds.tablet"]
    assert flags(await unregister(ask, id, "phone")) == (True, True)
    assert flags(await unregister(ask, id, "tablet")) == (True, False)
    assert flags(await unregister(ask, id, "browser")) == (False, False)
    assert flags(await register(ask, id, "phone", "ANDROID")) == (False, True)


async def test_a_new_device_turns_back_on_what_a_person_turned_off(ask: Ask, workspace: Workspace) -> None:  # R28
    id = await new_profile(
        workspace, lambda edit: edit.set_attribute(HAS_WEB_PUSH, False, source=ChangeSource.AUTOMATION)
    )
    assert flags(await register(ask, id, "browser", "WEB")) == (True, None)


async def test_a_device_that_is_registered_again_keeps_its_first_time(ask: Ask, workspace: Workspace) -> None:  # R13
    id = await new_profile(workspace)
    first = (await register(ask, id, "token", "ANDROID", uuid="uuid-1", formFactor="PHONE"))["profile"]
    assert first["identities"]["uuids"] == [{"value": "uuid-1", "platform": "ANDROID", "formFactor": "PHONE"}]
    (registration,) = first["identities"]["firebaseIds"]
    assert registration["formFactor"] == "PHONE"
    again = await register(ask, id, "token", "ANDROID")
    assert (again["changes"], again["profile"]["version"]) == ([], first["version"])
    assert again["profile"]["identities"]["firebaseIds"] == [registration]
    moved = await register(ask, id, "token", "WEB", uuid="uuid-2", formFactor="TABLET")
    assert flags(moved) == (True, False)
    became = {"platform": "WEB", "formFactor": "TABLET", "uuid": "uuid-2"}
    assert moved["profile"]["identities"]["firebaseIds"] == [{**registration, **became}]
    assert set(changed_fields(moved)) == {
        *("firebaseIds.token", "uuids.uuid-2", f"attributes.{HAS_WEB_PUSH}", f"attributes.{HAS_MOBILE_PUSH}")
    }
    found = await ask('query { profile(by: {firebaseId: "token"}) { id } }')
    assert found["profile"] == {"id": id}


async def test_a_registration_of_an_unknown_platform_becomes_known(ask: Ask, workspace: Workspace) -> None:  # R13 R28
    def unknown(edit: Edit) -> None:
        seen: Any = {"firstSeenAt": CREATED, "lastSeenAt": CREATED}
        for value in ("token", "other"):
            edit.add_firebase_id({"value": value, "platform": None, "formFactor": None, "uuid": None, **seen})

    id = await new_profile(workspace, unknown)
    target = """profile { identities { pushTarget { value platform } }
      attributes { name source value { ... on BooleanValue { boolean } } } }"""
    input = {"profileId": id, "firebaseId": "token", "platform": "ANDROID"}
    dry = await mutate(
        ask, "deviceUnregister", {"profileId": id, "firebaseId": "other", "dryRun": True}, selecting=target
    )
    assert (dry["profile"]["identities"]["pushTarget"], flags(dry)) == (None, (None, None))
    known = await mutate(ask, "deviceRegister", input, selecting=target)
    assert known["profile"]["identities"]["pushTarget"] == {"value": "token", "platform": "ANDROID"}
    assert flags(known) == (None, True)
    assert flags(await unregister(ask, id, "token")) == (None, False)


async def test_what_belongs_to_another_profile_does_not_move(ask: Ask, workspace: Workspace) -> None:
    owner, id = await new_profile(workspace), await new_profile(workspace)
    await register(ask, owner, "token", uuid="uuid-1")
    before = await traces(workspace)
    given = {"profileId": id, "firebaseId": "token", "platform": "IOS", "uuid": "uuid-1"}
    taken = await mutate(ask, "deviceRegister", given, selecting=TAKEN)
    assert sorted(codes(taken)) == [("TAKEN", ["input", "firebaseId"]), ("TAKEN", ["input", "uuid"])]
    assert [(error["__typename"], error["profile"]) for error in taken["userErrors"]] == [
        ("IdentifierTaken", {"id": owner})
    ] * 2
    blind = await mutate(ask, "deviceRegister", given, selecting=TAKEN, scopes=frozenset({Scope.PROFILES_WRITE}))
    assert codes(blind) == codes(taken)
    assert [error["profile"] for error in blind["userErrors"]] == [None, None]
    assert owner not in str(blind)
    foreign, unknown = await unregister(ask, id, "token"), await unregister(ask, id, "nothing")
    assert codes(foreign) == [("NOT_FOUND", ["input", "firebaseId"])]
    assert foreign == unknown
    assert await traces(workspace) == before


@pytest.mark.parametrize("field", ["firebaseId", "uuid"])
async def test_forbidden_characters_are_refused(ask: Ask, workspace: Workspace, field: str) -> None:  # R15 R17
    id = await new_profile(workspace)
    before = await traces(workspace)
    for value, code in (("ab\U0001f600", "FORBIDDEN_CHARACTER"), (" ", "BLANK"), ("x" * 255, "TOO_LONG")):
        input = {"profileId": id, "firebaseId": "token", "platform": "IOS", field: value}
        refused = await mutate(ask, "deviceRegister", input)
        assert codes(refused) == [(code, ["input", field])]
    assert await traces(workspace) == before


def full(edit: Edit) -> None:
    seen: Any = {"firstSeenAt": CREATED, "lastSeenAt": CREATED}
    for number in range(MOST_UUIDS):
        edit.add_uuid({"value": f"uuid-{number}", "platform": None, **seen})
    for number in range(MOST_DEVICES):
        edit.add_firebase_id({"value": f"token-{number}", "platform": "IOS", "uuid": None, **seen})


async def test_there_are_limits(ask: Ask, workspace: Workspace) -> None:
    id = await new_profile(workspace, full)
    before = await traces(workspace)
    assert codes(await register(ask, id, "token-0", uuid="new")) == [("TOO_MANY", ["input", "uuid"])]
    assert codes(await register(ask, id, "new")) == [("TOO_MANY", ["input", "firebaseId"])]
    assert await traces(workspace) == before
    assert codes(await register(ask, id, "token-0", uuid="uuid-0")) == []
    assert codes(await unregister(ask, id, "token-0")) == []
    assert codes(await register(ask, id, "new", uuid="uuid-0")) == []


async def test_options_and_foreign_profiles(ask: Ask, workspace: Workspace) -> None:  # R45 X7
    id = await new_profile(workspace)
    await register(ask, id, "old")
    other = await prepare_workspace(workspace.database, f"{workspace.id}-other", name="Other")
    before = await traces(workspace)
    for name, input in (
        ("deviceRegister", {"profileId": id, "firebaseId": "new", "platform": "WEB"}),
        ("deviceUnregister", {"profileId": id, "firebaseId": "old"}),
    ):
        assert codes(await mutate(ask, name, input, of=other)) == [("NOT_FOUND", ["profileId"])]
        late = await mutate(ask, name, {**input, "expectedVersion": 9})
        assert codes(late) == [("VERSION_CONFLICT", ["options", "expectedVersion"])]
        dry = await mutate(ask, name, {**input, "dryRun": True})
        assert (dry["profile"]["version"], len(dry["changes"])) == (3, 2)
    assert await traces(workspace) == before
    first = await unregister(ask, id, "old", idempotencyKey="k-1", expectedVersion=2)
    after = await traces(workspace)
    assert await unregister(ask, id, "old", idempotencyKey="k-1", expectedVersion=2) == first
    assert (codes(first), await traces(workspace)) == ([], after)
