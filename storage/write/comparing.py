"""What an edit changed, seen by comparing the profile before and after; and the small words of comparing."""

from collections.abc import Iterable, Iterator
from typing import Any

from storage.attributes import RECEIVES_WHATSAPP
from storage.changes import Change
from storage.journal import EntryKind
from storage.parts import PARTS, holder_of, items_of
from storage.profiles import ProfileDoc

# WhatsApp's agreement is an attribute (R29), and is told as what it is.
AGREEMENT_FIELDS = {f"attributes.{RECEIVES_WHATSAPP}": EntryKind.AGREEMENT}
SEEN_KEYS = frozenset({"firstSeenAt", "lastSeenAt"})


def find(items: Iterable[Any], key: str, value: Any) -> Any | None:
    return next((item for item in items if item[key] == value), None)


def same(one: Any, other: Any) -> bool:
    """Return whether two values are the same and of the same type: 1 is not True."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def changes_between(before: ProfileDoc, after: ProfileDoc) -> Iterator[tuple[EntryKind, Change]]:
    """Yield every change of the parts; `before` and `after` hold the whole item, None where there is none.

    That a UUID or device was seen again is no change.
    """
    for part in PARTS:
        if part.item_key is None:
            was, became = (holder_of(profile, part).get(part.name) for profile in (before, after))
            yield from changed(part.kind, part.name, was, became)
            continue
        items, new_items = items_of(before, part), items_of(after, part)
        for key in dict.fromkeys([*items, *new_items]):
            was, became = items.get(key), new_items.get(key)
            if unseen(was) != unseen(became):
                field = f"{part.name}.{key}"
                yield from changed(AGREEMENT_FIELDS.get(field, part.kind), field, was, became)


def unseen(item: Any | None) -> Any | None:
    """Return an item without when it was seen, which may change without being a change."""
    return item and {key: value for key, value in item.items() if key not in SEEN_KEYS}


def changed(kind: EntryKind, field: str, before: Any, after: Any) -> Iterator[tuple[EntryKind, Change]]:
    if before != after:
        yield kind, {"field": field, "before": before, "after": after}
