"""The write path, over each driver."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.identifiers import IdentifierKind, owners
from storage.profiles import AgreementStatus, Channel, ProfileDoc
from storage.sources import ChangeSource
from storage.store.bus import Bus
from storage.store.hints import Hints, profile_channel, workspace_channel
from storage.store.ids import time_id
from storage.store.mongo import Database
from storage.store.refusals import RefusedError, UserErrorCode
from storage.store.workspace import Workspace
from storage.write.edits import Edits, Outcomes, edit, edit_together, make_in_turns
from storage.write.working_copy import Edit
from tests.support.factories import CREATED, TESTER, a_profile, add_note, an_event, visits


@pytest.fixture
def demo(any_database: Database) -> Workspace:
    return Workspace(any_database, "demo")


async def stored(demo: Workspace, profile: ProfileDoc) -> ProfileDoc:
    found: ProfileDoc = await demo.find_one("profiles", {"_id": profile["_id"]})
    return found


async def entries(demo: Workspace, profile: ProfileDoc) -> list[dict]:
    return await demo.find("journal", {"profile": profile["_id"]}, sort=[("seq", 1)])


async def edited(demo: Workspace, profile: ProfileDoc, change: Callable[[Edit], None]) -> ProfileDoc:
    outcome = await edit(demo, profile["_id"], change, actor=TESTER)
    assert outcome is not None
    return outcome["profile"]


async def test_an_edit_writes_everything_that_it_touches(demo: Workspace) -> None:
    def change(working: Edit) -> None:
        working.set_attribute("firstName", "Anna", source=ChangeSource.CARD)
        working.add_tag("vip", source=ChangeSource.API)
        working.set("email", "anna@example.com")
        add_note(working, "Call", "Asked")
        for event in visits(2, start=CREATED + timedelta(hours=1)):
            working.add_event(event)

    before = await a_profile(demo, firstName="Ann", events=1)
    after = await edited(demo, before, change)
    assert after == await stored(demo, before)
    assert (after["version"], after["eventCount"], after["recognized"]) == (2, 3, True)
    assert after["displayName"] == "Anna"
    assert after["search"] == ["anna", "anna@example.com"]
    assert after["lastActivityAt"] == CREATED + timedelta(hours=1, seconds=1)
    told = await entries(demo, before)
    assert [entry["seq"] for entry in told] == list(range(1, after["seq"] + 1))
    changed = {entry["kind"]: entry["changes"] for entry in told if entry["seq"] > before["seq"] and "changes" in entry}
    (attribute,), (tag,), (note,) = changed["ATTRIBUTE"], changed["TAG"], changed["NOTE"]
    assert attribute["field"] == "attributes.firstName"
    assert (attribute["before"]["value"], attribute["after"]["value"]) == ("Ann", "Anna")
    assert (tag["field"], tag["before"], tag["after"]["name"]) == ("tags.vip", None, "vip")
    assert (note["before"], note["after"]["title"]) == (None, "Call")
    assert changed["IDENTIFIER"] == [{"field": "email", "before": None, "after": "anna@example.com"}]
    assert all(entry["actor"] == TESTER.document() for entry in told)
    (owner,) = await owners(demo, [(IdentifierKind.EMAIL, "anna@example.com")])
    assert owner["profile"] == before["_id"]
    assert [note["title"] for note in await demo.find("notes", {"profile": before["_id"]})] == ["Call"]


async def test_an_edit_without_effect_writes_nothing(demo: Workspace) -> None:
    before = await a_profile(demo, firstName="Ann", events=[an_event(uuid="u-1")])

    def same(working: Edit) -> None:
        working.add_event(an_event(uuid="u-1"))

    assert await edited(demo, before, same) == before
    assert await stored(demo, before) == before
    assert len(await entries(demo, before)) == before["seq"]


async def test_a_profile_that_does_not_exist_is_not_edited(demo: Workspace) -> None:
    assert await edit(demo, bytes(16), lambda working: working.set("description", "x"), actor=TESTER) is None
    assert await demo.find("profiles", {}) == []


async def test_a_refused_edit_leaves_nothing(demo: Workspace) -> None:
    await a_profile(demo, email="taken@example.com")
    before = await a_profile(demo, firstName="Bob")

    def claim(working: Edit) -> None:
        working.add_event(an_event())
        working.add_tag("vip", source=ChangeSource.API)
        working.set("email", "taken@example.com")

    with pytest.raises(RefusedError) as refused:
        await edit(demo, before["_id"], claim, actor=TESTER)
    assert [error.code for error in refused.value.errors] == [UserErrorCode.TAKEN]
    assert await stored(demo, before) == before
    assert len(await entries(demo, before)) == before["seq"]
    with pytest.raises(RuntimeError):
        await edit(demo, before["_id"], fail, actor=TESTER)
    assert await stored(demo, before) == before


async def test_edits_together_are_all_written_or_none(demo: Workspace) -> None:
    one, other = await a_profile(demo, events=1), await a_profile(demo)
    new, absent = time_id(CREATED), bytes(16)

    async def together(emails: Mapping[bytes, str]) -> Mapping[str, Any]:
        def change(edits: Edits) -> None:
            for profile, working in edits.items():
                working.set("email", emails[profile])
                working.add_event(an_event(at=CREATED + timedelta(days=1)))

        profiles = {one["_id"]: None, other["_id"]: None, new: CREATED, absent: None}
        return await edit_together(demo, profiles, change, count, actor=TESTER)

    with pytest.raises(RefusedError) as refused:  # both of them want one address
        await together({one["_id"]: "a@example.com", other["_id"]: "b@example.com", new: "a@example.com"})
    assert [error.code for error in refused.value.errors] == [UserErrorCode.TAKEN]
    assert await demo.find("profiles", {}, sort=[("_id", 1)]) == sorted([one, other], key=lambda it: it["_id"])
    assert await demo.find("identifiers", {}) == []
    answered = await together({one["_id"]: "a@example.com", other["_id"]: "b@example.com", new: "c@example.com"})
    assert answered == {"written": 3}
    for profile in await demo.find("profiles", {}):
        assert [entry["seq"] for entry in await entries(demo, profile)] == list(range(1, profile["seq"] + 1))
    assert len(await demo.find("identifiers", {})) == 3


def count(outcomes: Outcomes) -> dict[str, Any]:
    return {"written": len(outcomes)}


def fail(working: Edit) -> None:
    working.set("description", "half done")
    raise RuntimeError


async def test_a_profile_is_made_in_turns_or_not_at_all(demo: Workspace) -> None:
    def ask(working: Edit) -> None:
        working.add_event(an_event(uuid="u-1"))
        working.set_agreement(Channel.EMAIL, AgreementStatus.CONFIRMATION, source=ChangeSource.SDK)

    def confirm(working: Edit) -> None:
        working.set_agreement(Channel.EMAIL, AgreementStatus.ENABLED, source=ChangeSource.LINK)
        add_note(working, "Call", "Asked")

    def fail(working: Edit) -> None:
        raise RuntimeError(working.profile["version"])

    id, clicker = time_id(CREATED), replace(TESTER, source=ChangeSource.LINK)
    with pytest.raises(RuntimeError, match="1"):
        await make_in_turns(demo, id, [(TESTER, ask), (clicker, fail)], created_at=CREATED)
    assert await demo.find("profiles", {}) == await demo.find("journal", {}) == []

    turns = [(TESTER, ask), (clicker, confirm)]
    made = await make_in_turns(demo, id, turns, created_at=CREATED)
    assert made is not None
    assert made == await stored(demo, made)
    assert (made["version"], made["eventCount"]) == (2, 1)
    told = await demo.find("journal", {"profile": id, "kind": "AGREEMENT"}, sort=[("_id", 1)])
    asked, enabled = ((entry["changes"][0], entry["source"]) for entry in told)
    assert (asked[0]["before"], asked[1]) == (None, TESTER.source)
    assert (enabled[0]["before"]["status"], enabled[0]["after"]["status"]) == ("CONFIRMATION", "ENABLED")
    assert enabled[1] == "LINK"

    assert await make_in_turns(demo, id, turns, created_at=CREATED) is None
    assert await stored(demo, made) == made


async def test_edits_at_once_are_all_kept(demo: Workspace) -> None:
    before = await a_profile(demo)

    async def add(number: int) -> None:
        def change(working: Edit) -> None:
            working.add_tag(f"tag {number}", source=ChangeSource.API)
            working.add_event(an_event(at=CREATED + timedelta(seconds=number)))

        await edit(demo, before["_id"], change, actor=TESTER)

    await asyncio.gather(*(add(number) for number in range(12)))
    after = await stored(demo, before)
    assert len(after["tags"]) == after["eventCount"] == 12
    assert after["version"] == 13
    assert [entry["seq"] for entry in await entries(demo, before)] == list(range(1, after["seq"] + 1))


async def test_an_edit_that_meets_another_starts_over(demo: Workspace) -> None:
    """The profile changes under the edit, as another process would change it."""
    before = await a_profile(demo)
    tries = []

    def change(working: Edit) -> None:
        tries.append(working.profile["version"])
        working.set("description", f"try {len(tries)}")

    async def meanwhile() -> None:
        async def body(session: object) -> None:
            await demo.database.update("profiles", {"_id": before["_id"]}, {"$inc": {"version": 1}}, session=session)
            if len(tries) == 0:
                await demo.database.update("profiles", {"_id": before["_id"]}, {"$set": {"geo": None}}, session=session)

        await demo.database.transaction(body)

    await asyncio.gather(*(edit(demo, before["_id"], change, actor=TESTER), meanwhile()))
    after = await stored(demo, before)
    assert after["version"] == before["version"] + 2
    assert after["description"] == f"try {len(tries)}"


async def test_recent_holds_the_newest_events_in_their_order(demo: Workspace) -> None:
    late = [an_event(at=CREATED + timedelta(days=1, seconds=second), page=second) for second in range(15)]
    profile = await a_profile(demo, events=late)
    early = visits(15)

    def add(working: Edit) -> None:
        for event in reversed(early):
            working.add_event(event)

    after = await edited(demo, profile, add)
    pages = [event["params"]["page"] for event in after["recent"]]
    assert pages == [*range(14, -1, -1), *range(14, 9, -1)]
    assert after["lastActivityAt"] == profile["lastActivityAt"]
    assert after["eventCount"] == 30


async def test_a_commit_publishes_a_hint(demo: Workspace, bus: Bus) -> None:
    profile = await a_profile(demo)
    heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    ready = asyncio.Event()
    channels = {profile_channel(profile["_id"]), workspace_channel(demo.id)}
    hints = Hints(bus, lambda *hint: heard.put_nowait(hint), lambda channel: channel in channels and ready.set())
    for channel in channels:
        hints.follow(channel)
    following = asyncio.create_task(hints.run())
    try:
        async with asyncio.timeout(10):
            await ready.wait()
            outcome = await edit(
                demo, profile["_id"], lambda working: working.set("description", "x"), actor=TESTER, bus=bus
            )
            assert outcome is not None
            told = {await heard.get(), await heard.get()}
        seq = str(outcome["profile"]["seq"])
        assert told == {(profile_channel(profile["_id"]), seq), (workspace_channel(demo.id), "")}
    finally:
        following.cancel()
        await asyncio.wait([following])


async def test_without_a_bus_an_edit_still_succeeds(demo: Workspace) -> None:
    away = Bus.connect("redis://127.0.0.1:1", timeout=0.2)
    profile = await a_profile(demo)
    outcome = await edit(demo, profile["_id"], lambda working: working.set("description", "x"), actor=TESTER, bus=away)
    assert outcome is not None
    assert outcome["profile"]["description"] == "x"
    await away.close()


def test_ids_sort_by_time_and_repeat_for_the_same_thing() -> None:
    moments = [
        datetime(1997, 1, 1, tzinfo=UTC),
        CREATED,
        CREATED + timedelta(milliseconds=1),
        datetime.max.replace(tzinfo=UTC),
    ]
    ids = [time_id(at, "a", "b") for at in moments]
    assert ids == sorted(ids)
    assert {len(id) for id in ids} == {16}
    assert time_id(CREATED, "a", "b") == time_id(CREATED, "a", "b")
    assert time_id(CREATED, "a", "b") != time_id(CREATED, "ab", "")
    assert time_id(CREATED) != time_id(CREATED)
