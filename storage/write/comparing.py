"""What an edit changed, seen by comparing the profile before and after; and the small words of comparing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from storage.identifiers import IdentifierKind
from storage.journal import Change, EntryKind
from storage.profiles import ProfileDoc

UNIQUE = {"email": IdentifierKind.EMAIL, "customId": IdentifierKind.CUSTOM_ID}


def find(known: Iterable[Any], key: str, value: Any) -> Any | None:
    return next((item for item in known if item[key] == value), None)


def same(one: Any, other: Any) -> bool:
    """Return whether two values are the same and of the same type: 1 is not True."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def by(key: str) -> Callable[[Any], str]:
    def name(item: Any) -> str:
        return str(item[key])

    return name


# Each part of a profile that has named items: the kind of its changes, where it is, and what an item is called.
PARTS: tuple[tuple[EntryKind, str, Callable[[ProfileDoc], Iterable[Any]], Callable[[Any], str]], ...] = (
    (EntryKind.ATTRIBUTE, "attributes", lambda profile: profile["attributes"], by("name")),
    (EntryKind.TAG, "tags", lambda profile: profile["tags"], by("name")),
    (EntryKind.AGREEMENT, "agreements", lambda profile: profile["agreements"], by("channel")),
    (EntryKind.IDENTIFIER, "uuids", lambda profile: profile["identities"].get("uuids", []), by("value")),
    (EntryKind.IDENTIFIER, "firebaseIds", lambda profile: profile["identities"].get("firebaseIds", []), by("value")),
)
SEEN = {"firstSeenAt", "lastSeenAt"}


def changes_between(before: ProfileDoc, after: ProfileDoc) -> Iterator[tuple[EntryKind, Change]]:
    """Yield every change of the editable parts; `before` and `after` hold the whole item, None where there is none.

    That a UUID or device was seen again is no change.
    """
    for name in ("description", "geo"):
        yield from changed(EntryKind.PROFILE, name, before.get(name), after.get(name))
    for name in ("email", "phone", "customId"):
        yield from changed(EntryKind.IDENTIFIER, name, before["identities"].get(name), after["identities"].get(name))
    for kind, part, items, name_of in PARTS:
        was, became = ({name_of(item): item for item in items(profile)} for profile in (before, after))
        for name in dict.fromkeys([*was, *became]):
            one, other = was.get(name), became.get(name)
            if unseen(one) != unseen(other):
                yield from changed(kind, f"{part}.{name}", one, other)


def unseen(item: Any | None) -> Any | None:
    """Return an item without when it was seen, which may change without being a change."""
    return item and {key: value for key, value in item.items() if key not in SEEN}


def changed(kind: EntryKind, field: str, before: Any, after: Any) -> Iterator[tuple[EntryKind, Change]]:
    if before != after:
        yield kind, {"field": field, "before": before, "after": after}


def identifiers_of(profile: ProfileDoc) -> set[tuple[IdentifierKind, str]]:
    """Return what a profile is found by and nobody else may have."""
    identities = profile["identities"]
    values: Mapping[str, Any] = identities
    return {
        *((kind, values[name]) for name, kind in UNIQUE.items() if values.get(name)),
        *((IdentifierKind.UUID, uuid["value"]) for uuid in identities.get("uuids", [])),
        *((IdentifierKind.FIREBASE_ID, firebase["value"]) for firebase in identities.get("firebaseIds", [])),
    }
