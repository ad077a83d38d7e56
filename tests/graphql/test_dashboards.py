"""Dashboards: widgets on profiles, each kind against a plain loop, and how they are edited."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from storage.credentials import Scope
from storage.profiles import ProfileDoc
from storage.setup import prepare, prepare_workspace
from storage.sources import ChangeSource
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile, an_event
from tests.support.mutating import mutate, refusals

DASHBOARD = """id name displayName description version preset showOnProfile condition
  widgets { title kind granularity by columns aggregate query { function actions param limit timeZone
    filters { param comparison value } window { kind unit count } } }"""
SHOWN = """query ($id: ID!, $names: [String!], $hidden: Boolean! = false) { profile(by: {id: $id}) {
  dashboards(names: $names, hidden: $hidden) { id name version definition { id } widgets { title kind masked
    data { columns { name type role unit } rows window { from to timeZone } seq version }
    error { code message } } } } }"""
LIST = f"{{ dashboards {{ edges {{ node {{ {DASHBOARD} }} }} totalCount }} }}"
CHARGE = "transaction.charge"
MASKED = frozenset({Scope.PROFILES_READ})


def figure(title: str = "Orders", **query: Any) -> dict[str, Any]:
    return {"title": title, "kind": "FIGURE", "query": {"actions": [CHARGE], **query}}


def widget(kind: str, query: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"title": kind.title(), "kind": kind, "query": {"actions": [CHARGE], **query}, **more}


async def creating(ask: Ask, name: str = "mine", *widgets: dict[str, Any], **fields: Any) -> Any:
    given = {"name": name, "displayName": name.title(), "widgets": [*widgets], "showOnProfile": True, **fields}
    return await mutate(ask, "dashboardCreate", given, selecting=f"dashboard {{ {DASHBOARD} }}")


async def made(ask: Ask, name: str = "mine", *widgets: dict[str, Any], **fields: Any) -> Any:
    payload = await creating(ask, name, *widgets, **fields)
    assert refusals(payload) == [], payload
    return payload["dashboard"]


def json_of(answer: Any) -> Any:
    """Return an answer as clients get it."""
    return orjson.loads(orjson.dumps(answer))


def public(profile: ProfileDoc) -> str:
    return to_public("prf", profile["_id"])


async def shown(ask: Ask, profile: ProfileDoc, *names: str, **how: Any) -> list[Any]:
    found = await ask(SHOWN, id=public(profile), names=[*names] or None, **how)
    dashboards: list[Any] = found["profile"]["dashboards"]
    return dashboards


async def widgets(ask: Ask, profile: ProfileDoc, name: str = "mine", **how: Any) -> list[Any]:
    (dashboard,) = await shown(ask, profile, name, **how)
    found: list[Any] = dashboard["widgets"]
    return found


async def rows(ask: Ask, profile: ProfileDoc, given: dict[str, Any], **how: Any) -> list[Any]:
    """Return the rows of a widget that is put on a dashboard of its own."""
    await made(ask, "own", given)
    (found,) = await widgets(ask, profile, "own", **how)
    assert found["error"] is None, found
    told: list[Any] = found["data"]["rows"]
    return told


def purchases(number: int) -> list[Any]:
    """Return purchases an hour apart of categories of which the later ones are rarer, and some without any."""
    found = []
    for hour in range(number):
        category = None if hour % 11 == 10 else f"c{min(hour % 29, hour % 13)}"
        params = {"amount": (hour * 7 % 40) / 10, **({"category": category} if category else {})}
        found.append(an_event(CHARGE, at=CREATED + timedelta(hours=hour), **params))
    return found


def grouped(events: list[Any]) -> dict[Any, list[float]]:
    found: defaultdict[Any, list[float]] = defaultdict(list)
    for event in events:
        found[event["params"].get("category")].append(event["params"]["amount"])
    return dict(found)


def mean(values: list[float]) -> float:
    return round(sum(values), 6) / len(values)


def middle(values: list[float]) -> float:
    return sorted(values)[-(-len(values) // 2) - 1]


FUNCTIONS = {
    "COUNT": (None, len),
    "SUM": ("amount", lambda values: round(sum(values), 6)),
    "AVG": ("amount", mean),
    "MAX": ("amount", max),
    "MIN": ("amount", min),
    "MEDIAN": ("amount", middle),
    "DISTINCT_COUNT": ("amount", lambda values: len(set(values))),
}


@pytest.mark.parametrize("number", [15, 300, 2_500])
@pytest.mark.parametrize("function", FUNCTIONS)
async def test_the_rest_of_a_breakdown_makes_the_total_right(
    ask: Ask, workspace: Workspace, function: str, number: int
) -> None:
    param, plain = FUNCTIONS[function]
    events = purchases(number)
    profile = await a_profile(workspace, events=events)
    given = widget("BREAKDOWN", {"function": function, "param": param}, by="category")
    found = await rows(ask, profile, given)
    groups = grouped(events)
    expected = sorted(((name, plain(values)) for name, values in groups.items()), key=lambda row: row[1], reverse=True)
    assert len(groups) > 9
    assert [(name, pytest.approx(value)) for name, rest, value in found if not rest] == expected[:9]
    others = [amount for name, _ in expected[9:] for amount in groups[name]]
    assert found[9] == [None, True, pytest.approx(plain(others))]
    assert len(found) == 10
    if function in ("COUNT", "SUM"):
        assert sum(row[2] for row in found) == pytest.approx(plain([each["params"]["amount"] for each in events]))


async def test_few_groups_have_no_rest(ask: Ask, workspace: Workspace) -> None:
    events = [
        an_event(CHARGE, at=CREATED + timedelta(hours=hour), **({"kind": kind} if kind is not None else {}))
        for hour, kind in enumerate(["b", "a", None, "a", 1, True, ["x"], ["x"], 2.5])
    ]
    profile = await a_profile(workspace, events=events)
    found = await rows(ask, profile, widget("BREAKDOWN", {}, by="kind"))
    assert found == [
        ["a", False, 2],
        ['["x"]', False, 2],
        ["b", False, 1],
        [None, False, 1],
        ["1", False, 1],
        ["true", False, 1],
        ["2.5", False, 1],
    ]
    none = await a_profile(workspace)
    (found,) = await widgets(ask, none, "own")
    assert found["data"]["rows"] == []


async def test_a_figure_is_one_row(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace, events=purchases(30))
    await made(
        ask,
        "mine",
        figure(),
        figure("Paid", function="SUM", param="amount"),
        figure("Any", function="EXISTS"),
        figure("Last", function="LAST", param="category"),
        figure("Lately", window={"kind": "LAST", "unit": "DAYS", "count": 1}),
        figure("First", function="FIRST_AT"),
    )
    found = await widgets(ask, profile)
    values = [each["data"]["rows"] for each in found]
    paid = round(sum(event["params"]["amount"] for event in purchases(30)), 6)
    assert values[:5] == [[[30]], [[paid]], [[True]], [[purchases(30)[-1]["params"]["category"]]], [[0]]]
    assert values[5] == [[CREATED.isoformat()]]
    assert [each["data"]["columns"][0]["type"] for each in found] == [
        "NUMBER", "NUMBER", "BOOLEAN", "STRING", "NUMBER", "DATE"
    ]  # fmt: skip
    assert found[0]["data"]["columns"] == [{"name": "value", "type": "NUMBER", "role": "MEASURE", "unit": "events"}]
    assert found[0]["data"]["window"] == {"from": None, "to": None, "timeZone": "UTC"}
    assert (found[0]["data"]["seq"], found[0]["data"]["version"]) == (profile["seq"], 1)


@pytest.mark.parametrize("number", [20, 1_500])
async def test_a_time_series_has_every_bucket(ask: Ask, workspace: Workspace, number: int) -> None:
    events = purchases(number)
    profile = await a_profile(workspace, events=events)
    until = CREATED + timedelta(hours=number + 50)
    window = {"kind": "BETWEEN", "from": CREATED.isoformat(), "to": until.isoformat()}
    query = {"function": "SUM", "param": "amount", "window": window}
    found = await rows(ask, profile, widget("TIME_SERIES", query, granularity="DAYS"))
    days: Counter[str] = Counter()
    for event in events:
        days[event["occurredAt"].date().isoformat()] += event["params"]["amount"]
    assert [row[0][:10] for row in found] == [
        (CREATED + timedelta(days=day)).date().isoformat() for day in range(len(found))
    ]
    assert [row[3] for row in found] == [pytest.approx(days[row[0][:10]]) for row in found]
    assert [before[1] for before in found[:-1]] == [after[0] for after in found[1:]]
    assert (found[0][0], found[-1][1]) == (CREATED.isoformat(), until.isoformat())
    assert {row[2] for row in found} == {True}


async def test_weeks_begin_as_the_workspace_says(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace, events=purchases(200))
    await mutate(ask, "statisticsSettingsUpdate", {"weekStart": "SUNDAY"}, selecting="statisticsSettings { weekStart }")
    found = await rows(ask, profile, widget("TIME_SERIES", {}, granularity="WEEKS"))
    assert {datetime.fromisoformat(row[0]).weekday() for row in found[1:]} == {6}


async def test_a_time_series_of_all_time_begins_with_the_first_event(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace, events=purchases(3))
    found = await rows(ask, profile, widget("TIME_SERIES", {}, granularity="YEARS"))
    assert (found[0][0], found[0][3], found[-1][2]) == (CREATED.isoformat(), 3, False)


async def test_a_time_series_of_all_time_has_what_is_dated_in_the_future(ask: Ask, workspace: Workspace) -> None:
    ahead = an_event("transaction.charge", at=datetime.now(UTC) + timedelta(days=500), amount=1)
    profile = await a_profile(workspace, events=[*purchases(3), ahead])
    await made(ask, "own", widget("FIGURE", {}), widget("TIME_SERIES", {}, granularity="YEARS"))
    total, years = [found["data"]["rows"] for found in await widgets(ask, profile, "own")]
    assert total == [[4]]
    assert sum(row[3] for row in years) == 4


@pytest.mark.parametrize("number", [4, 40, 2_100])
async def test_a_table_has_the_newest_events(ask: Ask, workspace: Workspace, number: int) -> None:
    events = [*purchases(number), {**an_event("page.visit", at=CREATED), "params": {"action": 7, "url": "x"}}]
    profile = await a_profile(workspace, events=events)
    query = {"limit": 3, "filters": [{"param": "category", "comparison": "NOT_EXISTS"}]}
    found = await rows(ask, profile, widget("TABLE", query, columns=["amount", "category"]))
    newest = sorted(purchases(number), key=lambda event: event["occurredAt"], reverse=True)
    assert (
        found
        == [
            [event["occurredAt"].isoformat(), CHARGE, event["params"]["amount"], None]
            for event in newest
            if "category" not in event["params"]
        ][:3]
    )
    await made(ask, "both", widget("TABLE", {"actions": ["page.visit", CHARGE]}, columns=["action", "url"]))
    (both,) = await widgets(ask, profile, "both")
    assert [column["name"] for column in both["data"]["columns"]] == ["occurredAt", "action", "params.action", "url"]
    if number < 10:
        assert [CREATED.isoformat(), "page.visit", 7, "x"] in both["data"]["rows"]
    assert len(both["data"]["rows"]) == min(10, number + 1)


async def test_an_analysis_is_an_aggregate_of_the_workspace(ask: Ask, workspace: Workspace) -> None:
    defined = {"displayName": "Top", "function": "TOP_N", "actions": [CHARGE], "param": "category", "limit": 2}
    payload = await mutate(ask, "aggregateCreate", {"name": "top", **defined}, selecting="aggregate { id }")
    await made(ask, "mine", {"title": "Top", "kind": "ANALYSIS", "aggregate": "top"}, figure())
    profile = await a_profile(workspace, events=purchases(30))
    top, _ = await widgets(ask, profile)
    names = Counter(event["params"]["category"] for event in purchases(30) if "category" in event["params"])
    assert top["data"]["rows"] == [[name, count] for name, count in names.most_common(2)]
    assert [column["name"] for column in top["data"]["columns"]] == ["value", "count"]
    await mutate(ask, "aggregateDelete", {"id": payload["aggregate"]["id"]}, selecting="deletedAggregateId")
    top, orders = await widgets(ask, profile)
    assert (top["error"]["code"], top["data"]) == ("NOT_FOUND", None)
    assert (orders["error"], orders["data"]["rows"]) == (None, [[30]])


async def test_a_widget_that_fails_leaves_the_others(ask: Ask, workspace: Workspace) -> None:  # R54
    window = {"kind": "LAST", "unit": "YEARS", "count": 1}
    await made(
        ask, "mine", widget("TIME_SERIES", {"window": window}, granularity="HOURS"), figure(), description="Why not"
    )
    found = await widgets(ask, await a_profile(workspace, events=purchases(3)))
    assert (found[0]["error"]["code"], found[0]["data"]) == ("BAD_USER_INPUT", None)
    assert "1000 buckets" in found[0]["error"]["message"]
    assert found[1]["data"]["rows"] == [[3]]


async def test_too_many_groups_fail_in_their_place(ask: Ask, workspace: Workspace) -> None:
    events = [an_event(CHARGE, at=CREATED + timedelta(seconds=n), order=f"o{n}") for n in range(10_001)]
    profile = await a_profile(workspace, events=events)
    await made(ask, "mine", widget("BREAKDOWN", {}, by="order"), figure())
    orders, count = await widgets(ask, profile)
    assert (orders["error"]["code"], count["data"]["rows"]) == ("BAD_USER_INPUT", [[10_001]])


async def test_what_senders_wrote_is_masked_and_counts_are_not(ask: Ask, workspace: Workspace) -> None:  # X5
    await made(
        ask,
        "mine",
        figure(),
        figure("Paid", function="SUM", param="amount"),
        widget("BREAKDOWN", {}, by="category"),
        widget("BREAKDOWN", {"function": "SUM", "param": "amount"}, by="category"),
        widget("TABLE", {"limit": 1}, columns=["amount"]),
        widget("TIME_SERIES", {"function": "SUM", "param": "amount"}, granularity="YEARS"),
        figure("First", function="FIRST_AT"),
    )
    profile = await a_profile(workspace, events=purchases(12))
    whole = await widgets(ask, profile)
    found = await widgets(ask, profile, scopes=MASKED)
    assert [each["masked"] for each in found] == [False, True, True, True, True, True, False]
    assert not any(each["masked"] for each in whole)
    told = [each["data"]["rows"] for each in found]
    assert told[:2] == [[[12]], [[None]]]
    assert told[2] == [[None, *row[1:]] for row in whole[2]["data"]["rows"]]
    assert all(row[0] is None and row[2] is None for row in told[3])
    assert told[4] == [[*whole[4]["data"]["rows"][0][:2], None]]
    assert {row[3] for row in told[5]} == {None}
    assert told[6] == whole[6]["data"]["rows"]


CONDITION = {
    "any": [
        {"tag": {"name": "vip"}},
        {"not": {"attribute": {"name": "city", "comparison": "NOT_EXISTS"}}},
        {"all": [{"recognized": True}, {"created": {"from": "2020-01-01T00:00:00Z"}}, {"search": "zed"}]},
    ]
}


async def test_a_dashboard_is_shown_by_a_condition(ask: Ask, workspace: Workspace) -> None:  # R4
    vip = await a_profile(workspace, change=lambda edit: edit.add_tag("vip", source=ChangeSource.API))
    local = await a_profile(workspace, city="Oslo")
    zed = await a_profile(workspace, email="zed@example.com")
    other = await a_profile(workspace, email="bob@example.com")
    await mutate(ask, "tagCreate", {"name": "vip"}, selecting="tag { id }")
    dashboard = json_of(await made(ask, "mine", figure(), condition=CONDITION))
    kept = dashboard["condition"]["any"]
    assert kept[0] == CONDITION["any"][0]
    assert kept[1]["not"]["attribute"] == {"name": "city", "comparison": "NOT_EXISTS", "value": None}
    assert kept[2]["all"][1]["created"] == {"from": "2020-01-01T00:00:00+00:00", "to": None}
    names = [each["name"] for each in await shown(ask, vip)]
    for profile, expected in ((vip, True), (local, True), (zed, True), (other, False)):
        assert ("mine" in [each["name"] for each in await shown(ask, profile)]) is expected
        assert bool(await shown(ask, profile, "mine")) is expected
    assert names == sorted(names)
    assert [each["name"] for each in await shown(ask, other, "mine", hidden=True)] == ["mine"]
    page = await ask('{ profiles(first: 10) { edges { node { id dashboards(names: ["mine"]) { name } } } } }')
    having = {edge["node"]["id"] for edge in page["profiles"]["edges"] if edge["node"]["dashboards"]}
    assert having == {public(vip), public(local), public(zed)}
    again = await mutate(
        ask,
        "dashboardUpdate",
        {"id": dashboard["id"], "condition": dashboard["condition"]},
        selecting="dashboard { version }",
    )
    assert again["dashboard"]["version"] == 1  # what was read can be given again
    gone = await mutate(
        ask, "dashboardUpdate", {"id": dashboard["id"], "condition": None}, selecting="dashboard { version condition }"
    )
    assert gone["dashboard"] == {"version": 2, "condition": None}
    assert [each["name"] for each in await shown(ask, other, "mine")] == ["mine"]


async def test_what_a_profile_shows_has_an_id_of_its_own(ask: Ask, workspace: Workspace) -> None:
    one, other = await a_profile(workspace), await a_profile(workspace)
    dashboard = await made(ask, "mine", figure())
    ((first,), (again,), (second,)) = [await shown(ask, profile, "mine") for profile in (one, one, other)]
    assert first["id"] == again["id"] != second["id"]
    assert {each["definition"]["id"] for each in (first, second)} == {dashboard["id"]}


async def test_what_is_not_shown_is_hidden(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    await made(ask, "mine", figure(), showOnProfile=False)
    assert "mine" not in [each["name"] for each in await shown(ask, profile)]
    assert "mine" in [each["name"] for each in await shown(ask, profile, hidden=True)]
    (error,) = await ask(SHOWN, id=public(profile), names=["mine"], failing=True)
    assert error.original_error.extensions == {"code": "BAD_USER_INPUT", "argument": "names"}
    (error,) = await ask(SHOWN, id=public(profile), hidden=True, scopes=MASKED, failing=True)
    assert error.original_error.extensions["scope"] == "definitions:write"


SERIES = widget("TIME_SERIES", {}, granularity="DAYS")


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"title": ""}, "BLANK", ["title"]),
        ({"query": None}, "INVALID_VALUE", ["query"]),
        ({"by": "category"}, "INVALID_VALUE", ["by"]),
        ({"columns": ["a"]}, "INVALID_VALUE", ["columns"]),
        ({"aggregate": "a"}, "INVALID_VALUE", ["aggregate"]),
        ({"granularity": "DAYS"}, "INVALID_VALUE", ["granularity"]),
        ({**SERIES, "granularity": None}, "INVALID_VALUE", ["granularity"]),
        ({"kind": "BREAKDOWN"}, "INVALID_VALUE", ["by"]),
        ({"kind": "TABLE"}, "INVALID_VALUE", ["columns"]),
        ({"kind": "TABLE", "columns": ["a", "a"]}, "INVALID_VALUE", ["columns", "1"]),
        ({"kind": "TABLE", "columns": [f"c{n}" for n in range(21)]}, "TOO_MANY", ["columns"]),
        ({"kind": "TABLE", "columns": ["a"], "query": {"actions": ["a"], "limit": 51}}, "TOO_MANY", ["query", "limit"]),
        ({"kind": "ANALYSIS"}, "INVALID_VALUE", ["query"]),
        ({"kind": "ANALYSIS", "query": None, "aggregate": "none"}, "NOT_FOUND", ["aggregate"]),
        ({"query": {"actions": []}}, "BLANK", ["query", "actions"]),
        ({"query": {"actions": ["a"], "timeZone": "X"}}, "INVALID_VALUE", ["query", "timeZone"]),
        (
            {"query": {"actions": ["a"], "function": "TOP_N", "param": "p", "limit": 3}},
            "INVALID_VALUE",
            ["query", "function"],
        ),
        (
            {"kind": "BREAKDOWN", "by": "p", "query": {"actions": ["a"], "function": "LAST", "param": "p"}},
            "INVALID_VALUE",
            ["query", "function"],
        ),
    ],
)
async def test_a_widget_that_makes_no_sense_is_refused(ask: Ask, given: Any, code: str, field: list[str]) -> None:
    payload = await creating(ask, "mine", figure(), {**figure(), **given})
    assert refusals(payload) == [(code, ["input", "widgets", "1", *field])]


async def test_a_dashboard_has_limits(ask: Ask) -> None:
    assert refusals(await creating(ask, "mine", *[figure()] * 21)) == [("TOO_MANY", ["input", "widgets"])]
    wide = figure(filters=[{"param": "p", "value": {"string": "x" * 1_000}}] * 20)
    assert refusals(await creating(ask, "mine", *[wide] * 5)) == [("TOO_LONG", ["input", "widgets"])]
    unknown = {"attribute": {"name": "none", "value": {"string": "x"}}}
    refused = await creating(ask, "mine", figure(), condition={"all": [unknown]})
    assert refusals(refused) == [("INVALID_VALUE", ["input", "condition", "all", "0", "attribute", "name"])]
    for number in range(17):
        await made(ask, f"d{number}", figure())
    assert refusals(await creating(ask, "mine", figure())) == [("TOO_MANY", ["input", "showOnProfile"])]
    hidden = await made(ask, "mine", figure(), showOnProfile=False)
    assert refusals(await creating(ask, "mine", figure(), showOnProfile=False)) == [("TAKEN", ["input", "name"])]
    showing = {"id": hidden["id"], "showOnProfile": True}
    refused = await mutate(ask, "dashboardUpdate", showing, selecting="dashboard { id }")
    assert refusals(refused) == [("TOO_MANY", ["input", "showOnProfile"])]
    for number in range(79):
        await made(ask, f"h{number}", showOnProfile=False)
    assert refusals(await creating(ask, "more", showOnProfile=False)) == [("TOO_MANY", ["input", "name"])]
    assert (await ask(LIST))["dashboards"]["totalCount"] == 100


async def test_an_operation_is_given_so_many_widgets(ask: Ask, workspace: Workspace) -> None:
    for number in range(3):
        await made(ask, f"d{number}", *[figure()] * 20)
    for _ in range(20):
        await a_profile(workspace)
    query = "{ profiles { edges { node { dashboards%s { widgets { data { rows } } } } } } }"
    (error, *_) = await ask(query % "", failing=True)
    assert error.original_error.extensions == {"code": "LIMIT_EXCEEDED", "limit": "widgets", "allowed": 1_000}
    found = await ask(query % '(names: ["d0", "d1"])')
    assert len(found["profiles"]["edges"]) == 20


async def test_an_operation_is_given_so_many_values(ask: Ask, workspace: Workspace) -> None:
    window = {"kind": "LAST", "unit": "DAYS", "count": 990}
    await made(ask, "mine", *[widget("TIME_SERIES", {"window": window}, granularity="DAYS")] * 19, figure())
    query = (
        '{ profiles { edges { node { dashboards(names: ["mine"]) { widgets { data { rows } error { code } } } } } } }'
    )
    for _ in range(2):
        await a_profile(workspace)
    found = [edge["node"]["dashboards"][0]["widgets"] for edge in (await ask(query))["profiles"]["edges"]]
    codes = [each["error"] and each["error"]["code"] for each in found[0] + found[1]]
    assert codes.count("LIMIT_EXCEEDED") == 2 * 19 - 20_000 // 991
    assert (codes[0], codes[19], codes[-1]) == (None, None, None)


async def test_every_workspace_begins_with_presets(ask: Ask, workspace: Workspace) -> None:
    found = [edge["node"] for edge in (await ask(LIST))["dashboards"]["edges"]]
    assert [(each["name"], each["preset"]) for each in found] == [
        ("callCentre", "CALL_CENTRE"),
        ("overview", "OVERVIEW"),
        ("transactionTrends", "TRANSACTION_TRENDS"),
    ]
    now = datetime.now(UTC)
    bought = [
        an_event("product.buy", at=now - timedelta(days=n), category=f"c{n % 12}", productName="P")
        for n in range(1, 30)
    ]
    paid = [an_event(CHARGE, at=now - timedelta(days=1), amount=2.5, currency="EUR", orderId="1", quantity=2)]
    seen = [an_event("page.visit", at=now - timedelta(days=2), title="Home", url="/")]
    profile = await a_profile(workspace, events=[*bought, *paid, *seen])
    dashboards = {each["name"]: each["widgets"] for each in await shown(ask, profile)}
    assert all(each["error"] is None for found in dashboards.values() for each in found)
    overview = {each["title"]: each["data"]["rows"] for each in dashboards["overview"]}
    assert overview["Purchases"] == [[1]]
    assert overview["Revenue"] == [["EUR", False, 2.5]]
    assert overview["Page visits in 30 days"] == [[1]]
    assert (len(overview["Item categories"]), overview["Item categories"][9][1]) == (10, True)
    assert sum(row[2] for row in overview["Item categories"]) == 29
    calls = {each["title"]: each["data"]["rows"] for each in dashboards["callCentre"]}
    assert [row[1:] for row in calls["Latest orders"]] == [[CHARGE, "1", 2.5, "EUR", 2]]
    assert [row[1:] for row in calls["Latest visits"]] == [["page.visit", "Home", "/"]]
    trends = {each["title"]: each["data"]["rows"] for each in dashboards["transactionTrends"]}
    assert sum(row[3] for row in trends["Items by month"]) == 2


async def test_a_preset_that_was_deleted_does_not_come_back(ask: Ask, workspace: Workspace) -> None:
    found = [edge["node"] for edge in (await ask(LIST))["dashboards"]["edges"]]
    await mutate(ask, "dashboardDelete", {"id": found[0]["id"]}, selecting="deletedDashboardId")
    changed = await mutate(
        ask,
        "dashboardUpdate",
        {"id": found[1]["id"], "displayName": "Mine", "widgets": []},
        selecting="dashboard { version }",
    )
    assert changed["dashboard"]["version"] == 2
    await prepare_workspace(workspace.database, workspace.id, name="Test workspace")
    left = [edge["node"] for edge in (await ask(LIST))["dashboards"]["edges"]]
    assert [(each["displayName"], len(each["widgets"])) for each in left] == [
        ("Mine", 0),
        ("Transaction trends", 7 - 1),
    ]


async def test_a_workspace_from_before_is_given_them_at_the_next_start(ask: Ask, workspace: Workspace) -> None:
    for each in (await ask(LIST))["dashboards"]["edges"]:
        await mutate(ask, "dashboardDelete", {"id": each["node"]["id"]}, selecting="deletedDashboardId")
    await prepare(workspace.database)
    assert (await ask(LIST))["dashboards"]["totalCount"] == 0
    await workspace.database.update("workspaces", {"_id": workspace.id}, {"$unset": {"presets": 1}})
    await prepare(workspace.database)
    assert (await ask(LIST))["dashboards"]["totalCount"] == 3


async def test_a_copy_has_the_widgets_and_is_not_shown(ask: Ask) -> None:
    (first, *_) = [edge["node"] for edge in (await ask(LIST))["dashboards"]["edges"]]
    copying = {"id": first["id"], "name": "mine"}
    dry = await mutate(ask, "dashboardCopy", {**copying, "dryRun": True}, selecting="dashboard { name }")
    assert (dry["dashboard"]["name"], (await ask(LIST))["dashboards"]["totalCount"]) == ("mine", 3)
    copy = (await mutate(ask, "dashboardCopy", copying, selecting=f"dashboard {{ {DASHBOARD} }}"))["dashboard"]
    assert (copy["widgets"], copy["displayName"]) == (first["widgets"], first["displayName"])
    assert (copy["preset"], copy["showOnProfile"], copy["version"]) == (None, False, 1)
    again = await mutate(ask, "dashboardCopy", copying, selecting="dashboard { id }")
    assert refusals(again) == [("TAKEN", ["input", "name"])]
    missing = await mutate(
        ask, "dashboardCopy", {**copying, "id": to_public("dsh", bytes(16))}, selecting="dashboard { id }"
    )
    assert refusals(missing) == [("NOT_FOUND", ["id"])]


async def test_a_dashboard_is_changed_and_deleted(ask: Ask) -> None:
    dashboard = await made(ask, "mine", figure())
    stale = {"id": dashboard["id"], "displayName": "New", "expectedVersion": 7}
    refused = await mutate(ask, "dashboardUpdate", stale, selecting="dashboard { id }")
    assert refusals(refused) == [("VERSION_CONFLICT", ["options", "expectedVersion"])]
    changed = await mutate(
        ask,
        "dashboardUpdate",
        {**stale, "expectedVersion": 1, "widgets": [SERIES]},
        selecting=f"dashboard {{ {DASHBOARD} }}",
    )
    assert changed["dashboard"]["widgets"][0]["granularity"] == "DAYS"
    read = await ask(
        f"query ($id: ID!) {{ node(id: $id) {{ ... on Dashboard {{ {DASHBOARD} }} }} }}", id=dashboard["id"]
    )
    assert read["node"] == changed["dashboard"]
    gone = await mutate(ask, "dashboardDelete", {"id": dashboard["id"]}, selecting="deletedDashboardId")
    assert gone["deletedDashboardId"] == dashboard["id"]
    scopes = frozenset(Scope) - {Scope.DEFINITIONS_WRITE}
    (error,) = await ask(
        'mutation { dashboardCreate(input: {name: "a", displayName: "A", widgets: []}) { userErrors { code } } }',
        scopes=scopes,
        failing=True,
    )
    assert error.original_error.extensions["scope"] == "definitions:write"
