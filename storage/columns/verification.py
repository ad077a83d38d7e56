"""Whether columns say what the journal says; told without personal values, which includes names of parameters."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from storage.columns.documents import ENGINE, HeadDoc, LeafDoc
from storage.columns.reading import stored_fold
from storage.engines.columns import Columns
from storage.store.ids import floor_id

# A leaf is there before the head that names it, and after one that does no more, for as long as a few commands take.
ORPHAN_AGE = timedelta(hours=1)


def disagreements(
    seq: int, heads: Sequence[HeadDoc], leaves: Sequence[LeafDoc], events: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield what is wrong about the columns of a profile, which is at `seq` and has these events in the journal.

    Those of another form say nothing to this version, and are not looked at.
    """
    by_id = {leaf["_id"]: leaf for leaf in leaves}
    for head in heads:
        if head["seq"] > seq:
            yield f"The columns go up to entry {head['seq']}, and the profile's seq is {seq}."
        elif head["engine"] == ENGINE:
            folded = [event for event in events if event["seq"] <= head["seq"]]
            yield from differences(head, by_id, sorted(folded, key=lambda event: bytes(event["_id"])))
    orphans = orphans_of(heads, [leaf["_id"] for leaf in leaves], before=floor_id(datetime.now(UTC) - ORPHAN_AGE))
    if orphans:
        yield f"{len(orphans)} leaves are named by no head, and older than an hour."


def orphans_of(heads: Sequence[HeadDoc], leaves: Sequence[bytes], *, before: bytes) -> list[bytes]:
    """Return those of the leaves that were made before a moment and that no head names."""
    named = {leaf["id"] for head in heads for leaf in head["leaves"]}
    return [leaf for leaf in leaves if leaf < before and leaf not in named]


def differences(head: HeadDoc, leaves: Mapping[bytes, LeafDoc], events: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Compare each block with as many of the events as it is said to have, which are in the order of their ids."""
    left = iter(events)
    fold = stored_fold(head)
    for place, block in enumerate(fold.blocks, 1):
        expected, leaf = list(islice(left, block.count)), leaves.get(block.id or b"")
        if leaf is None:
            yield f"Leaf {place} of {len(fold.blocks)} is missing."
        elif not says(Columns.read(leaf["columns"]), expected):
            yield f"Leaf {place} of {len(fold.blocks)} is not what the journal says."
        elif (block.first, block.last) != (expected[0]["_id"], expected[-1]["_id"]):
            yield f"The ids of leaf {place} of {len(fold.blocks)} are not its own."
    if not says(fold.open, list(left)):
        yield "The newest columns are not what the journal says."


def says(columns: Columns, events: Sequence[Mapping[str, Any]]) -> bool:
    if len(columns) != len(events):
        return False
    return all(shown(one) == shown(other) for one, other in zip(columns.events(), events, strict=True))


def shown(event: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what of an event is in columns, such that 1, 1.0 and true differ, and NaN is as another."""
    return bytes(event["_id"]), event["action"], repr(sorted(event.get("params", {}).items()))
