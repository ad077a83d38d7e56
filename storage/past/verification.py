"""Verification: whether a profile agrees with its journal, its identifiers, and the documents beside it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from storage.changes import change_id
from storage.columns.documents import HeadDoc, LeafDoc
from storage.columns.verification import disagreements
from storage.events import ACTIVITY_ACTIONS, RECENT
from storage.identifiers import identifier_id
from storage.journal import EntryKind
from storage.nouns import KINDS_BESIDE
from storage.parts import PARTS, empty_parts, identifiers_of
from storage.profiles import NOUN, ProfileDoc
from storage.store.ids import to_public
from storage.store.mongo import Document
from storage.store.workspace import Workspace
from storage.write.comparing import changes_between, unseen
from storage.write.derived import derive

FOLDED = ("recent", "eventCount", "lastActivityAt")
ONLY_IN_JOURNAL = frozenset({"workspace", "profile", "kind", "arrival", "actor"})
# Of these the journal does not tell when they were seen; their names are personal.
SEEN_PARTS = frozenset(part.name for part in PARTS if part.seen)
NAMED_AT_MOST = 5


class Check(StrEnum):
    """What was looked at."""

    PROFILE = "PROFILE"
    SEQ = "SEQ"
    EVENT_UUID = "EVENT_UUID"
    VERSION = "VERSION"
    HISTORY = "HISTORY"
    CONTENT = "CONTENT"
    EVENTS = "EVENTS"
    DERIVED = "DERIVED"
    IDENTIFIERS = "IDENTIFIERS"
    COLUMNS = "COLUMNS"


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement, told without personal values."""

    check: Check
    message: str


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that is stored of one profile; without `profile`, what names one that is not there.

    `entries` are in the order of `seq`; `holders` says which profile holds each identifier of this one.
    """

    workspace: Workspace
    id: bytes
    profile: ProfileDoc | None
    entries: Sequence[Document]
    identifiers: Sequence[Document]
    holders: Mapping[bytes, bytes]
    beside: Mapping[str, Sequence[Document]]
    heads: Sequence[HeadDoc]
    leaves: Sequence[LeafDoc]


def findings_of(record: Record) -> list[Finding]:
    """Return everything about a profile that does not agree."""
    profile = record.profile
    if profile is None:
        counts: dict[str, Sequence[object]] = {
            "journal": record.entries,
            "identifiers": record.identifiers,
            **record.beside,
            "heads": record.heads,
            "leaves": record.leaves,
        }
        left = ", ".join(f"{len(found)} in {name}" for name, found in counts.items() if found)
        return [Finding(Check.PROFILE, f"There is no such profile, and documents name it: {left}.")]
    return [
        *numbering(profile, record.entries),
        *repeated_events(record.entries),
        *versions(record, profile),
        *history(record, profile),
        *identifiers(record, profile),
        *(
            Finding(Check.EVENTS if name in FOLDED else Check.DERIVED, f"{name} does not follow from the rest.")
            for name in corrections(record)
        ),
        *(Finding(Check.COLUMNS, message) for message in columns(record, profile)),
    ]


def numbering(profile: ProfileDoc, entries: Sequence[Document]) -> Iterator[Finding]:
    """Compare the numbers of the entries with 1, 2, ... up to the profile's `seq`."""
    counted = Counter(entry["seq"] for entry in entries)
    expected = range(1, profile["seq"] + 1)
    wrong = {
        "are missing": [seq for seq in expected if not counted[seq]],
        "are there more than once": [seq for seq, times in counted.items() if times > 1],
        f"are there, and the profile's seq is {profile['seq']}": [seq for seq in counted if seq not in expected],
    }
    for what, seqs in wrong.items():
        if seqs:
            more = ", ..." if len(seqs) > NAMED_AT_MOST else ""
            yield Finding(Check.SEQ, f"Journal entries {', '.join(map(str, seqs[:NAMED_AT_MOST]))}{more} {what}.")


def repeated_events(entries: Iterable[Document]) -> Iterator[Finding]:
    repeated = [times for times in Counter(event["uuid"] for event in events(entries)).values() if times > 1]
    if repeated:
        yield Finding(Check.EVENT_UUID, f"{len(repeated)} event UUIDs are in the journal more than once.")


