"""Identities of a profile."""

from datetime import datetime, timedelta

from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile

IDENTITIES = """
query ($id: ID!) { profile(by: {id: $id}) { identities {
  email phone customId currentUuid
  uuids { value platform formFactor firstSeenAt lastSeenAt } firebaseIds { value platform formFactor uuid }
  devices { uuid firebaseId platform formFactor } pushTarget { value }
} } }
"""


WEB_DESKTOP = {"platform": "WEB", "formFactor": "DESKTOP"}
ANDROID_PHONE = {"platform": "ANDROID", "formFactor": "PHONE"}
UNKNOWN = {"platform": None, "formFactor": None}


def hours(first: int, last: int) -> dict[str, datetime]:
    return {"firstSeenAt": CREATED + timedelta(hours=first), "lastSeenAt": CREATED + timedelta(hours=last)}


def shown(times: dict[str, datetime]) -> dict[str, str]:
    return {name: at.isoformat() for name, at in times.items()}


async def test_devices_current_uuid_and_push_target(ask: Ask, workspace: Workspace) -> None:  # R12 R13
    def devices(edit: Edit) -> None:
        for value, kind, seen in (("old", WEB_DESKTOP, hours(0, 1)), ("new", UNKNOWN, hours(1, 9))):
            edit.add_uuid({"value": value, **kind, **seen})  # type: ignore[typeddict-item]
        for value, kind, uuid, seen in (
            ("earlier", ANDROID_PHONE, "new", hours(2, 20)),
            ("latest", {"platform": "IOS", "formFactor": None}, None, hours(3, 4)),
            ("web", WEB_DESKTOP, "old", hours(8, 9)),
            ("unknown", UNKNOWN, None, hours(0, 1)),
        ):
            edit.add_firebase_id({"value": value, "uuid": uuid, **kind, **seen})  # type: ignore[typeddict-item]
        edit.set("customId", "C-1")

    profile = await a_profile(workspace, email="ann@example.com", change=devices)
    found = (await ask(IDENTITIES, id=to_public("prf", profile["_id"])))["profile"]["identities"]
    assert found["email"] == "ann@example.com"
    assert found["customId"] == "C-1"
    assert found["currentUuid"] == "new"
    assert [uuid["value"] for uuid in found["uuids"]] == ["old", "new"]
    assert [firebase["value"] for firebase in found["firebaseIds"]] == ["earlier", "latest", "web", "unknown"]
    assert found["uuids"][0] == {"value": "old", **WEB_DESKTOP, **shown(hours(0, 1))}
    assert found["firebaseIds"][3] == {"value": "unknown", "uuid": None, **UNKNOWN}
    assert found["devices"] == [
        {"uuid": "new", "firebaseId": "earlier", **ANDROID_PHONE},  # as its registration says
        {"uuid": None, "firebaseId": "latest", "platform": "IOS", "formFactor": None},
        {"uuid": "old", "firebaseId": "web", **WEB_DESKTOP},
        {"uuid": None, "firebaseId": "unknown", **UNKNOWN},
    ]
    assert found["pushTarget"] == {"value": "latest"}  # registered last, though another was seen later


async def test_a_profile_without_any(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    found = (await ask(IDENTITIES, id=to_public("prf", profile["_id"])))["profile"]["identities"]
    assert found == {
        **dict.fromkeys(("email", "phone", "customId", "currentUuid", "pushTarget")),
        **{name: [] for name in ("uuids", "firebaseIds", "devices")},
    }
