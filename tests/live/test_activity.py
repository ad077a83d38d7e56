"""`activity`: every entry of a profile, once and in order, from any cursor."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from gateway.settings import Settings
from resolvers.context import Context
from resolvers.feeds.cursors import profile_cursor, workspace_cursor
from schema import schema
from storage.credentials import Credential, CredentialKind, Scope
from storage.profiles import ProfileDoc
from storage.setup import prepare_workspace
from storage.sources import ChangeSource
from storage.store.bus import Bus
from storage.store.hints import profile_channel
from storage.store.workspace import Workspace
from storage.write.edits import edit
from storage.write.working_copy import Edit
from tests.support.asking import asking
from tests.support.factories import TESTER, a_profile, an_event
from tests.support.live.following import Followed, Live, id_of, living, until_followed

ACTIVITY = """subscription ($id: ID!, $after: Cursor, $filter: ActivityFilter) {
  activity(profileId: $id, after: $after, filter: $filter) {
    cursor node { __typename ... on Event { id uuid action params } ... on ChangeEntry { fields } } } }"""


async def cursor_now(live: Live, profile: ProfileDoc) -> str:
    data = await asking(live.workspace)(
        "query ($id: ID!) { profile(by: {id: $id}) { activity { liveCursor } timeline { liveCursor } } }",
        id=id_of(profile),
    )
    found = data["profile"]
    assert found["activity"]["liveCursor"] == found["timeline"]["liveCursor"]
    return found["activity"]["liveCursor"]


async def visit(live: Live, profile: ProfileDoc, *pages: int) -> None:
    def change(working: Any) -> None:
        for page in pages:
            working.add_event(an_event(page=page))

    await edit(live.workspace, profile["_id"], change, actor=TESTER, bus=live.bus)


async def pages(followed: Followed, number: int) -> list[int]:
    return [(await followed.next())["node"]["params"]["page"] for _ in range(number)]


async def test_what_happens_arrives_in_order_and_once(live: Live) -> None:  # R5
    profile = await a_profile(live.workspace, events=3)
    async with live.follow(ACTIVITY, id=id_of(profile)) as followed:
        reading = asyncio.create_task(pages(followed, 6))
        await until_followed(live)
        for number in range(3):
            await visit(live, profile, 2 * number, 2 * number + 1)
        assert await reading == list(range(6))


async def test_any_cursor_resumes_without_gap_or_double(live: Live) -> None:  # X1
    profile = await a_profile(live.workspace)
    cursors = [await cursor_now(live, profile)]
    for start in range(0, 250, 50):
        await visit(live, profile, *range(start, start + 50))
    async with live.follow(ACTIVITY, id=id_of(profile), after=cursors[0]) as followed:
        seen = []
        for _ in range(120):
            told = await followed.next()
            seen.append(told["node"]["params"]["page"])
            cursors.append(told["cursor"])
    assert seen == list(range(120))
    async with live.follow(ACTIVITY, id=id_of(profile), after=cursors[-1]) as followed:
        await visit(live, profile, 250)
        assert await pages(followed, 131) == list(range(120, 251))
        await visit(live, profile, 251)
        assert await pages(followed, 1) == [251]
    async with live.follow(ACTIVITY, id=id_of(profile), after=cursors[50]) as followed:
        assert await pages(followed, 5) == list(range(50, 55))


async def test_a_cursor_of_something_else_is_refused(live: Live) -> None:
    profile, other = await a_profile(live.workspace), await a_profile(live.workspace)
    elsewhere = await cursor_now(live, other)
    ahead = profile_cursor(profile["_id"], 10_000)
    for after in (elsewhere, ahead, "", "x", workspace_cursor(bytes(16))):
        error = await live.refused(ACTIVITY, id=id_of(profile), after=after)
        assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", "after")


async def test_only_what_is_there_and_may_be_read_is_followed(live: Live) -> None:
    stranger = await prepare_workspace(live.workspace.database, f"{live.workspace.id}-other", name="Other")
    foreign = await a_profile(stranger)
    own = await a_profile(live.workspace)
    async with live.follow(ACTIVITY, id=id_of(own)):
        for id in (id_of(foreign), "prf_" + "0" * 32, "nte_" + "0" * 32):
            assert (await live.refused(ACTIVITY, id=id))["extensions"]["code"] == "NOT_FOUND"
    error = await live.refused(ACTIVITY, id=id_of(own), scopes=frozenset(Scope) - {Scope.PROFILES_READ})
    assert error["extensions"]["code"] == "FORBIDDEN"


async def test_kinds_and_actions_choose(live: Live) -> None:
    profile = await a_profile(live.workspace)
    start = await cursor_now(live, profile)

    def change(working: Edit) -> None:
        working.add_tag("vip", source=ChangeSource.API)
        working.add_event(an_event(page=1))
        working.add_event(an_event("form.submit", page=2))

    await edit(live.workspace, profile["_id"], change, actor=TESTER, bus=live.bus)
    async with live.follow(ACTIVITY, id=id_of(profile), after=start, filter={"kinds": ["TAG"]}) as followed:
        assert (await followed.next())["node"] == {"__typename": "TagChange", "fields": ["tags.vip"]}
        await followed.silence()
    async with live.follow(ACTIVITY, id=id_of(profile), after=start, filter={"actions": ["form.submit"]}) as followed:
        assert await pages(followed, 1) == [2]
        await visit(live, profile, 3)
        await edit(live.workspace, profile["_id"], change, actor=TESTER, bus=live.bus)
        assert await pages(followed, 1) == [2]


async def test_lost_hints_cost_seconds_and_no_entry(live: Live) -> None:  # X1
    profile = await a_profile(live.workspace)
    async with live.follow(ACTIVITY, id=id_of(profile), after=await cursor_now(live, profile)) as followed:
        for page in range(3):
            working = an_event(page=page)
            await edit(live.workspace, profile["_id"], lambda it, e=working: it.add_event(e), actor=TESTER)
        async with asyncio.timeout(5):
            assert await pages(followed, 3) == [0, 1, 2]


async def test_a_group_executes_once_for_all_its_members(live: Live) -> None:
    profile = await a_profile(live.workspace)
    start = await cursor_now(live, profile)
    async with AsyncExitStack() as stack:
        members = [
            await stack.enter_async_context(live.follow(ACTIVITY, id=id_of(profile), after=start)) for _ in range(5)
        ]
        masked = await stack.enter_async_context(
            live.follow(ACTIVITY, id=id_of(profile), after=start, scopes=frozenset({Scope.PROFILES_READ}))
        )
        await visit(live, profile, 0)
        for followed in members:
            assert await pages(followed, 1) == [0]
        assert "page" not in (await masked.next())["node"]["params"]
        waiting = [asyncio.ensure_future(anext(followed.results)) for followed in (*members, masked)]
        async with asyncio.timeout(10):
            while len(live.engine.subscriptions.groups) < 2:
                await asyncio.sleep(0.01)
        await visit(live, profile, 1)
        results = await asyncio.gather(*waiting)
    assert len({id(result) for result in results[:5]}) == 1
    assert results[5] is not results[0]


async def test_a_slow_consumer_is_told_where_to_resume(workspace: Workspace, bus: Bus, settings: Settings) -> None:
    """It reads nothing while more comes than may wait for it; another one in its group gets all of it."""
    async with living(workspace, bus, settings.model_copy(update={"subscription_queue": 10})) as live:
        profile = await a_profile(workspace)
        start = await cursor_now(live, profile)
        async with (
            live.follow(ACTIVITY, id=id_of(profile), after=start) as slow,
            live.follow(ACTIVITY, id=id_of(profile), after=start) as quick,
        ):
            await visit(live, profile, 0)
            assert await pages(slow, 1) == await pages(quick, 1) == [0]
            slowly = asyncio.create_task(slow.next())
            await until_followed(live)
            for page in range(1, 40):
                reading = asyncio.create_task(pages(quick, 1))
                await visit(live, profile, page)
                assert await reading == [page]
            last = await slowly
            ended = (await anext(slow.results)).body["errors"][0]["extensions"]
        assert ended == {"code": "SLOW_CONSUMER", "cursor": last["cursor"]}
        async with live.follow(ACTIVITY, id=id_of(profile), after=ended["cursor"]) as again:
            assert await pages(again, 38) == list(range(2, 40))


async def test_a_credential_has_a_number_of_subscriptions(workspace: Workspace, bus: Bus, settings: Settings) -> None:
    async with living(workspace, bus, settings.model_copy(update={"max_subscriptions": 2})) as live:
        profile = await a_profile(workspace)
        start = profile_cursor(profile["_id"], 0)
        async with AsyncExitStack() as stack:
            for _ in range(2):
                followed = await stack.enter_async_context(live.follow(ACTIVITY, id=id_of(profile), after=start))
                await followed.next()
            assert (await live.refused(ACTIVITY, id=id_of(profile)))["extensions"]["code"] == "LIMIT_EXCEEDED"
            async with live.follow(ACTIVITY, id=id_of(profile), after=start, key="pgk_other") as other:
                await other.next()
        async with live.follow(ACTIVITY, id=id_of(profile), after=start) as followed:
            await followed.next()


async def test_coming_and_going_leaves_nothing(live: Live) -> None:
    profiles = [await a_profile(live.workspace) for _ in range(4)]
    for _ in range(3):
        async with AsyncExitStack() as stack:
            for profile in profiles:
                followed = await stack.enter_async_context(
                    live.follow(ACTIVITY, id=id_of(profile), after=profile_cursor(profile["_id"], 0))
                )
                await followed.next()
            assert len(live.hub) == 4
        assert len(live.hub) == len(live.engine.subscriptions.groups) == 0
    channels = {profile_channel(profile["_id"]) for profile in profiles}
    async with asyncio.timeout(10):
        while channels & {name.decode() for name in await live.bus.client.pubsub_shardchannels()}:
            await asyncio.sleep(0.05)


async def test_the_schema_alone_can_be_followed_too(live: Live) -> None:
    profile = await a_profile(live.workspace)
    credential = Credential(CredentialKind.API_KEY, "pgk_test", "Test", live.workspace.id, frozenset(Scope))
    context = Context(credential, live.workspace, hub=live.hub)
    variables = {"id": id_of(profile), "after": profile_cursor(profile["_id"], 0)}
    results = await schema.subscribe(ACTIVITY, variable_values=variables, context_value=context)
    assert (await anext(results)).data["activity"]["node"]["__typename"] == "ProfileChange"
    waiting = asyncio.ensure_future(anext(results))
    await visit(live, profile, 1)
    async with asyncio.timeout(10):
        assert (await waiting).data["activity"]["node"]["params"] == {"page": 1}
    await results.aclose()
    async with asyncio.timeout(10):
        while len(live.hub):
            await asyncio.sleep(0.01)


async def test_each_message_tells_what_is_deprecated(live: Live) -> None:
    live.engine._documents._deprecations["Subscription.activity"] = "Use timeline instead; goes on 2027-03-01"
    profile = await a_profile(live.workspace)
    after = await cursor_now(live, profile)
    await visit(live, profile, 0)
    async with live.follow(ACTIVITY, id=id_of(profile), after=after) as missed:
        bodies = [(await anext(missed.results)).body]
        waiting = asyncio.ensure_future(anext(missed.results))
        await until_followed(live)
        await visit(live, profile, 1)
        bodies.append((await waiting).body)
    told = [{"coordinate": "Subscription.activity", "reason": "Use timeline instead; goes on 2027-03-01"}]
    assert [body["extensions"] for body in bodies] == [{"deprecations": told}] * 2
