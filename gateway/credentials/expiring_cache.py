"""A bounded map whose entries expire: the least recently used one makes room for a new one."""

from collections import OrderedDict
from collections.abc import Hashable
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class ExpiringCache(Generic[T]):
    """At most `size` entries, each with a lifetime of its own."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> T | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        until, value = entry
        if until <= monotonic():
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return value

    def put(self, key: Hashable, value: T, *, until: float) -> None:
        """Keep `value` until the monotonic clock reads `until`; a moment in the past keeps nothing."""
        self._entries.pop(key, None)
        if until <= monotonic():
            return
        self._entries[key] = (until, value)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)
