"""`profileChanged`, `presence` and `workspaceActivity`."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.settings import Settings
from storage.profiles import ProfileDoc
from storage.setup import prepare_workspace
from storage.sources import ChangeSource
from storage.store.bus import Bus
from storage.store.hints import workspace_channel
from storage.store.workspace import Workspace
from storage.write.edits import edit
from storage.write.working_copy import Edit
from tests.support.factories import TESTER, a_profile, an_event
from tests.support.live.following import Followed, Live, id_of, living, until_followed

CHANGED = """subscription ($id: ID!) { profileChanged(profileId: $id) {
  version changed profile { id version displayName tags { name } activity { lastActivityAt } } } }"""
PRESENCE = """subscription ($ids: [ID!]!) { presence(profileIds: $ids) { profile { id } online lastActivityAt } }"""
WORKSPACE = """subscription ($filter: ActivityFilter, $after: Cursor) {
  workspaceActivity(filter: $filter, after: $after) {
    cursor node { __typename id ... on Event { params } } } }"""


async def edited(live: Live, profile: ProfileDoc, change: Any) -> None:
    await edit(live.workspace, profile["_id"], change, actor=TESTER, bus=live.bus)


def tagged(name: str) -> Any:
    return lambda working: working.add_tag(name, source=ChangeSource.API)


async def waited(followed: Followed, live: Live) -> asyncio.Task[Any]:
    """Return the next message to come, once the subscription is with its group."""
    waiting = asyncio.create_task(followed.next())
    await until_followed(live)
    return waiting


async def test_a_profile_is_told_as_it_is_and_whenever_it_changed(live: Live) -> None:  # R5
    profile = await a_profile(live.workspace, firstName="Ann")
    async with live.follow(CHANGED, id=id_of(profile)) as followed:
        first = await followed.next()
        assert (first["version"], first["changed"], first["profile"]["displayName"]) == (1, [], "Ann")
        waiting = await waited(followed, live)
        await edited(live, profile, tagged("vip"))
        second = await waiting
        assert (second["version"], second["changed"]) == (2, ["tags.vip"])
        assert second["profile"]["tags"] == [{"name": "vip"}]
        await edited(live, profile, lambda working: working.add_event(an_event()))
        third = await followed.next()
        assert (third["version"], third["changed"]) == (2, ["activity"])
        assert third["profile"]["activity"]["lastActivityAt"] is not None


async def test_a_burst_of_changes_is_told_in_a_few_messages(live: Live) -> None:
    profile = await a_profile(live.workspace)
    async with live.follow(CHANGED, id=id_of(profile)) as followed:
        await followed.next()
        waiting = await waited(followed, live)

        def both(number: int) -> Any:
            def change(working: Edit) -> None:
                working.add_tag(f"tag {number}", source=ChangeSource.API)
                working.set_attribute("count", number, source=ChangeSource.API)

            return change

        for number in range(20):
            await edited(live, profile, both(number))
        told = [await waiting]
        while told[-1]["version"] < 21:
            told.append(await followed.next())
    assert {field for one in told for field in one["changed"]} == {
        "attributes.count",
        *(f"tags.tag {number}" for number in range(20)),
    }
    assert [one["version"] for one in told] == sorted({one["version"] for one in told})
    assert len(told[-1]["profile"]["tags"]) == 20


async def test_changes_while_the_snapshot_is_read_are_told(live: Live) -> None:
    """The client is slow with the first message; what happens meanwhile comes as the second one."""
    profile = await a_profile(live.workspace)
    async with live.follow(CHANGED, id=id_of(profile)) as quick, live.follow(CHANGED, id=id_of(profile)) as followed:
        await quick.next()
        await followed.next()
        waiting = await waited(quick, live)
        await edited(live, profile, tagged("a"))
        await waiting
        second = await followed.next()
        assert (second["version"], second["changed"]) == (2, ["tags.a"])
        await followed.silence()


async def test_presence_comes_with_activity_and_goes_by_the_clock(
    workspace: Workspace, bus: Bus, settings: Settings
) -> None:  # R37
    window = timedelta(seconds=1)
    async with living(workspace, bus, settings, online=window) as live:
        away, other = await a_profile(workspace, events=1), await a_profile(workspace)
        async with live.follow(PRESENCE, ids=[id_of(away), id_of(other)]) as followed:
            at_first = [await followed.next() for _ in range(2)]
            assert [(one["profile"]["id"], one["online"]) for one in at_first] == [
                (id_of(away), False),
                (id_of(other), False),
            ]
            assert at_first[1]["lastActivityAt"] is None
            waiting = await waited(followed, live)
            await edited(live, other, lambda working: working.add_event(an_event("email.sent", at=datetime.now(UTC))))
            await edited(live, other, lambda working: working.add_event(an_event(at=datetime.now(UTC))))
            came = await waiting
            gone = await followed.next()
        assert (came["profile"]["id"], came["online"]) == (id_of(other), True)
        assert gone == {**came, "online": False}
        told = datetime.fromisoformat(came["lastActivityAt"])
        assert datetime.now(UTC) >= told + window


async def test_too_many_profiles_are_refused(live: Live) -> None:
    error = await live.refused(PRESENCE, ids=["prf_" + "0" * 32] * 101)
    assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", "profileIds")


async def test_a_workspace_is_followed_as_a_whole_and_alone(live: Live) -> None:
    one, two = await a_profile(live.workspace), await a_profile(live.workspace)
    stranger = await prepare_workspace(live.workspace.database, f"{live.workspace.id}-other", name="Other")
    foreign = await a_profile(stranger)
    async with live.follow(WORKSPACE, filter={"kinds": ["EVENT"]}) as followed:
        waiting = await waited(followed, live)
        await edited(live, one, tagged("vip"))
        await edit(stranger, foreign["_id"], lambda it: it.add_event(an_event(page=9)), actor=TESTER, bus=live.bus)
        await edited(live, one, lambda working: working.add_event(an_event(page=1)))
        first = await waiting
        await edited(live, two, lambda working: working.add_event(an_event(page=2)))
        second = await followed.next()
        assert [told["node"]["params"]["page"] for told in (first, second)] == [1, 2]
    # Without a bus nothing hints; the sweep finds it.
    async with live.follow(WORKSPACE, after=second["cursor"]) as followed:
        seen = set()
        late = an_event(page=3)
        await edit(live.workspace, two["_id"], lambda it: it.add_event(late), actor=TESTER)
        async with asyncio.timeout(10):
            while "3" not in seen:
                told = (await followed.next())["node"]
                seen.add(str(told.get("params", {}).get("page")))
    assert len(live.hub) == 0
    async with asyncio.timeout(10):
        while workspace_channel(live.workspace.id).encode() in await live.bus.client.pubsub_shardchannels():
            await asyncio.sleep(0.05)
