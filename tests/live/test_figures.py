"""`analysesChanged`: figures as they are, and again when an event, a definition or the clock changes them."""

import asyncio
import calendar
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.settings import Settings
from resolvers.live import figures as live_figures
from storage.credentials import Scope
from storage.profiles import ProfileDoc
from storage.setup import prepare_workspace
from storage.store.bus import Bus
from storage.store.ids import to_public
from storage.write.edits import edit
from tests.support.asking import asking
from tests.support.factories import CREATED, TESTER, a_profile, an_event, visits
from tests.support.live.defining import DELETED, changing, define
from tests.support.live.following import Followed, Live, id_of, living, until_followed
from tests.support.mutating import arguments_of, document

FIGURES = """subscription ($id: ID!, $names: [String!]) { analysesChanged(profileId: $id, names: $names) {
  seq asOf removed aggregates { definition { name displayName } display matched skipped seq version
    value { ... on NumberValue { number } } } } }"""
EXPLAINED = """subscription ($id: ID!) { analysesChanged(profileId: $id) { aggregates { matched window { from to }
  events(first: 2) { edges { node { params } } }
  series(granularity: HOURS) { from to matched } } } }"""
NUMBERS = "subscription ($id: ID!) { analysesChanged(profileId: $id) { seq aggregates { matched } } }"
CHANGED = """subscription ($id: ID!) { profileChanged(profileId: $id) { changed profile { version
  analyses { state aggregates { definition { name } display matched seq version } } } } }"""
HOUR = timedelta(hours=1)
SHARE = {"personal": frozenset(Scope), "masked": frozenset(Scope) - {Scope.PERSONAL_READ}}
LAST_HOUR = {"window": {"kind": "LAST", "unit": "HOURS", "count": 1}}


async def happen(live: Live, profile: ProfileDoc, *events: Any, bus: bool = True) -> None:
    def change(working: Any) -> None:
        for event in events:
            working.add_event(event)

    await edit(live.workspace, profile["_id"], change, actor=TESTER, bus=live.bus if bus else None)


def told(message: Any) -> dict[str, str]:
    """Return what a message tells: the displays of figures by name."""
    return {each["definition"]["name"]: each["display"] for each in message["aggregates"]}


async def waited(followed: Followed, live: Live) -> asyncio.Task[Any]:
    """Return the next message to come, once the subscription is with its group."""
    waiting = asyncio.create_task(followed.next())
    await until_followed(live)
    return waiting


async def test_figures_are_told_as_they_are_and_then_those_that_an_event_changes(live: Live) -> None:  # R5
    await define(live, "visits")
    await define(live, "spent", function="SUM", actions=["buy"], param="amount")
    await define(live, "hidden", showOnProfile=False)
    profile = await a_profile(live.workspace, events=3)
    async with live.follow(FIGURES, id=id_of(profile)) as followed:
        first = await followed.next()
        assert told(first) == {"spent": "0", "visits": "3"}
        assert (first["seq"], first["removed"]) == (profile["seq"], [])
        waiting = await waited(followed, live)
        await happen(live, profile, an_event("something.else"))
        await happen(live, profile, an_event("buy", amount=12.5), an_event("buy", amount="none"))
        second = await waiting
        assert told(second) == {"spent": "12.5"}
        assert (second["aggregates"][0]["matched"], second["aggregates"][0]["skipped"]) == (2, 1)
        assert second["seq"] == second["aggregates"][0]["seq"] == profile["seq"] + 3
        await followed.silence()


