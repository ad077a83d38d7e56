"""Which profiles to list, in which order: the filter of a condition that an index serves."""

from collections.abc import Iterable
from enum import StrEnum

from storage.conditions import Condition, CreatedMatch, LastActivityMatch, required, together
from storage.store.mongo import Document


class ProfileOrderField(StrEnum):
    """What a list of profiles can be ordered by; each is one index."""

    CREATED_AT = "CREATED_AT"
    LAST_ACTIVITY_AT = "LAST_ACTIVITY_AT"
    NAME = "NAME"


ORDER_KEYS = {
    ProfileOrderField.CREATED_AT: "_id",
    ProfileOrderField.LAST_ACTIVITY_AT: "orderKeys.lastActivityAt",
    ProfileOrderField.NAME: "orderKeys.name",
}
# In bytes; names are texts.
KEY_LENGTHS = {
    ProfileOrderField.CREATED_AT: 16,
    ProfileOrderField.LAST_ACTIVITY_AT: 22,
    ProfileOrderField.NAME: None,
}
# Milliseconds within which an id is drawn before its profile is made.
DRAWN_WITHIN = 60_000
# The conditions that are a range of what a list is ordered by, and by how many milliseconds its keys may differ.
RANGES: dict[ProfileOrderField, tuple[type[CreatedMatch | LastActivityMatch], int, int]] = {
    ProfileOrderField.CREATED_AT: (CreatedMatch, 16, DRAWN_WITHIN),
    ProfileOrderField.LAST_ACTIVITY_AT: (LastActivityMatch, 22, 1),
}


def profile_filter(condition: Condition | None, order: ProfileOrderField) -> Document:
    """Return the MongoDB filter for a list in this order.

    A range of what the list is ordered by, if it must hold, is one of the order's key as well: the part of its index
    that is read.
    """
    parts = [] if condition is None else list(required(condition))
    filters = [part.filter() for part in parts]
    if keys := key_range(parts, order):
        filters.append({ORDER_KEYS[order]: keys})
    return together(filters)


def key_range(parts: Iterable[Condition], order: ProfileOrderField) -> Document:
    """Return the range of the order's key in which every profile is that meets all parts; empty where none says so."""
    found: Document = {}
    if order not in RANGES:
        return found
    ranged, length, slack = RANGES[order]
    for part in parts:
        if isinstance(part, ranged):
            for operator, key in part.within.keys(length=length, slack=slack).items():
                tighter = max if operator == "$gte" else min
                found[operator] = tighter(key, found.get(operator, key))
    return found


def counted_order(condition: Condition | None) -> ProfileOrderField:
    """Return the order in which the fewest keys are read to count what meets a condition."""
    parts = [] if condition is None else list(required(condition))
    return next((order for order in RANGES if key_range(parts, order)), ProfileOrderField.CREATED_AT)
