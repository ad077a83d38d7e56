"""Which devices a person uses, and which of them a push goes to."""

from datetime import datetime
from typing import TypedDict

from storage.profiles import FirebaseId, Identities

MOBILE = frozenset({"ANDROID", "IOS", "MOBILE"})


class DeviceDoc(TypedDict):
    """A device on which activity was seen: a UUID, a Firebase registration, or both (R12)."""

    uuid: str | None
    firebaseId: str | None
    platform: str | None
    firstSeenAt: datetime
    lastSeenAt: datetime


def current_uuid_of(identities: Identities) -> str | None:
    """Return the UUID that was seen last."""
    latest = max(identities.get("uuids", []), key=lambda uuid: uuid["lastSeenAt"], default=None)
    return latest and latest["value"]


def devices_of(identities: Identities) -> list[DeviceDoc]:
    """Return every device, the one seen last first."""
    registrations = identities.get("firebaseIds", [])
    by_uuid = {firebase["uuid"]: firebase["value"] for firebase in registrations}
    devices: list[DeviceDoc] = [
        {
            "uuid": uuid["value"],
            "firebaseId": by_uuid.get(uuid["value"]),
            "platform": uuid["platform"],
            "firstSeenAt": uuid["firstSeenAt"],
            "lastSeenAt": uuid["lastSeenAt"],
        }
        for uuid in identities.get("uuids", [])
    ]
    seen = {device["uuid"] for device in devices}
    devices += [
        {
            "uuid": firebase["uuid"],
            "firebaseId": firebase["value"],
            "platform": firebase["platform"],
            "firstSeenAt": firebase["firstSeenAt"],
            "lastSeenAt": firebase["lastSeenAt"],
        }
        for firebase in registrations
        if firebase["uuid"] not in seen
    ]
    return sorted(devices, key=lambda device: device["lastSeenAt"], reverse=True)


def push_target_of(identities: Identities) -> FirebaseId | None:
    """Return the mobile registration made most recently: where mobile push goes (R13)."""
    mobile = [firebase for firebase in identities.get("firebaseIds", []) if firebase["platform"] in MOBILE]
    return max(mobile, key=lambda firebase: firebase["firstSeenAt"], default=None)