async def test_what_no_figure_counts_computes_nothing(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    await define(live, "visits")
    profile = await a_profile(live.workspace)
    computed = counting(monkeypatch)
    async with live.follow(FIGURES, id=id_of(profile)) as followed:
        await followed.next()
        waiting = await waited(followed, live)
        await happen(live, profile, an_event("something.else"))
        await edit(
            live.workspace, profile["_id"], lambda it: it.set("phone", "+4712345678"), actor=TESTER, bus=live.bus
        )
        await asyncio.sleep(0.5)
        assert len(computed) == 1
        await happen(live, profile, an_event())
        assert told(await waiting) == {"visits": "1"}
        assert len(computed) == 2


def counting(monkeypatch: pytest.MonkeyPatch, module: Any = live_figures, name: str = "figures_of") -> list[int]:
    """Return a list that gets longer with each call, which is a computation of followed figures unless told."""
    calls: list[int] = []
    real = getattr(module, name)

    async def counted(*given: Any, **more: Any) -> Any:
        calls.append(1)
        return await real(*given, **more)

    monkeypatch.setattr(module, name, counted)
    return calls


async def test_an_event_is_computed_once_for_a_thousand_subscribers(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two documents and two credentials make groups of their own, and still they share what is computed."""
    await define(live, "visits")
    profile = await a_profile(live.workspace, events=100)
    computed = counting(monkeypatch)
    followers = [
        live.start(query, id=id_of(profile), key=f"pgk_{number % 2}")
        for number in range(500)
        for query in (FIGURES, NUMBERS)
    ]
    assert len({(await anext(follower)).encoded for follower in followers[::2]}) >= 1
    for follower in followers[1::2]:
        await anext(follower)
    at_first = len(computed)
    reading = [asyncio.ensure_future(anext(follower)) for follower in followers]
    await asyncio.sleep(0.5)
    assert len(live.engine.subscriptions.groups) == 2
    await happen(live, profile, an_event())
    async with asyncio.timeout(20):
        results = await asyncio.gather(*reading)
    assert len(computed) == at_first + 1
    assert {id(result) for result in results} == {id(results[0]), id(results[1])}  # one execution a group
    for follower in followers:
        await follower.aclose()
    assert (len(live.hub), len(live.engine.subscriptions.groups)) == (0, 0)


async def test_a_burst_is_told_in_a_few_messages_which_never_go_back(live: Live) -> None:
    await define(live, "visits")
    profile = await a_profile(live.workspace, events=30)
    async with live.follow(FIGURES, id=id_of(profile)) as followed:
        messages = [await followed.next()]
        waiting = await waited(followed, live)
        for _ in range(30):
            await happen(live, profile, an_event())
        messages.append(await waiting)
        while told(messages[-1]) != {"visits": "60"}:
            messages.append(await followed.next())
    seqs = [message["seq"] for message in messages]
    assert seqs == sorted(set(seqs))
    assert seqs[-1] == profile["seq"] + 30
    assert len(messages) < 30
    for message in messages:
        assert told(message) == {"visits": str(30 + message["seq"] - profile["seq"])}


async def test_what_changes_while_the_first_message_is_read_is_told(live: Live) -> None:
    await define(live, "visits")
    await define(live, "views", actions=["view"])
    profile = await a_profile(live.workspace)
    async with live.follow(FIGURES, id=id_of(profile)) as quick, live.follow(FIGURES, id=id_of(profile)) as slow:
        await quick.next()
        assert told(await slow.next()) == {"views": "0", "visits": "0"}
        waiting = await waited(quick, live)
        await happen(live, profile, an_event())
        await waiting
        await happen(live, profile, an_event("view"))
        await quick.next()
        assert told(await slow.next()) == {"views": "1", "visits": "1"}
        await slow.silence()


async def test_definitions_are_told_as_they_are_made_changed_and_deleted(live: Live) -> None:
    profile = await a_profile(live.workspace, events=[an_event(amount=2), an_event("buy", amount=3)])
    async with live.follow(FIGURES, id=id_of(profile)) as followed:
        assert told(await followed.next()) == {}
        waiting = await waited(followed, live)
        id = await define(live, "total", function="SUM", param="amount")
        made = await waiting
        assert (told(made), made["aggregates"][0]["version"]) == ({"total": "2"}, 1)
        await changing(live, "aggregateUpdate", id=id, actions=["buy"])
        changed = await followed.next()
        assert (told(changed), changed["aggregates"][0]["version"]) == ({"total": "3"}, 2)
        await changing(live, "aggregateUpdate", id=id, displayName="Total")  # the same value of another version
        renamed = await followed.next()
        assert renamed["aggregates"][0]["definition"]["displayName"] == "Total"
        assert renamed["aggregates"][0]["version"] == 3
        await happen(live, profile, an_event("buy", amount=1))  # which only the new version counts
        assert told(await followed.next()) == {"total": "4"}
        await changing(live, "aggregateUpdate", id=id, showOnProfile=False)
        assert (await followed.next())["removed"] == ["total"]
        await changing(live, "aggregateUpdate", id=id, showOnProfile=True)
        assert told(await followed.next()) == {"total": "4"}
        await changing(live, "aggregateDelete", id=id, selecting=DELETED)
        gone = await followed.next()
        assert (gone["removed"], gone["aggregates"]) == (["total"], [])
        await define(live, "total", function="SUM", param="amount", actions=["buy"])
        again = await followed.next()
        assert (told(again), again["aggregates"][0]["version"]) == ({"total": "4"}, 1)


async def test_only_those_that_are_named_are_told_in_their_order(live: Live) -> None:
    for name in ("a", "b", "c"):
        await define(live, name)
    profile = await a_profile(live.workspace, events=1)
    async with live.follow(FIGURES, id=id_of(profile), names=["c", "a", "c"]) as followed:
        assert list(told(await followed.next())) == ["c", "a"]
        waiting = await waited(followed, live)
        await changing(live, "aggregateDelete", id=to_public("agg", await key_of(live, "b")), selecting=DELETED)
        await changing(live, "aggregateDelete", id=to_public("agg", await key_of(live, "a")), selecting=DELETED)
        gone = await waiting
        assert (gone["removed"], gone["aggregates"]) == (["a"], [])
        await happen(live, profile, an_event())
        assert told(await followed.next()) == {"c": "2"}


async def key_of(live: Live, name: str) -> bytes:
    found = await live.workspace.find_one("aggregates", {"name": name})
    assert found is not None
    key: bytes = found["_id"]
    return key


async def test_what_another_process_defines_is_told_though_its_hint_is_lost(live: Live) -> None:
    """Without a bus nothing hints; the sweep finds what was made, changed and deleted."""
    ask = asking(live.workspace)
    given = {"name": "v", "displayName": "V", "function": "COUNT", "actions": ["page.visit"], "showOnProfile": True}
    profile = await a_profile(live.workspace, events=2)
    async with live.follow(FIGURES, id=id_of(profile)) as followed:
        await followed.next()
        waiting = await waited(followed, live)
        made = await ask(document("aggregateCreate", "aggregate { id }"), **arguments_of("aggregateCreate", given))
        id = made["payload"]["aggregate"]["id"]
        assert told(await waiting) == {"v": "2"}
        changed = arguments_of("aggregateUpdate", {"id": id, "actions": ["never"]})
        await ask(document("aggregateUpdate", "aggregate { id }"), **changed)
        assert told(await followed.next()) == {"v": "0"}
        await ask(document("aggregateDelete", DELETED), **arguments_of("aggregateDelete", {"id": id}))
        assert (await followed.next())["removed"] == ["v"]


async def test_a_rolling_window_lets_an_event_go_within_two_seconds(live: Live) -> None:  # R5
    await define(live, "recent", **LAST_HOUR)
    await define(live, "ever")
    now = datetime.now(UTC)
    leaving, staying = now - HOUR + timedelta(seconds=2), now - timedelta(minutes=1)
    profile = await a_profile(live.workspace, events=[an_event(at=leaving), an_event(at=staying)])
    async with live.follow(FIGURES, id=id_of(profile)) as followed:
        assert told(await followed.next()) == {"ever": "2", "recent": "2"}
        assert told(await followed.next()) == {"recent": "1"}
        late = datetime.now(UTC) - (leaving + HOUR)
        assert timedelta() < late < timedelta(seconds=2)
        await followed.silence(1.5)


async def test_an_event_to_come_enters_when_its_time_has_come(live: Live) -> None:
    await define(live, "recent", **LAST_HOUR)
    await define(live, "year", window={"kind": "THIS", "unit": "YEARS"}, timeZone="Pacific/Kiritimati")
    await define(live, "ever")
    coming = datetime.now(UTC) + timedelta(seconds=2)
    profile = await a_profile(live.workspace, events=[an_event(at=coming)])
    async with live.follow(FIGURES, id=id_of(profile)) as followed:
        assert told(await followed.next()) == {"ever": "1", "recent": "0", "year": "0"}
        assert told(await followed.next()) == {"recent": "1", "year": "1"}
        late = datetime.now(UTC) - coming
        assert timedelta() < late < timedelta(seconds=2)


async def test_a_dense_past_is_let_go_with_a_computation_a_second(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred events a second leave the window."""
    await define(live, "recent", **LAST_HOUR)
    start = datetime.now(UTC) - HOUR + timedelta(seconds=1)
    events = [an_event(at=start + timedelta(milliseconds=10 * number)) for number in range(300)]
    profile = await a_profile(live.workspace, events=events)
    computed = counting(monkeypatch)
    async with live.follow(FIGURES, id=id_of(profile)) as followed:
        counts = [told(await followed.next())["recent"]]
        while counts[-1] != "0":
            counts.append(told(await followed.next())["recent"])
    assert counts == sorted(counts, key=int, reverse=True)
    assert len(computed) <= 7


async def test_figures_are_masked_as_when_they_are_read(live: Live) -> None:  # X5
    await define(live, "top", function="LAST", param="page")
    await define(live, "count")
    profile = await a_profile(live.workspace, events=1)
    async with live.follow(FIGURES, id=id_of(profile), scopes=SHARE["masked"]) as followed:
        first = await followed.next()
        assert told(first) == {"count": "1", "top": "***"}
        assert all(each["value"] is None for each in first["aggregates"] if each["display"] == "***")
        waiting = await waited(followed, live)
        await happen(live, profile, an_event(at=CREATED + HOUR, page=9))
        assert told(await waiting) == {"count": "2", "top": "***"}  # how many there are changed, which is not masked
    async with live.follow(FIGURES, id=id_of(profile)) as followed:
        assert told(await followed.next()) == {"count": "2", "top": "9"}


async def test_each_figure_explains_itself_as_of_its_message(live: Live) -> None:  # R60
    await define(live, "recent", window={"kind": "LAST", "unit": "HOURS", "count": 2})
    now = datetime.now(UTC)
    profile = await a_profile(live.workspace, events=[an_event(at=now - timedelta(minutes=90), page=1)])
    async with live.follow(EXPLAINED, id=id_of(profile)) as followed:
        await followed.next()
        waiting = await waited(followed, live)
        for page in range(2, 25):  # more than a profile carries
            await happen(live, profile, an_event(at=datetime.now(UTC), page=page))
        message = await waiting
        while message["aggregates"][0]["matched"] < 24:
            message = await followed.next()
        (figure,) = message["aggregates"]
        assert [edge["node"]["params"]["page"] for edge in figure["events"]["edges"]] == [24, 23]
        assert sum(bucket["matched"] for bucket in figure["series"]) == 24
        assert figure["series"][-1]["to"] == figure["window"]["to"]


async def test_what_is_wrong_is_told_before_the_stream_begins(live: Live) -> None:
    await define(live, "visits")
    profile = await a_profile(live.workspace)
    other = await prepare_workspace(live.workspace.database, f"{live.workspace.id}-other", name="Other")
    foreign = await a_profile(other)
    for names in (["visits", "wrong"], [f"n{number}" for number in range(101)]):
        error = await live.refused(FIGURES, id=id_of(profile), names=names)
        assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", "names")
    for id in (id_of(foreign), to_public("agg", await key_of(live, "visits")), "x"):
        error = await live.refused(FIGURES, id=id)
        assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("NOT_FOUND", "profileId")
    error = await live.refused(FIGURES, id=id_of(profile), scopes=frozenset({Scope.DEFINITIONS_WRITE}))
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert len(live.hub) == 0


async def test_a_name_that_another_process_has_just_made_is_known(live: Live) -> None:
    profile = await a_profile(live.workspace, events=1)
    async with live.follow(FIGURES, id=id_of(profile)) as followed:
        await followed.next()
        given = {"name": "v", "displayName": "V", "function": "COUNT", "actions": ["page.visit"], "showOnProfile": True}
        await asking(live.workspace)(
            document("aggregateCreate", "aggregate { id }"), **arguments_of("aggregateCreate", given)
        )
        async with live.follow(FIGURES, id=id_of(profile), names=["v"]) as named:
            assert told(await named.next()) == {"v": "1"}


async def test_a_definition_that_fails_ends_the_stream_with_an_error(live: Live) -> None:
    """A zone that the system no longer knows, for example."""
    await define(live, "visits")
    profile = await a_profile(live.workspace)
    async with live.follow(FIGURES, id=id_of(profile)) as followed:
        await followed.next()
        waiting = asyncio.ensure_future(anext(followed.results))
        await until_followed(live)
        key = {"_id": await key_of(live, "visits")}
        await live.workspace.database.update(
            "aggregates", live.workspace.own(key), {"$set": {"timeZone": "No/Zone", "version": 2}}
        )
        async with asyncio.timeout(10):
            result = await waiting
        assert result.body["errors"][0]["extensions"]["code"] == "INTERNAL"
        assert await anext(followed.results, None) is None
    assert len(live.hub) == 0
    assert (await live.refused(FIGURES, id=id_of(profile)))["extensions"]["code"] == "INTERNAL"


@pytest.mark.parametrize("scopes", SHARE.values(), ids=SHARE)
@pytest.mark.parametrize("events", [1, 25])
async def test_the_profile_that_changed_has_the_figures_of_its_entry(
    live: Live, scopes: frozenset[Scope], events: int
) -> None:
    await define(live, "visits")
    profile = await a_profile(live.workspace, events=events)
    async with live.follow(CHANGED, id=id_of(profile), scopes=scopes) as followed:
        first = await followed.next()
        (figure,) = first["profile"]["analyses"]["aggregates"]
        assert (figure["display"], figure["seq"], figure["version"]) == (str(events), profile["seq"], 1)
        waiting = await waited(followed, live)
        for number in range(1, 4):
            await happen(live, profile, an_event())
            (figure,) = (await (waiting if number == 1 else followed.next()))["profile"]["analyses"]["aggregates"]
            assert (figure["display"], figure["seq"]) == (str(events + number), profile["seq"] + number)


async def test_a_long_history_is_not_kept_in_memory(live: Live) -> None:
    """What was read of it goes with the message; only the newest events stay."""
    await define(live, "visits")
    profile = await a_profile(live.workspace, events=visits(2_500))
    async with live.follow(FIGURES, id=id_of(profile)) as followed:
        assert told(await followed.next()) == {"visits": "2500"}
        waiting = await waited(followed, live)
        await happen(live, profile, an_event())
        assert told(await waiting) == {"visits": "2501"}
        (feed,) = live.hub.shared._used.values()
        fold = feed.figures.by_name["visits"].history._fold
        assert len(fold.blocks) >= 2
        assert {block.columns for block in fold.blocks if block.id is not None} == {None}
        assert sum(block.id is None for block in fold.blocks) <= 1


async def test_subscribers_come_and_go_and_leave_nothing(live: Live, bus: Bus, settings: Settings) -> None:
    await define(live, "visits", **LAST_HOUR)
    profile = await a_profile(live.workspace, events=1)

    async def cycle(number: int) -> None:
        async with live.follow(FIGURES, id=id_of(profile)) as followed:
            await followed.next()
            if number % 2:
                await followed.silence(0.01)

    before = len(asyncio.all_tasks())
    for _ in range(10):
        await asyncio.gather(*(cycle(number) for number in range(50)))
        assert (len(live.hub), len(live.engine.subscriptions.groups)) == (0, 0)
    leaving = [asyncio.ensure_future(cycle(number)) for number in range(20)]
    await asyncio.sleep(0)
    for task in leaving:  # before the first of them has its figures
        task.cancel()
    await asyncio.wait(leaving)
    assert (len(live.hub), len(live.engine.subscriptions.groups)) == (0, 0)
    await asyncio.sleep(0.1)
    assert len(asyncio.all_tasks()) <= before
    async with living(live.workspace, bus, settings) as again, again.follow(FIGURES, id=id_of(profile)) as followed:
        assert told(await followed.next()) == {"visits": "0"}


@pytest.mark.parametrize("hinted", [True, False], ids=["hint", "sweep"])
async def test_another_beginning_of_weeks_changes_figures_of_weeks(live: Live, hinted: bool) -> None:
    """Of the days since the week began, one is left when it begins today."""
    now = datetime.now(UTC)
    days = [day.upper() for day in calendar.day_name]
    tomorrow, today = days[(now.weekday() + 1) % 7], days[now.weekday()]
    ask = asking(live.workspace)
    await changing(live, "statisticsSettingsUpdate", selecting="statisticsSettings { version }", weekStart=tomorrow)
    await define(live, "week", window={"kind": "THIS", "unit": "WEEKS"})
    profile = await a_profile(live.workspace, events=[an_event(at=now - number * 24 * HOUR) for number in range(5)])
    async with live.follow(FIGURES, id=id_of(profile), names=["week"]) as followed:
        assert told(await followed.next()) == {"week": "5"}
        waiting = await waited(followed, live)
        if hinted:
            await changing(
                live, "statisticsSettingsUpdate", selecting="statisticsSettings { version }", weekStart=today
            )
        else:
            given = arguments_of("statisticsSettingsUpdate", {"weekStart": today})
            await ask(document("statisticsSettingsUpdate", "statisticsSettings { version }"), **given)
        assert told(await waiting) == {"week": "1"}
