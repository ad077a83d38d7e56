"""Statistics of a profile through the schema: they are what a straight loop over the journal finds (R53)."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.credentials import Scope
from storage.profiles import ProfileDoc
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.edits import edit
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import CREATED, TESTER, a_profile, an_event
from tests.support.mutating import refusals
from tests.support.plain_statistics import statistics, within

STATISTICS = """query ($id: ID!, $window: AggregateWindowInput, $zone: String! = "UTC", $by: TimeUnit! = MONTHS) {
  profile(by: {id: $id}) { statistics(window: $window, timeZone: $zone, granularity: $by) { asOf seq
    window { from to timeZone }
    transactions { count revenue { currency amount } averageOrderValue { currency amount } items firstAt lastAt
      daysSinceLast medianDaysBetween refunds { count amounts { currency amount } } masked SERIES }
    email { sent delivered opened uniqueOpened clicked uniqueClicked bouncedHard bouncedSoft unsubscribed
      openRate clickRate clickToOpenRate SERIES }
    webPush { sent shown clicked subscribed unsubscribed clickRate SERIES }
    mobilePush { sent shown clicked subscribed unsubscribed clickRate SERIES }
    dynamicContent { shown clicked closed clickRate SERIES } } } }"""
SERIES = STATISTICS.replace("SERIES", "series { columns { name type role unit currency } rows seq window { from } }")
PARTS = ("transactions", "email", "webPush", "mobilePush", "dynamicContent")
CHARGE, CANCEL = "transaction.charge", "transaction.cancel"
UPDATE = """mutation ($input: StatisticsSettingsUpdateInput!, $options: WriteOptions) {
  statisticsSettingsUpdate(input: $input, options: $options) { statisticsSettings { version weekStart params { amount }
    figures { figure actions filters { param comparison value } } } userErrors { code field message } } }"""


def some(chance: random.Random, number: int) -> list[Any]:
    """Return events of everything that statistics count, many of them odd."""
    actions = [
        *(CHARGE, CHARGE, CHARGE, CANCEL, "product.buy"),
        *(f"message.{step}" for step in ("send", "deliver", "open", "click", "bounce", "unsubscribe")),
        *(f"webPush.{step}" for step in ("send", "show", "click", "subscribe", "unsubscribe")),
        *(f"mobilePush.{step}" for step in ("send", "show", "click")),
        *(f"dynamicContent.{step}" for step in ("show", "click", "close")),
    ]
    return [
        an_event(
            chance.choice(actions),
            at=CREATED + timedelta(hours=chance.randrange(9_000)),
            **{
                name: value
                for name, value in {
                    "amount": chance.choice((0.1, 0.2, 19.99, 7, -3, "12", None, True, 123456789012.345)),
                    "currency": chance.choice(("EUR", "EUR", "PLN", None, 7)),
                    "quantity": chance.choice((1, 2, "3", 0.5)),
                    "orderId": chance.choice(("a", "b", "c", "d", None)),
                    "messageId": chance.choice("abcdef"),
                    "channel": chance.choice(("email", "email", "sms", None)),
                    "type": chance.choice(("hard", "soft", "other")),
                }.items()
                if chance.random() < 0.8
            },
        )
        for _ in range(number)
    ]


async def found(ask: Ask, profile: ProfileDoc, query: str = STATISTICS.replace("SERIES", ""), **variables: Any) -> Any:
    return (await ask(query, id=to_public("prf", profile["_id"]), **variables))["profile"]["statistics"]


def sorted_money(told: Any) -> Any:
    """Return amounts in an order of their own: which currency occurred first is told by the first amount or event."""
    for amounts in (told["revenue"], told["averageOrderValue"], told["refunds"]["amounts"]):
        amounts.sort(key=lambda each: each["currency"] or "")
    return told


async def agree(ask: Ask, workspace: Workspace, profile: ProfileDoc, **variables: Any) -> None:
    told = await found(ask, profile, **variables)
    journal = await workspace.find("journal", {"profile": profile["_id"], "kind": "EVENT"})
    since, until = (
        None if told["window"][end] is None else datetime.fromisoformat(told["window"][end]) for end in ("from", "to")
    )
    wanted = statistics(within(journal, since, until), datetime.fromisoformat(told["asOf"]))
    for name in ("firstAt", "lastAt"):
        if told["transactions"][name] is not None:
            told["transactions"][name] = datetime.fromisoformat(told["transactions"][name])
    sorted_money(told["transactions"])
    sorted_money(wanted["transactions"])
    assert told["transactions"].pop("masked") is False
    for part in PARTS:
        assert told[part] == wanted[part], part
    assert told["seq"] == profile["seq"]


@pytest.mark.parametrize("number", [0, 1, 18, 60, 700, 1_500])
async def test_they_are_what_a_plain_loop_finds(ask: Ask, workspace: Workspace, number: int) -> None:
    chance = random.Random(number)  # noqa: S311 - not a secret
    profile = await a_profile(workspace, events=some(chance, number))
    middle = (CREATED + timedelta(hours=4_000)).isoformat()
    for _ in range(2):
        await agree(ask, workspace, profile)
        await agree(ask, workspace, profile, window={"kind": "BETWEEN", "from": middle})
        await agree(ask, workspace, profile, window={"kind": "THIS", "unit": "YEARS"}, zone="Europe/Warsaw")

        def more(working: Edit) -> None:
            for event in some(chance, 70):
                working.add_event(event)

        outcome = await edit(workspace, profile["_id"], more, actor=TESTER)
        assert outcome is not None
        profile = outcome["profile"]


async def test_series_are_the_statistics_of_each_bucket(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace, events=some(random.Random(5), 900))  # noqa: S311
    told = await found(ask, profile, SERIES, zone="Europe/Warsaw", by="MONTHS")
    for part in PARTS:
        names = [column["name"] for column in told[part]["series"]["columns"]]
        assert names[:3] == ["from", "to", "complete"]
        assert told[part]["series"]["rows"]
        for row in told[part]["series"]["rows"]:
            bucket = dict(zip(names, row, strict=True))
            window = {"kind": "BETWEEN", "from": bucket["from"], "to": bucket["to"]}
            alone = (await found(ask, profile, window=window))[part]
            if part == "transactions":
                means = {each["currency"]: each["amount"] for each in alone.pop("averageOrderValue")}
                for currency in ("EUR", "PLN"):
                    assert bucket[f"averageOrderValue.{currency}"] == means.get(currency)
                assert bucket["averageOrderValue"] == means.get(None)
                del alone["revenue"]
                alone["refunds"] = bucket["refunds"]  # the first cancel of an order may be of an earlier bucket
            for name in set(names) & set(alone):
                assert bucket[name] == alone[name], (part, name)
        whole = dict(told[part])
        if part == "transactions":
            of_each = {each["currency"]: each["amount"] for each in whole["revenue"]}
            whole |= {f"revenue.{name}" if name else "revenue": amount for name, amount in of_each.items()}
            del whole["averageOrderValue"]
            whole["refunds"] = whole["refunds"]["count"]
        for name in set(names) & set(whole) - {"uniqueOpened", "uniqueClicked"}:
            if not name.endswith("Rate"):
                total = sum(row[names.index(name)] for row in told[part]["series"]["rows"])
                assert total == pytest.approx(whole[name], rel=1e-14), (part, name)


async def test_trap_6_revenue_is_of_charges_less_cancels_and_each_currency_is_apart(
    ask: Ask, workspace: Workspace
) -> None:
    events = [
        an_event(CHARGE, amount=10, currency="EUR", orderId="a"),
        an_event(CHARGE, amount=0.1, currency="EUR", orderId="b"),
        an_event(CHARGE, amount=0.2, currency="EUR", orderId="c"),
        an_event(CHARGE, amount=100, currency="PLN", orderId="d"),
        an_event("product.buy", amount=10, currency="EUR", orderId="a"),
        an_event(CANCEL, amount=10, currency="EUR", orderId="a"),
        an_event(CANCEL, amount=10, currency="EUR", orderId="a"),
    ]
    told = (await found(ask, await a_profile(workspace, events=events)))["transactions"]
    assert sorted_money(told)["revenue"] == [{"currency": "EUR", "amount": 0.3}, {"currency": "PLN", "amount": 100}]
    average = {each["currency"]: each["amount"] for each in told["averageOrderValue"]}
    assert average == {"EUR": pytest.approx(10.3 / 3), "PLN": 100}
    assert told["refunds"] == {"count": 1, "amounts": [{"currency": "EUR", "amount": 10}]}
    assert told["count"] == 4


async def test_amounts_are_masked_and_counts_are_not(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace, events=some(random.Random(9), 100))  # noqa: S311
    scopes = frozenset(Scope) - {Scope.PERSONAL_READ}
    told, shown = await found(ask, profile, SERIES, scopes=scopes), await found(ask, profile)
    hidden = told["transactions"]
    assert (hidden["revenue"], hidden["averageOrderValue"], hidden["items"], hidden["refunds"]["amounts"]) == (
        None,
    ) * 4
    assert hidden["masked"]
    assert hidden["count"] == shown["transactions"]["count"] > 0
    assert {column["name"] for column in hidden["series"]["columns"]} == {"from", "to", "complete", "count", "refunds"}
    assert told["email"]["uniqueOpened"] == shown["email"]["uniqueOpened"]


async def test_days_and_gaps_are_of_24_hours(ask: Ask, workspace: Workspace) -> None:
    now = datetime.now(UTC)
    hours = (100, 70, 47)
    events = [an_event(CHARGE, at=now - timedelta(hours=each), amount=1) for each in hours]
    told = (await found(ask, await a_profile(workspace, events=events)))["transactions"]
    assert told["daysSinceLast"] == 1
    assert told["medianDaysBetween"] == pytest.approx(23 / 24)


async def test_settings_say_what_is_counted(ask: Ask, workspace: Workspace) -> None:
    events = [an_event("order.paid", total=5, currency="EUR"), an_event(CHARGE, amount=7, currency="EUR")]
    profile = await a_profile(workspace, events=events)
    figures = [{"figure": "CHARGED", "actions": ["order.paid"], "filters": []}]
    given = {"weekStart": "SUNDAY", "params": {"amount": "total"}, "figures": figures}
    payload = (await ask(UPDATE, input=given))["statisticsSettingsUpdate"]
    assert refusals(payload) == []
    settings = payload["statisticsSettings"]
    assert (settings["version"], settings["weekStart"], settings["params"]["amount"]) == (1, "SUNDAY", "total")
    assert settings["figures"][0] == figures[0]
    told = (await found(ask, profile))["transactions"]
    assert (told["count"], told["revenue"]) == (1, [{"currency": "EUR", "amount": 5}])
    again = (await ask(UPDATE, input=given, options={"expectedVersion": 1}))["statisticsSettingsUpdate"]
    assert again["statisticsSettings"]["version"] == 1
    stale = (await ask(UPDATE, input=given, options={"expectedVersion": 0}))["statisticsSettingsUpdate"]
    assert [code for code, *_ in refusals(stale)] == ["VERSION_CONFLICT"]


async def test_weeks_begin_when_the_workspace_says(ask: Ask, workspace: Workspace) -> None:
    sunday = datetime(2026, 11, 22, 12, tzinfo=UTC)
    profile = await a_profile(workspace, events=[an_event(CHARGE, at=sunday, amount=1)])
    window = {"kind": "BETWEEN", "from": "2026-11-16T00:00:00Z", "to": "2026-11-30T00:00:00Z"}

    async def weeks() -> list[Any]:
        told = await found(ask, profile, SERIES, window=window, by="WEEKS")
        return [(row[0][:10], row[3]) for row in told["transactions"]["series"]["rows"]]

    assert await weeks() == [("2026-11-16", 1), ("2026-11-23", 0)]
    await ask(UPDATE, input={"weekStart": "SUNDAY"})
    assert await weeks() == [("2026-11-16", 0), ("2026-11-22", 1), ("2026-11-29", 0)]


@pytest.mark.parametrize(
    ("variables", "argument"),
    [
        ({"zone": "Mars/Olympus"}, "timeZone"),
        ({"window": {"kind": "LAST", "unit": "DAYS", "count": 0}}, None),
        ({"window": {"kind": "BETWEEN"}}, None),
    ],
)
async def test_what_can_not_be_meant_is_told(
    ask: Ask, workspace: Workspace, variables: dict[str, Any], argument: str | None
) -> None:
    profile = await a_profile(workspace)
    id = to_public("prf", profile["_id"])
    (error,) = await ask(STATISTICS.replace("SERIES", ""), id=id, failing=True, **variables)
    assert error.original_error.extensions["code"] == "BAD_USER_INPUT"
    assert error.original_error.extensions.get("argument") == argument


async def test_a_settings_change_that_is_refused_leaves_nothing(ask: Ask) -> None:
    bad: list[Any] = [
        {"figures": [{"figure": "CHARGED", "actions": []}]},
        {"figures": [{"figure": "CHARGED", "actions": ["a"] * 51}]},
        {"figures": [{"figure": "CHARGED", "actions": ["a"]}] * 2},
        {"figures": [{"figure": "CHARGED", "actions": ["a"], "filters": [{"param": "p", "comparison": "LT"}]}]},
        {"params": {"amount": " "}},
        {"params": {"amount": None}},
        {"weekStart": None},
    ]
    for given in bad:
        payload = (await ask(UPDATE, input=given))["statisticsSettingsUpdate"]
        assert refusals(payload), given
    assert (await ask("{ statisticsSettings { version } }"))["statisticsSettings"]["version"] == 0


async def test_nobody_counts_by_what_is_masked_for_them(ask: Ask) -> None:
    scopes = frozenset(Scope) - {Scope.PERSONAL_READ}
    filters = [{"param": "amount", "comparison": "GT", "value": {"number": 10}}]
    (error,) = await ask(
        UPDATE,
        input={"figures": [{"figure": "CHARGED", "actions": [CHARGE], "filters": filters}]},
        scopes=scopes,
        failing=True,
    )
    assert error.original_error.extensions["code"] == "FORBIDDEN"
    query = {"actions": [CHARGE], "filters": filters}
    (error,) = await ask(
        """mutation ($widgets: [WidgetInput!]!) {
          dashboardCreate(input: {name: "a", displayName: "A", widgets: $widgets}) { userErrors { code } } }""",
        widgets=[{"title": "Large orders", "kind": "FIGURE", "query": query}],
        scopes=scopes,
        failing=True,
    )
    assert error.original_error.extensions["code"] == "FORBIDDEN"
