"""Statistics that `analysesChanged` follows, and those of a profile that changed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import loaders
from storage.credentials import Scope
from storage.write.edits import edit
from tests.live.test_figures import HOUR, counting, happen, waited
from tests.support.factories import CREATED, TESTER, a_profile, an_event
from tests.support.live.defining import changing, define
from tests.support.live.following import Live, id_of

PARTS = """asOf seq window { from to } transactions { count revenue { currency amount } daysSinceLast masked
    series { rows seq } } email { sent openRate } webPush { shown }"""
FOLLOW = """subscription ($id: ID!, $names: [String!], $window: AggregateWindowInput, $zone: String! = "UTC") {
  analysesChanged(profileId: $id, names: $names, statistics: true, window: $window, timeZone: $zone) {
    seq asOf removed aggregates { display } statistics { PARTS } } }""".replace("PARTS", PARTS)
CHANGED = "subscription ($id: ID!) { profileChanged(profileId: $id) { profile { statistics { PARTS } } } }".replace(
    "PARTS", PARTS
)
DASHBOARDS = """subscription ($id: ID!) { profileChanged(profileId: $id) { profile { dashboards(names: ["mine"]) {
  version widgets { masked data { rows seq } error { code } } } } } }"""
LAST_HOUR = {"kind": "LAST", "unit": "HOURS", "count": 1}
SETTINGS = "statisticsSettings { version }"


def a_charge(amount: float, *, at: datetime = CREATED) -> Any:
    return an_event("transaction.charge", at=at, amount=amount, currency="EUR", orderId=str(amount))


def euros(amount: float) -> list[Any]:
    return [{"currency": "EUR", "amount": amount}]


async def test_statistics_are_told_as_they_are_and_when_they_change(live: Live) -> None:  # R5, R53
    await define(live, "visits")
    profile = await a_profile(live.workspace, events=[a_charge(2.5)])
    async with live.follow(FOLLOW, id=id_of(profile)) as followed:
        first = await followed.next()
        orders = first["statistics"]["transactions"]
        assert (orders["count"], orders["revenue"]) == (1, euros(2.5))
        assert first["seq"] == first["statistics"]["seq"] == orders["series"]["seq"] == profile["seq"]
        assert first["asOf"] == first["statistics"]["asOf"]
        waiting = await waited(followed, live)
        await happen(live, profile, an_event())  # which a figure counts, and no statistics
        visited = await waiting
        assert (len(visited["aggregates"]), visited["statistics"]) == (1, None)
        await happen(live, profile, a_charge(1.5, at=CREATED + HOUR))
        charged = await followed.next()
        orders = charged["statistics"]["transactions"]
        assert (charged["aggregates"], orders["count"], orders["revenue"]) == ([], 2, euros(4))
        assert charged["seq"] == charged["statistics"]["seq"] == profile["seq"] + 2
        assert sum(row[3] for row in orders["series"]["rows"]) == 2
        await happen(live, profile, an_event("something.else"))
        await followed.silence()


async def test_a_window_lets_an_order_go_within_two_seconds(live: Live) -> None:  # R5
    leaving = datetime.now(UTC) - HOUR + timedelta(seconds=2)
    profile = await a_profile(live.workspace, events=[a_charge(1, at=leaving), a_charge(2, at=leaving + HOUR / 2)])
    async with live.follow(FOLLOW, id=id_of(profile), window=LAST_HOUR) as followed:
        assert (await followed.next())["statistics"]["transactions"]["revenue"] == euros(3)
        gone = (await followed.next())["statistics"]
        assert timedelta() < datetime.now(UTC) - leaving - HOUR < timedelta(seconds=2)
        assert (gone["transactions"]["count"], gone["transactions"]["revenue"]) == (1, euros(2))
        assert sum(row[3] for row in gone["transactions"]["series"]["rows"]) == 1
        await followed.silence(1.2)


async def test_another_day_since_the_last_order_is_told_within_two_seconds(live: Live) -> None:
    """Of a window without bounds, in which nothing else moves."""
    last = datetime.now(UTC) - 72 * HOUR + timedelta(seconds=2)
    profile = await a_profile(live.workspace, events=[a_charge(1, at=last)])
    async with live.follow(FOLLOW, id=id_of(profile)) as followed:
        assert (await followed.next())["statistics"]["transactions"]["daysSinceLast"] == 2
        assert (await followed.next())["statistics"]["transactions"]["daysSinceLast"] == 3
        assert timedelta() < datetime.now(UTC) - last - 72 * HOUR < timedelta(seconds=2)
        await followed.silence(1.2)


async def test_an_order_at_the_end_of_time_does_no_harm(live: Live) -> None:
    query = FOLLOW.replace("series { rows seq }", "")  # which has too many buckets
    end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    profile = await a_profile(live.workspace, events=[a_charge(1, at=end)])
    async with (
        live.follow(query, id=id_of(profile)) as ever,
        live.follow(query, id=id_of(profile), window=LAST_HOUR) as hour,
    ):
        counts = [(await each.next())["statistics"]["transactions"]["count"] for each in (ever, hour)]
        assert counts == [1, 0]
        waiting = await waited(hour, live)
        await happen(live, profile, a_charge(2, at=datetime.now(UTC)))
        assert (await waiting)["statistics"]["transactions"]["count"] == 1
        assert (await ever.next())["statistics"]["transactions"]["count"] == 2


async def test_other_settings_are_told_at_once(live: Live) -> None:
    profile = await a_profile(live.workspace, events=[a_charge(1), an_event("order.paid", amount=7, currency="EUR")])
    async with live.follow(FOLLOW, id=id_of(profile), names=[]) as followed:
        assert (await followed.next())["statistics"]["transactions"]["revenue"] == euros(1)
        waiting = await waited(followed, live)
        figures = [{"figure": "CHARGED", "actions": ["order.paid"]}]
        await changing(live, "statisticsSettingsUpdate", selecting=SETTINGS, figures=figures)
        assert (await waiting)["statistics"]["transactions"]["revenue"] == euros(7)
        await happen(live, profile, an_event("order.paid", amount=1, currency="EUR"))
        assert (await followed.next())["statistics"]["transactions"]["revenue"] == euros(8)


async def test_statistics_are_masked_as_when_they_are_read(live: Live) -> None:  # X5
    profile = await a_profile(live.workspace, events=[a_charge(1)])
    scopes = frozenset(Scope) - {Scope.PERSONAL_READ}
    async with (
        live.follow(FOLLOW, id=id_of(profile), scopes=scopes) as masked,
        live.follow(FOLLOW, id=id_of(profile)) as whole,
    ):
        orders = (await masked.next())["statistics"]["transactions"]
        assert (orders["count"], orders["revenue"], orders["masked"]) == (1, None, True)
        assert (await whole.next())["statistics"]["transactions"]["revenue"] == euros(1)


async def test_what_is_wrong_with_statistics_is_told_before_the_stream_begins(live: Live) -> None:
    profile = await a_profile(live.workspace)
    for wrong in ({"zone": "Warsaw"}, {"window": {"kind": "LAST", "unit": "DAYS", "count": 0}}):
        error = await live.refused(FOLLOW, id=id_of(profile), **wrong)
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert len(live.hub) == 0


@pytest.mark.parametrize("events", [1, 30])
async def test_a_payload_reads_nothing_again(live: Live, monkeypatch: pytest.MonkeyPatch, events: int) -> None:
    """What is computed once is all that two groups of one choice are served from."""
    profile = await a_profile(live.workspace, events=[a_charge(1) for _ in range(events)])
    other = FOLLOW.replace("openRate", "delivered")
    async with live.follow(FOLLOW, id=id_of(profile)) as one, live.follow(other, id=id_of(profile)) as two:
        await one.next()
        await two.next()
        first, second = await waited(one, live), await waited(two, live)
        computed, read = counting(monkeypatch), counting(monkeypatch, loaders, "histories_of")
        await happen(live, profile, a_charge(1))
        told = [await first, await second]
        assert [each["statistics"]["transactions"]["count"] for each in told] == [events + 1] * 2
        assert (len(computed), len(read)) == (1, 1)


@pytest.mark.parametrize("events", [1, 25])
async def test_the_profile_that_changed_has_the_statistics_of_its_entry(live: Live, events: int) -> None:
    profile = await a_profile(live.workspace, events=[a_charge(1) for _ in range(events)])
    async with live.follow(CHANGED, id=id_of(profile)) as followed:
        first = (await followed.next())["profile"]["statistics"]
        assert (first["seq"], first["transactions"]["count"]) == (profile["seq"], events)
        waiting = await waited(followed, live)
        await edit(
            live.workspace, profile["_id"], lambda it: it.add_event(a_charge(2)) and None, actor=TESTER, bus=live.bus
        )
        told = (await waiting)["profile"]["statistics"]
        assert (told["seq"], told["transactions"]["count"]) == (profile["seq"] + 1, events + 1)
        assert told["transactions"]["revenue"] == euros(events + 2)


async def test_the_profile_that_changed_has_the_dashboards_of_its_entry(live: Live) -> None:  # R54
    """And of the dashboard's version: what is loaded for one message is not used for the next."""
    widgets = [{"title": "Orders", "kind": "FIGURE", "query": {"function": "COUNT", "actions": ["transaction.charge"]}}]
    given = {"name": "mine", "displayName": "Mine", "widgets": widgets, "showOnProfile": True}
    made = (await changing(live, "dashboardCreate", selecting="dashboard { id }", **given))["dashboard"]
    profile = await a_profile(live.workspace, events=[a_charge(1)])
    async with live.follow(DASHBOARDS, id=id_of(profile)) as followed:
        waiting = None
        for number in (0, 1, 2):
            told = await (waiting or followed.next())
            (dashboard,) = told["profile"]["dashboards"]
            (widget,) = dashboard["widgets"]
            assert (widget["data"]["rows"][0][-1], widget["data"]["seq"]) == (1 + number, profile["seq"] + number)
            assert dashboard["version"] == 1 + number
            waiting = await waited(followed, live)
            await changing(
                live, "dashboardUpdate", selecting="dashboard { id }", id=made["id"], displayName=f"Mine {number}"
            )
            await happen(live, profile, a_charge(1))
        await waiting
