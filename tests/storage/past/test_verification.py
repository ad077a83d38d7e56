"""Verification: what it finds in damaged data, what it repairs, and that it finds nothing in what edits leave."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from resolvers.verification import Progress, verify
from storage.columns.documents import ENGINE
from storage.columns.reading import folds_of
from storage.engines.columns import Columns
from storage.notes import NOUN
from storage.past import records
from storage.past.verification import Check
from storage.profiles import AgreementStatus, Channel, ProfileDoc
from storage.sources import ChangeSource
from storage.store.ids import time_id
from storage.store.mongo import Database, Document
from storage.store.workspace import Workspace
from storage.write.edits import edit
from storage.write.working_copy import Edit
from tests.support.columns import no_orphans
from tests.support.factories import CREATED, TESTER, a_profile, add_note, an_event

PERSONAL = ("anna", "Anna", "4712345678", "browser-1", "token-1", "C-77", "secret")


@pytest.fixture
def demo(any_database: Database) -> Workspace:
    return Workspace(any_database, "demo")


def everything(working: Edit) -> None:
    seen = {"firstSeenAt": CREATED, "lastSeenAt": CREATED}
    working.set("description", "secret")
    working.set("phone", "+4712345678")
    working.set("customId", "C-77")
    working.set("geo", {"latitude": 1.5, "longitude": 2.5, "measuredAt": CREATED, "source": "SDK"})
    working.add_uuid({"value": "browser-1", "platform": "WEB", **seen})  # type: ignore[typeddict-item]
    working.add_firebase_id({"value": "token-1", "platform": "IOS", "uuid": None, **seen})  # type: ignore[typeddict-item]
    working.add_tag("vip", source=ChangeSource.API)
    working.set_agreement(Channel.EMAIL, AgreementStatus.ENABLED, source="API")
    add_note(working, "secret", "secret")


async def a_life(demo: Workspace) -> ProfileDoc:
    """Return a profile that was made, changed, seen again, and partly undone."""
    made = await a_profile(demo, email="anna@example.com", firstName="Anna", events=25, change=everything)
    later = CREATED + timedelta(days=1, microseconds=7)

    async def change(working: Edit) -> None:
        (note,) = await demo.find("notes", {"profile": made["_id"]}, session=working.session)
        working.put(NOUN, note, {**note, "text": "secret again"})
        add_note(working, "Second", "", at=later)
        working.set_attribute("visits", 3.5, source=ChangeSource.API, at=later)
        working.set_attribute("nothing", None, source=ChangeSource.API)
        working.unset_attribute("firstName")
        working.remove_tag("vip")
        working.remove_firebase_id("token-1")
        seen = {"firstSeenAt": CREATED, "lastSeenAt": later}
        working.add_uuid({"value": "browser-1", "platform": "WEB", **seen})  # type: ignore[typeddict-item]
        working.add_event(an_event(at=later))

    for step in (
        change,
        lambda working: working.set("description", None),
        lambda working: working.add_event(an_event("form.submit")),
    ):
        outcome = await edit(demo, made["_id"], step, actor=TESTER)
        assert outcome is not None
    return outcome["profile"]


def told(done: Progress) -> set[Check]:
    messages = [finding.message for verdict in done.verdicts for finding in verdict.findings]
    assert not [mark for mark in PERSONAL for message in messages if mark in message]
    return {finding.check for verdict in done.verdicts for finding in verdict.findings}


async def test_what_edits_leave_is_in_order(demo: Workspace) -> None:
    await a_life(demo)
    await a_profile(demo)
    await a_profile(Workspace(demo.database, "other"), email="anna@example.com")
    assert await verify(demo.database) == Progress(total=3, profiles=3)
    assert await verify(demo.database, "demo") == Progress(total=2, profiles=2)


Damage = Callable[[Workspace, ProfileDoc], Awaitable[object]]


def setting(**fields: Any) -> Damage:
    return lambda demo, profile: demo.database.update("profiles", {"_id": profile["_id"]}, {"$set": fields})


def deleting(collection: str, **filter: Any) -> Damage:
    return lambda demo, profile: demo.database.delete(collection, {"profile": profile["_id"], **filter})


def changing(collection: str, filter: Document, **fields: Any) -> Damage:
    return lambda demo, profile: demo.database.update(
        collection, {"profile": profile["_id"], **filter}, {"$set": fields}
    )


def again(collection: str, filter: Document, **fields: Any) -> Damage:
    async def damage(demo: Workspace, profile: ProfileDoc) -> None:
        found = await demo.find_one(collection, {"profile": profile["_id"], **filter})
        await demo.database.insert(collection, [{**(found or {}), "_id": time_id(CREATED), **fields}])

    return damage


# The profile's journal: 1 to 10 are how it was made, of which 1 has the description and the location, 9 the device; up
# to 35 events; 36 to 40 a change, 41 an event; then one of each.
DAMAGES: dict[str, tuple[Damage, set[Check]]] = {
    "an event is lost": (deleting("journal", seq=13), {Check.SEQ}),
    "the last entry is lost": (deleting("journal", seq=43), {Check.SEQ}),
    "changes are lost": (
        deleting("journal", kind="ATTRIBUTE"),
        {Check.SEQ, Check.VERSION, Check.CONTENT, Check.HISTORY},
    ),
    "a number is there twice": (again("journal", {"seq": 12}, uuid="another"), {Check.SEQ}),
    "an event is there twice": (again("journal", {"seq": 12}, seq=44), {Check.SEQ, Check.EVENT_UUID}),
    "a change is there twice": (again("journal", {"seq": 1}, seq=44), {Check.SEQ, Check.HISTORY, Check.CONTENT}),
    "the past was changed": (changing("journal", {"seq": 9}, changes=[]), {Check.HISTORY}),
    "the version is off": (setting(version=9), {Check.VERSION}),
    "an edit was not told": (setting(description="secret"), {Check.CONTENT}),
    "a value was not told": (setting(**{"attributes.0.value": "secret"}), {Check.CONTENT}),
    "a note is gone": (deleting("notes", title="Second"), {Check.CONTENT}),
    "a note was not told": (again("notes", {"title": "Second"}), {Check.CONTENT}),
    "a note was changed by hand": (changing("notes", {"title": "Second"}, text="secret"), {Check.CONTENT}),
    "an identifier is gone": (deleting("identifiers", kind="EMAIL"), {Check.IDENTIFIERS}),
    "an identifier is nobody's": (
        changing("identifiers", {"kind": "EMAIL"}, profile=time_id(CREATED)),
        {Check.IDENTIFIERS, Check.PROFILE},
    ),
    "an identifier is left over": (again("identifiers", {"kind": "EMAIL"}), {Check.IDENTIFIERS}),
    "an identity was not told": (setting(**{"identities.customId": "C-78"}), {Check.CONTENT, Check.IDENTIFIERS}),
    "the profile is gone": (
        lambda demo, profile: demo.database.delete("profiles", {"_id": profile["_id"]}),
        {Check.PROFILE},
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_damage_is_found_and_left_alone(workspace: Workspace, damage: str) -> None:
    database = workspace.database
    profile = await a_life(workspace)
    do, expected = DAMAGES[damage]
    await do(workspace, profile)
    before = await stored(workspace)
    assert told(await verify(database, workspace.id)) == expected
    assert told(await verify(database, workspace.id, repair=True)) == expected
    assert await stored(workspace) == before


async def stored(workspace: Workspace) -> list[list[Document]]:
    names = ("profiles", "journal", "identifiers", "notes")
    return [await workspace.find(name, {}, sort=[("_id", 1)]) for name in names]


async def test_derived_parts_are_repaired(demo: Workspace) -> None:
    profile = await a_life(demo)
    before = await stored(demo)
    wrong = {"displayName": "x", "recognized": False, "search": [], "orderKeys": {}}
    folded = {"eventCount": 3, "recent": [], "lastActivityAt": None}
    await setting(**wrong, **folded)(demo, profile)
    done = await verify(demo.database, "demo")
    assert told(done) == {Check.DERIVED, Check.EVENTS}
    assert [verdict.repaired for verdict in done.verdicts] == [[]]
    (verdict,) = (await verify(demo.database, "demo", repair=True)).verdicts
    assert (verdict.findings, verdict.repaired) == ([], sorted({*wrong, *folded}))
    assert await stored(demo) == before
    assert (await verify(demo.database)).verdicts == []


async def test_what_is_on_its_way_is_no_finding(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles = [await a_profile(workspace, events=1) for _ in range(7)]
    monkeypatch.setattr(records, "BATCH_PROFILES", 3)
    monkeypatch.setattr(records, "BATCH_ENTRIES", 4)
    running = True

    async def edits(profile: ProfileDoc) -> None:
        while running:
            await edit(workspace, profile["_id"], lambda working: working.add_event(an_event()), actor=TESTER)

    async with asyncio.TaskGroup() as tasks:
        for profile in profiles:
            tasks.create_task(edits(profile))
        looks = [await verify(workspace.database, workspace.id) for _ in range(5)]
        running = False
    assert looks == [Progress(total=7, profiles=7)] * 5


async def test_batches_leave_nothing_out(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles = [await a_profile(workspace, created_at=CREATED + timedelta(days=day)) for day in range(7)]
    monkeypatch.setattr(records, "BATCH_PROFILES", 3)
    strays = [time_id(CREATED + timedelta(days=day, hours=1)) for day in (-1, 2, 6)]
    for stray in strays:
        await again("journal", {}, profile=stray)(workspace, profiles[0])
    for profile in profiles[::2]:
        await setting(version=7)(workspace, profile)
    done = await verify(workspace.database, workspace.id)
    assert {verdict.profile for verdict in done.verdicts} == {*strays, *(profile["_id"] for profile in profiles[::2])}
    assert told(done) == {Check.PROFILE, Check.VERSION}


async def a_long_life(workspace: Workspace) -> ProfileDoc:
    """Return a profile with events of all types in columns, and some that are not yet."""
    params: list[Any] = [1, 1.0, True, None, "secret", 0.1, -0.0, CREATED, ["secret", 2], {"a": {"b": 1}}]
    events = [
        an_event("buy", at=CREATED + timedelta(minutes=minute), amount=params[minute % len(params)], place=minute)
        for minute in range(2_500)
    ]
    profile = await a_profile(workspace, events=events)
    await folds_of(workspace, {profile["_id"]: profile["seq"]})
    return profile


def a_leaf(**fields: Any) -> Damage:
    async def damage(workspace: Workspace, profile: ProfileDoc) -> None:
        (head,) = await workspace.find("heads", {"profile": profile["_id"]})
        await workspace.database.update("leaves", {"_id": head["leaves"][1]["id"]}, {"$set": fields})

    return damage


async def other_events(workspace: Workspace, profile: ProfileDoc) -> None:
    """Change a value of an event within a leaf, as a fault of the engine would."""
    (head,) = await workspace.find("heads", {"profile": profile["_id"]})
    (leaf,) = await workspace.find("leaves", {"_id": head["leaves"][0]["id"]})
    events = [*Columns.read(leaf["columns"]).events()]
    assert events[0]["params"]["amount"] == 1
    events[0]["params"]["amount"] = True
    await workspace.database.update(
        "leaves", {"_id": leaf["_id"]}, {"$set": {"columns": Columns.of(events).document()}}
    )


async def an_old_orphan(workspace: Workspace, profile: ProfileDoc) -> None:
    leaf: Document = {"workspace": workspace.id, "profile": profile["_id"], "columns": {}}
    await workspace.database.insert("leaves", [{"_id": time_id(CREATED), **leaf}])


OF_COLUMNS: dict[str, Damage] = {
    "a leaf is lost": lambda workspace, profile: workspace.database.delete("leaves", {"profile": profile["_id"]}),
    "a value is another": other_events,
    "a leaf is empty": a_leaf(columns=Columns.of([]).document()),
    "the directory is wrong": changing("heads", {}, **{"leaves.0.count": 1_023}),
    "the newest are lost": changing("heads", {}, open=Columns.of([]).document()),
    "more is said than there is": changing("heads", {}, seq=9_999),
    "a leaf is nobody's": an_old_orphan,
}


@pytest.mark.parametrize("damage", OF_COLUMNS)
async def test_columns_are_made_anew(workspace: Workspace, damage: str) -> None:
    database = workspace.database
    profile = await a_long_life(workspace)
    assert (await verify(database, workspace.id)).verdicts == []
    await OF_COLUMNS[damage](workspace, profile)
    assert told(await verify(database, workspace.id)) == {Check.COLUMNS}
    (verdict,) = (await verify(database, workspace.id, repair=True)).verdicts
    assert (verdict.findings, verdict.repaired) == ([], ["columns"])
    assert (await verify(database, workspace.id)).verdicts == []
    (head,) = await workspace.find("heads", {})
    assert head["seq"] == profile["seq"]
    await no_orphans(workspace)


async def test_columns_of_another_form_are_no_finding(workspace: Workspace) -> None:
    profile = await a_long_life(workspace)
    await changing("heads", {}, engine=ENGINE - 1, open={"other": 1})(workspace, profile)
    assert (await verify(workspace.database, workspace.id)).verdicts == []
