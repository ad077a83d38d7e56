"""Events of one profile as columns, so that an analysis reads what it needs of a thousand events from one document."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from storage.engines.groups import Group
from storage.engines.joining import both, inverse, moved
from storage.engines.sizes import size_of
from storage.engines.strips import Document, packed, unpacked

ID = 16  # bytes
MOST_EVENTS = 1024
MOST_BYTES = 512 * 1024
MOST_POSITIONS = 65_536  # what two bytes tell apart
Event = Mapping[str, Any]


class Columns:
    """Events of one profile, sorted by id, each at most once; about 1,024 of them, at most 65,536.

    Events are dicts with `_id` (16 bytes, of which the first six are the time), `action` and `params`, of which each
    value comes back in its type. Columns do not change: `merged` returns others, which share what is the same.
    """

    def __init__(self, ids: bytes, groups: dict[str, Group]) -> None:
        self.ids = ids
        self.groups = groups

    def __len__(self) -> int:
        return len(self.ids) // ID

    @classmethod
    def of(cls, events: Iterable[Event]) -> "Columns":
        """Return the columns of events in any order; of two with one id, the first is kept."""
        found: dict[bytes, Event] = {}
        for event in events:
            found.setdefault(bytes(event["_id"]), event)
        if len(found) > MOST_POSITIONS:
            raise ValueError(f"{len(found)} events are too many for one block of columns.")
        ids = sorted(found)
        by_action: defaultdict[str, list[int]] = defaultdict(list)
        for position, id in enumerate(ids):
            by_action[found[id]["action"]].append(position)
        groups = {
            action: Group.of(positions, [found[ids[position]].get("params") or {} for position in positions])
            for action, positions in by_action.items()
        }
        return cls(b"".join(ids), groups)

    def merged(self, events: Iterable[Event]) -> "Columns":
        """Return the columns of these events as well, which may be late; those whose id is known are left out."""
        given = list(events)
        added = Columns.of(given)
        is_late = len(self) > 0 and len(added) > 0 and added.first <= self.last
        if is_late:
            known = {self.id_at(position) for position in range(len(self))}
            added = Columns.of(event for event in given if bytes(event["_id"]) not in known)
        if not len(added):
            return self
        count = len(self) + len(added)
        if count > MOST_POSITIONS:
            raise ValueError(f"{count} events are too many for one block of columns.")
        ids = self.ids + added.ids
        places: Sequence[int] = range(count)
        if is_late:
            each = [ids[start : start + ID] for start in range(0, len(ids), ID)]
            order = sorted(range(count), key=each.__getitem__)
            ids, places = b"".join(each[old] for old in order), inverse(order)
        groups = {action: moved(group, places) for action, group in self.groups.items()}
        for action, group in added.groups.items():
            new = moved(group, places[len(self) :])
            groups[action] = both(groups[action], new) if action in groups else new
        return Columns(ids, groups)

    def id_at(self, position: int) -> bytes:
        return self.ids[position * ID : position * ID + ID]

    @property
    def first(self) -> bytes:
        return self.ids[:ID]

    @property
    def last(self) -> bytes:
        return self.ids[-ID:]

    def position_of(self, bound: bytes) -> int:
        """Return how many events have ids that are less."""
        return bisect_left(range(len(self)), bound, key=self.id_at)

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield the events again, in the order of their ids."""
        actions = [""] * len(self)
        params: list[dict[str, Any]] = [{} for _ in range(len(self))]
        for action, group in self.groups.items():
            for position in group.positions:
                actions[position] = action
            for name in group.names:
                for strip in group.column(name):
                    for row, value in zip(
                        strip.rows_taken(0, len(group), None), strip.decoded(strip.values), strict=True
                    ):
                        params[group.positions[row]][name] = value
        for position in range(len(self)):
            yield {"_id": self.id_at(position), "action": actions[position], "params": params[position]}

    def parts(self, events: int = MOST_EVENTS, size: int = MOST_BYTES) -> list["Columns"]:
        """Return the same events in blocks of at most so many, and so many bytes unless one event has more."""
        if len(self) <= events and (self.size <= size or len(self) == 1):
            return [self]
        all = list(self.events())
        cut = events if len(self) > events else len(self) // 2
        pieces = [all[start : start + cut] for start in range(0, len(all), cut)]
        return [part for piece in pieces for part in Columns.of(piece).parts(events, size)]

    @cached_property
    def size(self) -> int:
        """Bytes of the document in the database: a little more, never fewer."""
        return size_of(self.document())

    def document(self) -> Document:
        """Return what the database holds. Names are values in it, never keys, since senders choose them."""
        return {
            "ids": self.ids,
            "actions": [
                {"action": action, "positions": packed("H", group.positions), "columns": group.document()}
                for action, group in self.groups.items()
            ],
        }

    @classmethod
    def read(cls, document: Document) -> "Columns":
        groups = {
            group["action"]: Group(
                unpacked("H", group["positions"]),
                {},
                {column["name"]: column["strips"] for column in group["columns"]},
            )
            for group in document["actions"]
        }
        return cls(document["ids"], groups)
