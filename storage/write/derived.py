"""Parts of a profile that follow from its other parts; the write path sets them with every change."""

from typing import Any

from storage.profiles import ProfileDoc
from storage.store.ids import EPOCH, milliseconds


def attribute_value(profile: ProfileDoc, name: str) -> Any:
    """Return the value of an attribute, or None when the profile lacks it."""
    return next((attribute["value"] for attribute in profile["attributes"] if attribute["name"] == name), None)


def attribute_values(profile: ProfileDoc) -> dict[str, Any]:
    """Return the values of all attributes by name."""
    return {attribute["name"]: attribute["value"] for attribute in profile["attributes"]}


def full_name(profile: ProfileDoc) -> str:
    """Return the first and last name, as far as they are known and texts."""
    names = (attribute_value(profile, "firstName"), attribute_value(profile, "lastName"))
    return " ".join(name for name in names if name and isinstance(name, str))


def display_name(profile: ProfileDoc) -> str:
    """Return the name to show: of the person, else the email, else a pseudonym from the id."""
    return full_name(profile) or profile["identities"].get("email") or pseudonym(profile)


def pseudonym(profile: ProfileDoc) -> str:
    """Return a name that tells nothing about the person."""
    return f"Profile {profile['_id'].hex()[-6:]}"


def search_terms(profile: ProfileDoc) -> list[str]:
    """Return what a text prefix is compared with: the full name, each word of it, and the email."""
    full = full_name(profile).casefold()
    email = (profile["identities"].get("email") or "").casefold()
    return sorted({term for term in (full, *full.split(), email) if term})


def derive(profile: ProfileDoc) -> None:
    """Set every derived part; `recent`, `eventCount` and `lastActivityAt` come from the events, in the write path."""
    profile["recognized"] = bool(profile["identities"].get("email"))  # R8
    profile["displayName"] = display_name(profile)
    profile["search"] = search_terms(profile)
    active = milliseconds(profile.get("lastActivityAt") or EPOCH)
    profile["orderKeys"] = {
        "lastActivityAt": active.to_bytes(6, "big") + profile["_id"],
        "name": f"{profile['displayName'].casefold()}\0{profile['_id'].hex()}",
    }
