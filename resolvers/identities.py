"""What a person is found by: identifiers, and the devices that pushes go to; and how both are edited."""

from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

from resolvers.context import Context
from resolvers.entries import EntryDoc, after_of, before_of, only_change
from resolvers.mutations import Options, PayloadDoc, change_profile
from resolvers.refusals import not_found
from storage.attributes import HAS_MOBILE_PUSH, HAS_WEB_PUSH
from storage.profiles import FirebaseId, FormFactor, Identities, Platform
from storage.rules import check_identifier, check_number
from storage.sources import ChangeSource
from storage.write.comparing import find
from storage.write.working_copy import Edit

MOBILE = frozenset({Platform.ANDROID, Platform.IOS})
MOST_UUIDS = 100
MOST_DEVICES = 100


class Identifier(StrEnum):
    """What a person is known by; the first three are edited, UUIDs and devices recorded as they are seen."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"
    CUSTOM_ID = "CUSTOM_ID"
    UUID = "UUID"
    FIREBASE_ID = "FIREBASE_ID"


# By the name of the part that holds it.
IDENTIFIERS = {
    "email": Identifier.EMAIL,
    "phone": Identifier.PHONE,
    "customId": Identifier.CUSTOM_ID,
    "uuids": Identifier.UUID,
    "firebaseIds": Identifier.FIREBASE_ID,
}

NAMES = {
    Identifier.EMAIL: "Email",
    Identifier.PHONE: "Phone",
    Identifier.CUSTOM_ID: "Custom id",
    Identifier.UUID: "UUID",
    Identifier.FIREBASE_ID: "Device",
}


class DeviceDoc(TypedDict):
    """A device on which activity was seen: a UUID, a Firebase registration, or both (R12)."""

    uuid: str | None
    firebaseId: str | None
    platform: Platform | None
    formFactor: FormFactor | None
    firstSeenAt: datetime
    lastSeenAt: datetime


def current_uuid_of(identities: Identities) -> str | None:
    """Return the UUID that was seen last."""
    latest = max(identities.get("uuids", []), key=lambda uuid: uuid["lastSeenAt"], default=None)
    return latest and latest["value"]


def devices_of(identities: Identities) -> list[DeviceDoc]:
    """Return every device, the one seen last first; what its UUID does not tell, its registration may."""
    registrations = identities.get("firebaseIds", [])
    by_uuid = {firebase["uuid"]: firebase for firebase in registrations}
    devices: list[DeviceDoc] = [
        {
            "uuid": uuid["value"],
            "firebaseId": registered and registered["value"],
            "platform": uuid["platform"] or (registered and registered["platform"]),
            "formFactor": uuid.get("formFactor") or (registered and registered.get("formFactor")),
            "firstSeenAt": uuid["firstSeenAt"],
            "lastSeenAt": uuid["lastSeenAt"],
        }
        for uuid in identities.get("uuids", [])
        for registered in [by_uuid.get(uuid["value"])]
    ]
    seen = {device["uuid"] for device in devices}
    devices += [
        {
            "uuid": firebase["uuid"],
            "firebaseId": firebase["value"],
            "platform": firebase["platform"],
            "formFactor": firebase.get("formFactor"),
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


def changed_kind(entry: EntryDoc) -> Identifier:
    """Return which identifier an entry tells of."""
    return IDENTIFIERS[only_change(entry)["field"].partition(".")[0]]


def change_title(entry: EntryDoc) -> str:
    change = only_change(entry)
    verb = "removed" if change["after"] is None else "added" if change["before"] is None else "changed"
    return f"{NAMES[changed_kind(entry)]} {verb}"


def value_before(entry: EntryDoc) -> str | None:
    return value_in(before_of(entry))


def value_after(entry: EntryDoc) -> str | None:
    return value_in(after_of(entry))


def value_in(stored: Any) -> str | None:
    """Return the value of an identifier as the journal has it: a text, or what is known of a UUID or device."""
    value: str | None = stored["value"] if isinstance(stored, dict) else stored
    return value


async def register_device(
    context: Context,
    options: Options,
    profile_id: str,
    *,
    firebase_id: str,
    platform: Platform,
    form_factor: FormFactor | None,
    uuid: str | None,
) -> PayloadDoc:
    """Add a registration, or renew the existing one, which keeps the time at which it was first seen."""

    def change(edit: Edit) -> None:
        check_identifier(firebase_id, ["firebaseId"])
        earlier: FirebaseId | None = find(registrations(edit), "value", firebase_id)
        if earlier is None:
            check_number(len(registrations(edit)) + 1, ["firebaseId"], most=MOST_DEVICES)
        if uuid is not None:
            see_uuid(edit, uuid, platform=platform, form_factor=form_factor)
        had = flags(edit)
        edit.add_firebase_id(
            {
                "value": firebase_id,
                "platform": platform,
                "formFactor": form_factor or (earlier and earlier.get("formFactor")),
                "uuid": uuid or (earlier and earlier["uuid"]),
                "firstSeenAt": earlier["firstSeenAt"] if earlier else edit.now,
                "lastSeenAt": edit.now,
            }
        )
        if earlier is None or earlier["platform"] != platform:
            set_flag(edit, flag_of(platform), has=True)
        clear_flags(edit, had)

    return await change_profile(context, options, profile_id, change, argument="profileId")


async def unregister_device(context: Context, options: Options, profile_id: str, *, firebase_id: str) -> PayloadDoc:
    """Remove a registration of the profile."""

    def change(edit: Edit) -> None:
        check_identifier(firebase_id, ["firebaseId"])
        if find(registrations(edit), "value", firebase_id) is None:
            raise not_found(["firebaseId"])
        had = flags(edit)
        edit.remove_firebase_id(firebase_id)
        clear_flags(edit, had)

    return await change_profile(context, options, profile_id, change, argument="profileId")


def see_uuid(edit: Edit, uuid: str, *, platform: Platform | None = None, form_factor: FormFactor | None = None) -> None:
    """Record that a UUID was seen now, adding it to the profile if need be (R12, R15)."""
    check_identifier(uuid, ["uuid"])
    uuids = edit.profile["identities"].get("uuids", [])
    if find(uuids, "value", uuid) is None:
        check_number(len(uuids) + 1, ["uuid"], most=MOST_UUIDS)
    edit.add_uuid(
        {
            "value": uuid,
            "platform": platform,
            "formFactor": form_factor,
            "firstSeenAt": edit.now,
            "lastSeenAt": edit.now,
        }
    )


def registrations(edit: Edit) -> list[FirebaseId]:
    return edit.profile["identities"].get("firebaseIds", [])


def flag_of(platform: Platform | None) -> str:
    """Return the attribute that says whether there is a device of this kind; an unknown one is not mobile (R28)."""
    return HAS_MOBILE_PUSH if platform in MOBILE else HAS_WEB_PUSH


def flags(edit: Edit) -> set[str]:
    return {flag_of(registration["platform"]) for registration in registrations(edit)}


def clear_flags(edit: Edit, had: set[str]) -> None:
    """Clear the flags of the kinds whose last device is gone."""
    for flag in had - flags(edit):
        set_flag(edit, flag, has=False)


def set_flag(edit: Edit, flag: str, *, has: bool) -> None:
    edit.set_attribute(flag, has, source=ChangeSource.AUTOMATION)
