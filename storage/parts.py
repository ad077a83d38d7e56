"""The parts of a profile that are edited, one row each: comparing, history, masking and verification read them here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storage.identifiers import IdentifierKind
from storage.journal import EntryKind
from storage.profiles import ProfileDoc

IDENTITIES = "identities"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a profile: a single value, or a list whose items are told apart by their `item_key`.

    `name` is its key, in the profile or in the document `within` it, and what changes call it: `email`, `tags.vip`.
    `kind` is the kind of the entries that tell of its changes. A `unique` part holds values that no other profile has.
    Changes of a `personal` one are told without values where personal data is masked, as is a single value itself.
    Items that are `seen` hold when that was, and being seen again is no change.
    """

    name: str
    kind: EntryKind
    within: str | None = None
    item_key: str | None = None
    unique: IdentifierKind | None = None
    personal: bool = True
    seen: bool = False


PARTS = (
    Part("description", EntryKind.PROFILE),
    Part("geo", EntryKind.PROFILE),
    Part("email", EntryKind.IDENTIFIER, within=IDENTITIES, unique=IdentifierKind.EMAIL),
    Part("phone", EntryKind.IDENTIFIER, within=IDENTITIES),
    Part("customId", EntryKind.IDENTIFIER, within=IDENTITIES, unique=IdentifierKind.CUSTOM_ID),
    Part("attributes", EntryKind.ATTRIBUTE, item_key="name"),
    Part("tags", EntryKind.TAG, item_key="name", personal=False),
    Part("agreements", EntryKind.AGREEMENT, item_key="channel", personal=False),
    Part(
        "uuids",
        EntryKind.IDENTIFIER,
        within=IDENTITIES,
        item_key="value",
        unique=IdentifierKind.UUID,
        personal=False,
        seen=True,
    ),
    Part(
        "firebaseIds",
        EntryKind.IDENTIFIER,
        within=IDENTITIES,
        item_key="value",
        unique=IdentifierKind.FIREBASE_ID,
        personal=False,
        seen=True,
    ),
)
SINGLE: Mapping[str, Part] = {part.name: part for part in PARTS if part.item_key is None}
LISTS: Mapping[str, Part] = {part.name: part for part in PARTS if part.item_key is not None}


def holder_of(profile: ProfileDoc, part: Part) -> dict[str, Any]:
    """Return the document that has the part: a whole profile, or the one within it."""
    whole: Any = profile
    return whole if part.within is None else whole[part.within]  # type: ignore[no-any-return]  # the table knows the names


def items_of(profile: ProfileDoc, part: Part) -> dict[str, Any]:
    """Return the items of a list, by what tells them apart."""
    return {str(item[part.item_key]): item for item in holder_of(profile, part).get(part.name, ())}


def identifiers_of(profile: ProfileDoc) -> set[tuple[IdentifierKind, str]]:
    """Return what a profile is found by and nobody else may have."""
    found = set()
    for part in PARTS:
        if part.unique is not None:
            values = [holder_of(profile, part).get(part.name)] if part.item_key is None else items_of(profile, part)
            found |= {(part.unique, value) for value in values if value}
    return found


def empty_parts() -> ProfileDoc:
    """Return the parts of a profile of which nothing is known."""
    profile: Any = {part.within: {} for part in PARTS if part.within is not None}
    for part in PARTS:
        holder_of(profile, part)[part.name] = None if part.item_key is None else []
    return profile  # type: ignore[no-any-return]  # filled with its own keys
