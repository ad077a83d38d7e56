"""Sizes of documents as BSON has them, so that a block is cut before the database refuses it."""

from datetime import datetime
from typing import Any

OF_KEY = 7  # the type, the digits of an item's number and the byte after them


def size_of(value: Any) -> int:
    """Return how many bytes a value has, or a little more."""
    match value:
        case None | bool():
            return 1
        case int() | float() | datetime():
            return 8
        case str():
            return 5 + len(value.encode(errors="replace"))
        case bytes():
            return 5 + len(value)
        case dict():
            return 5 + sum(
                OF_KEY + len(name.encode(errors="replace")) + size_of(inner) for name, inner in value.items()
            )
        case list() | tuple():
            return 5 + sum(OF_KEY + size_of(inner) for inner in value)
        case _:
            return 5 + len(str(value).encode(errors="replace"))
