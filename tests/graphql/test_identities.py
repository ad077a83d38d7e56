"""Identities of a profile."""

from datetime import timedelta

from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile

IDENTITIES = """
query ($id: ID!) { profile(by: {id: $id}) { identities {
  email phone customId currentUuid
  uuids { value platform firstSeenAt lastSeenAt } firebaseIds { value platform uuid }
  devices { uuid firebaseId platform } pushTarget { value }
} } }
"""


def hours(first: int, last: int) -> dict[str, object]:
    return {"firstSeenAt": CREATED + timedelta(hours=first), "lastSeenAt": CREATED + timedelta(hours=last)}


async def test_devices_current_uuid_and_push_target(ask: Ask, workspace: Workspace) -> None:  # R12 R13
    def devices(edit: Edit) -> None:
        edit.add_uuid({"value": "old", "platform": "desktop", **hours(0, 1)})  # type: ignore[typeddict-item]
        edit.add_uuid({"value": "new", "platform": "mobile", **hours(1, 9)})  # type: ignore[typeddict-item]
        for value, platform, uuid, seen in (
            ("earlier", "ANDROID", "new", hours(2, 20)),
            ("latest", "IOS", None, hours(3, 4)),
            ("web", "WEB", "old", hours(8, 9)),
        ):
            edit.add_firebase_id({"value": value, "platform": platform, "uuid": uuid, **seen})  # type: ignore[typeddict-item]
        edit.set("customId", "C-1")

    profile = await a_profile(workspace, email="ann@example.com", change=devices)
    found = (await ask(IDENTITIES, id=to_public("prf", profile["_id"])))["profile"]["identities"]
    assert found["email"] == "ann@example.com"
    assert found["customId"] == "C-1"
    assert found["currentUuid"] == "new"
    assert [uuid["value"] for uuid in found["uuids"]] == ["old", "new"]
    assert [firebase["value"] for firebase in found["firebaseIds"]] == ["earlier", "latest", "web"]
    assert found["devices"] == [
        {"uuid": "new", "firebaseId": "earlier", "platform": "mobile"},
        {"uuid": None, "firebaseId": "latest", "platform": "IOS"},
        {"uuid": "old", "firebaseId": "web", "platform": "desktop"},
    ]
    assert found["pushTarget"] == {"value": "latest"}  # registered last, though another was seen later


async def test_a_profile_without_any(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    found = (await ask(IDENTITIES, id=to_public("prf", profile["_id"])))["profile"]["identities"]
    assert found == {
        **dict.fromkeys(("email", "phone", "customId", "currentUuid", "pushTarget")),
        **{name: [] for name in ("uuids", "firebaseIds", "devices")},
    }