def versions(record: Record, profile: ProfileDoc) -> Iterator[Finding]:
    """Count the writes that changed the profile itself; the id of a change says after which entry its write began."""
    writes, start = set(), -1
    for entry in record.entries:
        if entry["kind"] == EntryKind.EVENT:
            continue
        if entry["_id"] == id_after(record, entry, entry["seq"] - 1):
            start = entry["seq"] - 1
        elif entry["_id"] != id_after(record, entry, start):
            yield Finding(Check.HISTORY, f"Journal entry {entry['seq']} belongs to no write: its id is not its own.")
        if entry["kind"] not in KINDS_BESIDE:
            writes.add(start)
    if len(writes) != profile["version"]:
        yield Finding(Check.VERSION, f"The version is {profile['version']}, and the journal has {len(writes)} edits.")


def id_after(record: Record, entry: Document, seq: int) -> bytes:
    return change_id(record.workspace.id, entry, seq)


def history(record: Record, profile: ProfileDoc) -> Iterator[Finding]:
    """Replay the changes from nothing: each goes on from the one before, and the last is what is stored."""
    replayed: dict[str, Any] = {}
    for entry in record.entries:
        for change in entry.get("changes", ()):
            field = change["field"]
            if comparable(field, change["before"]) != comparable(field, replayed.get(field)):
                said = f"Journal entry {entry['seq']} says that {label(field)} was something else than it had become."
                yield Finding(Check.HISTORY, said)
            replayed[field] = change["after"]
    stored = {change["field"]: change["after"] for _, change in changes_between(empty_parts(), profile)}
    for collection, documents in record.beside.items():
        stored |= {f"{collection}.{document['_id'].hex()}": document for document in documents}
    for field in dict.fromkeys([*replayed, *stored]):
        if comparable(field, replayed.get(field)) != comparable(field, stored.get(field)):
            yield Finding(Check.CONTENT, f"{label(field)} is not what the journal says it became.")


def comparable(field: str, item: Any) -> Any:
    return unseen(item) if part_of(field) in SEEN_PARTS else item


def part_of(field: str) -> str:
    return field.partition(".")[0]


def label(field: str) -> str:
    """Return what a finding calls a field, which must not tell who the person is."""
    return f"One of {part_of(field)}" if part_of(field) in SEEN_PARTS else field


def identifiers(record: Record, profile: ProfileDoc) -> Iterator[Finding]:
    """Compare what the profile is found by with the identifiers that name it, both ways."""
    expected = {identifier_id(record.workspace, kind, value): (kind, value) for kind, value in identifiers_of(profile)}
    for id, (kind, _) in expected.items():
        holder = record.holders.get(id)
        if holder is None:
            yield Finding(Check.IDENTIFIERS, f"{kind}: the profile has a value that no identifier holds for it.")
        elif holder != record.id:
            other = to_public(NOUN.prefix, holder)
            yield Finding(Check.IDENTIFIERS, f"{kind}: the profile has a value whose identifier names {other}.")
    for identifier in record.identifiers:
        if expected.get(identifier["_id"]) != (identifier["kind"], identifier["value"]):
            message = f"{identifier['kind']}: an identifier names the profile, which does not have its value."
            yield Finding(Check.IDENTIFIERS, message)


def columns(record: Record, profile: ProfileDoc) -> Iterator[str]:
    return disagreements(profile["seq"], record.heads, record.leaves, list(events(record.entries)))


def corrections(record: Record) -> Document:
    """Return the derived parts that are wrong, as they should be.

    Those that come from events are left out while the journal has gaps or repeats: nothing follows from such a one.
    """
    profile = record.profile
    if profile is None:
        return {}
    right = deepcopy(profile)
    if not [*numbering(profile, record.entries), *repeated_events(record.entries)]:
        newest = sorted(events(record.entries), key=lambda event: event["_id"], reverse=True)
        bare: list[Any] = [
            {key: value for key, value in event.items() if key not in ONLY_IN_JOURNAL} for event in newest[:RECENT]
        ]
        active = (event["occurredAt"] for event in newest if event["action"] in ACTIVITY_ACTIONS)
        right["recent"], right["eventCount"], right["lastActivityAt"] = bare, len(newest), max(active, default=None)
    derive(right)
    return {name: value for name, value in right.items() if profile.get(name, ...) != value}


def events(entries: Iterable[Document]) -> Iterator[Document]:
    return (entry for entry in entries if entry["kind"] == EntryKind.EVENT)
