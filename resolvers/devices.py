"""Register the devices that pushes go to; whether the profile has one of each sort follows by itself (R28)."""

from enum import StrEnum
from typing import Any

from resolvers.context import Context
from resolvers.identities import MOBILE
from resolvers.mutations import Options, change_profile, not_found
from storage.attributes import HAS_MOBILE_PUSH, HAS_WEB_PUSH, AttributeSource
from storage.profiles import FirebaseId
from storage.rules import check_identifier, check_number
from storage.write.comparing import find
from storage.write.working_copy import Edit

MOST_UUIDS = 100
MOST_DEVICES = 100


class DevicePlatform(StrEnum):
    """What a device runs."""

    ANDROID = "ANDROID"
    IOS = "IOS"
    WEB = "WEB"


async def register_device(
    context: Context,
    profile_id: str,
    options: Options,
    *,
    firebase_id: str,
    platform: DevicePlatform,
    uuid: str | None,
) -> dict[str, Any]:
    """Add a registration, or renew a known one, which keeps the time of its first."""

    def change(edit: Edit) -> None:
        check_identifier(firebase_id, ["firebaseId"])
        known: FirebaseId | None = find(registrations(edit), "value", firebase_id)
        if known is None:
            check_number(len(registrations(edit)) + 1, ["firebaseId"], most=MOST_DEVICES)
        if uuid is not None:
            see_uuid(edit, uuid, platform=platform.value)
        had = flags(edit)
        edit.add_firebase_id(
            {
                "value": firebase_id,
                "platform": platform.value,
                "uuid": uuid or (known and known["uuid"]),
                "firstSeenAt": known["firstSeenAt"] if known else edit.now,
                "lastSeenAt": edit.now,
            }
        )
        if known is None or known["platform"] != platform:
            follow(edit, flag_of(platform), has=True)
        unfollow(edit, had)

    return await change_profile(context, profile_id, options, change)


async def unregister_device(context: Context, profile_id: str, options: Options, *, firebase_id: str) -> dict[str, Any]:
    """Remove a registration of the profile."""

    def change(edit: Edit) -> None:
        check_identifier(firebase_id, ["firebaseId"])
        if find(registrations(edit), "value", firebase_id) is None:
            raise not_found(["firebaseId"])
        had = flags(edit)
        edit.remove_firebase_id(firebase_id)
        unfollow(edit, had)

    return await change_profile(context, profile_id, options, change)


def see_uuid(edit: Edit, uuid: str, *, platform: str | None) -> None:
    """Note that a UUID was seen now; one that the profile lacks is added (R12, R15)."""
    check_identifier(uuid, ["uuid"])
    known = edit.profile["identities"].get("uuids", [])
    if find(known, "value", uuid) is None:
        check_number(len(known) + 1, ["uuid"], most=MOST_UUIDS)
    edit.add_uuid({"value": uuid, "platform": platform, "firstSeenAt": edit.now, "lastSeenAt": edit.now})


def registrations(edit: Edit) -> list[FirebaseId]:
    return edit.profile["identities"].get("firebaseIds", [])


def flag_of(platform: str) -> str:
    """Return the attribute that says whether there is a device of this sort."""
    return HAS_MOBILE_PUSH if platform in MOBILE else HAS_WEB_PUSH


def flags(edit: Edit) -> set[str]:
    return {flag_of(registration["platform"]) for registration in registrations(edit)}


def unfollow(edit: Edit, had: set[str]) -> None:
    """Take back the flags of those sorts of which the last device is gone."""
    for flag in had - flags(edit):
        follow(edit, flag, has=False)


def follow(edit: Edit, flag: str, *, has: bool) -> None:
    edit.set_attribute(flag, has, source=AttributeSource.AUTOMATION)
