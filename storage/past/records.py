"""Records: each profile with everything that names it, read batch by batch over a whole database."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any

from storage.identifiers import identifier_id
from storage.nouns import BESIDE
from storage.parts import identifiers_of
from storage.past.verification import Record
from storage.profiles import ProfileDoc
from storage.store.mongo import Database, Document, Filter, Session
from storage.store.workspace import Workspace

BATCH_PROFILES = 200
BATCH_ENTRIES = 5_000
LOWEST, HIGHEST = bytes(16), b"\xff" * 16


async def count_profiles(database: Database, workspace: str | None) -> int:
    rows = await database.aggregate(
        "profiles", [{"$match": owned(workspace)}, {"$group": {"_id": 1, "n": {"$sum": 1}}}]
    )
    return int(rows[0]["n"]) if rows else 0


async def all_records(database: Database, workspace: str | None) -> AsyncIterator[list[Record]]:
    """Yield the records of a workspace, or of all, in the order of their ids.

    The batches leave no id out, so what names a profile that is not there comes up as a record as well. A batch is
    not read in one moment: what looks wrong in it may have been on its way.
    """
    after = LOWEST
    while True:
        beyond = {**owned(workspace), "_id": {"$gt": after}}
        found: list[Any] = await database.find("profiles", beyond, sort=[("_id", 1)], limit=BATCH_PROFILES)
        for group in groups(found):
            last = group[-1]["_id"]
            yield await read(database, group, {**owned(workspace), "profile": {"$gt": after, "$lte": last}})
            after = last
        if len(found) < BATCH_PROFILES:
            break
    yield await read(database, [], {**owned(workspace), "profile": {"$gt": after, "$lte": HIGHEST}})


async def one_record(workspace: Workspace, profile: bytes, *, session: Session) -> Record | None:
    """Return a record as the transaction of `session` sees it: everything at one moment."""
    found: list[Any] = await workspace.find("profiles", {"_id": profile}, session=session)
    records = await read(workspace.database, found, workspace.own({"profile": profile}), session=session)
    return records[0] if records else None


def owned(workspace: str | None) -> Filter:
    return {} if workspace is None else {"workspace": workspace}


def groups(profiles: Sequence[ProfileDoc]) -> Iterator[list[ProfileDoc]]:
    """Split profiles so that the journals of a group are not too much at once, unless it is a single one."""
    group: list[ProfileDoc] = []
    entries = 0
    for profile in profiles:
        if group and entries + profile["seq"] > BATCH_ENTRIES:
            yield group
            group, entries = [], 0
        group.append(profile)
        entries += profile["seq"]
    if group:
        yield group


async def read(
    database: Database, profiles: Sequence[ProfileDoc], naming: Filter, *, session: Session = None
) -> list[Record]:
    """Return the records of `profiles`, and of what else is named by the documents that match `naming`."""
    by_key = {(profile["workspace"], profile["_id"]): profile for profile in profiles}
    of = {
        name: grouped(await database.find(name, naming, session=session))
        for name in ("journal", "identifiers", "heads", "leaves", *BESIDE)
    }
    holders = await holders_of(database, profiles, session=session)
    return [
        Record(
            workspace=Workspace(database, key[0]),
            id=key[1],
            profile=by_key.get(key),
            entries=sorted(of["journal"][key], key=lambda entry: int(entry["seq"])),
            identifiers=of["identifiers"][key],
            holders=holders,
            beside={name: of[name][key] for name in BESIDE},
            heads=of["heads"][key],  # type: ignore[arg-type]  # as they are declared
            leaves=of["leaves"][key],  # type: ignore[arg-type]
        )
        for key in dict.fromkeys([*by_key, *(key for found in of.values() for key in found)])
    ]


def grouped(documents: Iterable[Document]) -> defaultdict[tuple[str, bytes], list[Document]]:
    """Return the documents by the workspace and the profile that they name."""
    by_key: defaultdict[tuple[str, bytes], list[Document]] = defaultdict(list)
    for document in documents:
        by_key[document["workspace"], document["profile"]].append(document)
    return by_key


async def holders_of(
    database: Database, profiles: Sequence[ProfileDoc], *, session: Session = None
) -> dict[bytes, bytes]:
    """Return which profile holds each identifier that these profiles should have."""
    ids = [
        identifier_id(Workspace(database, profile["workspace"]), kind, value)
        for profile in profiles
        for kind, value in identifiers_of(profile)
    ]
    found = await database.find("identifiers", {"_id": {"$in": ids}}, session=session) if ids else []
    return {identifier["_id"]: identifier["profile"] for identifier in found}
