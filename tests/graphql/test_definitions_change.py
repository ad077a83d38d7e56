"""The life of a definition: its values are of its version, and of nothing that was before."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.aggregates import MOST_DEFINITIONS, ensure_aggregates
from storage.credentials import Scope
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from tests.graphql.test_analyses import CHARGES, charges, defining, figures, public
from tests.support.asking import Ask
from tests.support.factories import a_profile, an_event
from tests.support.mutating import mutate, refusals

ENTRY = "aggregate { id name version function filters { value } window { from to } }"
SERIES = """query ($id: ID!, $granularity: TimeUnit!) { profile(by: {id: $id}) { analyses { aggregates {
  matched value { ... on NumberValue { number } } events(first: 5) { edges { node { id } } }
  series(granularity: $granularity) { from to matched complete value { ... on NumberValue { number } } } } } } }"""


async def updating(ask: Ask, id: str, **given: Any) -> Any:
    return await mutate(ask, "aggregateUpdate", {"id": id, **given}, selecting=ENTRY)


async def creating(ask: Ask, name: str = "a", scopes: frozenset[Scope] = frozenset(Scope), **given: Any) -> Any:
    fields = {"name": name, "displayName": name, "function": "COUNT", "actions": [CHARGES], "showOnProfile": True}
    return await mutate(ask, "aggregateCreate", {**fields, **given}, selecting=ENTRY, scopes=scopes)


async def test_a_value_is_of_the_version_that_it_tells(ask: Ask, workspace: Workspace) -> None:
    made = await defining(ask)
    profile = await a_profile(workspace, events=charges(30))
    wanted = {1: 46.5, 2: 3.0, 3: 0.1}
    functions = {2: "MAX", 3: "MIN"}
    told: list[Any] = []

    async def reading() -> None:
        while not told or told[-1][0] < 3:
            (figure,) = await figures(ask, profile)
            told.append((figure["version"], figure["value"]["number"]))

    async def changing() -> None:
        for version, function in functions.items():
            await asyncio.sleep(0.05)
            assert (await updating(ask, made["id"], function=function))["aggregate"]["version"] == version

    await asyncio.gather(reading(), reading(), changing())
    assert all(value == wanted[version] for version, value in told)
    assert {version for version, _ in told} >= {1, 3}


async def test_one_made_anew_under_a_name_has_nothing_of_the_old_one(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace, events=charges(30))
    for function, value in (("SUM", 46.5), ("MAX", 3.0), ("COUNT", 30)):
        made = await defining(ask, function=function)
        (figure,) = await figures(ask, profile)
        assert (figure["value"]["number"], figure["version"]) == (value, 1)
        await mutate(ask, "aggregateDelete", {"id": made["id"]}, selecting="deletedAggregateId")
        found = await mutate(ask, "aggregateUpdate", {"id": made["id"], "function": "MIN"}, selecting=ENTRY)
        assert refusals(found) == [("NOT_FOUND", ["id"])]


async def test_a_filter_that_python_holds_for_the_same_is_another(ask: Ask, workspace: Workspace) -> None:
    filters = [{"param": "flag", "value": {"number": 1}}]
    made = (await creating(ask, filters=filters))["aggregate"]
    profile = await a_profile(workspace, events=[an_event(CHARGES, flag=True), an_event(CHARGES, flag=1.0)])
    same = await updating(ask, made["id"], filters=filters)
    assert same["aggregate"]["version"] == 1
    changed = await updating(ask, made["id"], filters=[{"param": "flag", "value": {"boolean": True}}])
    assert (changed["aggregate"]["version"], changed["aggregate"]["filters"]) == (2, [{"value": True}])
    preview = "query ($id: ID!, $d: AggregateInput!) { aggregatePreview(profileId: $id, definition: $d) { matched } }"
    for filter in (filters[0], {"param": "flag", "value": {"boolean": True}}):
        given = {"function": "COUNT", "actions": [CHARGES], "filters": [filter]}
        assert (await ask(preview, id=public(profile), d=given))["aggregatePreview"]["matched"] == 1


async def test_what_is_kept_is_what_was_answered(ask: Ask) -> None:
    between = {"kind": "BETWEEN", "from": "2026-01-01T00:00:00.000900Z", "to": "2026-01-02T00:00:00.999999Z"}
    made = (await creating(ask, window=between))["aggregate"]
    (kept,) = (await ask("{ aggregates { edges { node { window { from to } } } } }"))["aggregates"]["edges"]
    assert kept["node"]["window"] == made["window"]
    assert made["window"]["from"].startswith("2026-01-01T00:00:00+")


async def test_versions_dry_runs_and_retries(ask: Ask, workspace: Workspace) -> None:
    tried = await creating(ask, dryRun=True)
    assert (tried["aggregate"]["version"], await workspace.find("aggregates", {})) == (1, [])
    once = await creating(ask, idempotencyKey="k")
    again = await creating(ask, idempotencyKey="k")
    assert (again, len(await workspace.find("aggregates", {}))) == (once, 1)
    other = await creating(ask, name="b", idempotencyKey="k")
    assert refusals(other) == [("IDEMPOTENCY_MISMATCH", ["options", "idempotencyKey"])]
    id = once["aggregate"]["id"]
    late = await updating(ask, id, function="EXISTS", expectedVersion=2)
    assert refusals(late) == [("VERSION_CONFLICT", ["options", "expectedVersion"])]
    tried = await updating(ask, id, function="EXISTS", expectedVersion=1, dryRun=True)
    (kept,) = await workspace.find("aggregates", {})
    assert (tried["aggregate"]["version"], kept["version"], kept["function"]) == (2, 1, "COUNT")
    assert refusals(await creating(ask)) == [("TAKEN", ["input", "name"])]


async def test_of_two_at_once_one_wins(ask: Ask, workspace: Workspace) -> None:
    made = await asyncio.gather(*(creating(ask, "same") for _ in range(4)))
    assert sorted(map(refusals, made)) == [[], *[[("TAKEN", ["input", "name"])]] * 3]
    (stored,) = await workspace.find("aggregates", {})
    id = to_public("agg", stored["_id"])
    changed = await asyncio.gather(
        *(updating(ask, id, function=function, expectedVersion=1) for function in ("EXISTS", "FIRST_AT", "LAST_AT"))
    )
    assert sorted(map(refusals, changed)) == [[], *[[("VERSION_CONFLICT", ["options", "expectedVersion"])]] * 2]


async def test_there_are_at_most_500(ask: Ask, workspace: Workspace) -> None:
    await creating(ask, "first")
    (first,) = await workspace.find("aggregates", {}, projection={"_id": 0, "workspace": 0, "version": 0})
    others: list[Any] = [{**first, "name": f"n{number}"} for number in range(MOST_DEFINITIONS - 1)]
    await ensure_aggregates(workspace, others, now=datetime.now(UTC))
    refused = await creating(ask, "last")
    assert refusals(refused) == [("TOO_MANY", ["input", "name"])]
    assert len(await workspace.find("aggregates", {}, projection={"_id": 1})) == MOST_DEFINITIONS


async def test_the_running_bucket_is_not_complete_and_buckets_make_the_total(ask: Ask, workspace: Workspace) -> None:
    now = datetime(2026, 3, 29, 12, 20, tzinfo=UTC)
    ages = (timedelta(minutes=-1), timedelta(), timedelta(minutes=1), timedelta(hours=3), timedelta(days=2))
    events = [an_event(CHARGES, at=now - age, amount=1.1) for age in ages]
    profile = await a_profile(workspace, events=events)
    for window in ({"kind": "LIFETIME"}, {"kind": "TODAY"}, {"kind": "LAST", "unit": "DAYS", "count": 3}):
        made = await defining(ask, function="SUM", param="amount", window=window, timeZone="Europe/Warsaw")
        answer = await ask(SERIES, id=public(profile), granularity="HOURS", now=now)
        (figure,) = answer["profile"]["analyses"]["aggregates"]
        *earlier, running = figure["series"]
        assert running["complete"] is False
        assert all(bucket["complete"] for bucket in earlier)
        assert sum(bucket["matched"] for bucket in figure["series"]) == figure["matched"]
        total = sum(round(bucket["value"]["number"] * 10) for bucket in figure["series"])
        assert total == round(figure["value"]["number"] * 10)
        await mutate(ask, "aggregateDelete", {"id": made["id"]}, selecting="deletedAggregateId")


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([{"a": {"$b.c": 1}}], "WRONG_TYPE"),
        ([[[1]]], "WRONG_TYPE"),
        ([2**70], "INVALID_VALUE"),
        (["x" * 1_001], "TOO_LONG"),
        (list(range(51)), "TOO_MANY"),
    ],
)
async def test_what_a_filter_lists_is_plain(ask: Ask, items: list[Any], code: str) -> None:
    refused = await creating(ask, filters=[{"param": "p", "comparison": "IN", "value": {"items": items}}])
    assert [error["code"] for error in refused["userErrors"]] == [code]
    assert refused["userErrors"][0]["field"][:5] == ["input", "filters", "0", "value", "items"]


async def test_large_numbers_in_a_list_are_kept(ask: Ask) -> None:
    items = [2**63 - 1, -(2**63), 2**53 + 1, 0.1, 1e300, True]
    made = await creating(ask, filters=[{"param": "p", "comparison": "IN", "value": {"items": items}}])
    assert made["aggregate"]["filters"][0]["value"] == items


async def test_who_sees_no_parameters_defines_no_filter(ask: Ask, workspace: Workspace) -> None:  # X5
    scopes = frozenset({Scope.PROFILES_READ, Scope.DEFINITIONS_WRITE})
    made = (await creating(ask, scopes=scopes))["aggregate"]
    filters = [{"param": "amount", "comparison": "GT", "value": {"number": 1}}]
    for name, given in (("aggregateCreate", {"name": "b"}), ("aggregateUpdate", {"id": made["id"]})):
        fields = {"displayName": "B", "function": "COUNT", "actions": [CHARGES], "filters": filters}
        with pytest.raises(AssertionError, match="personal:read"):
            await mutate(ask, name, {**fields, **given}, selecting=ENTRY, scopes=scopes)
    (kept,) = await workspace.find("aggregates", {})
    assert (kept["version"], kept["filters"]) == (1, [])


async def test_dashboards_and_settings_tell_true_from_one_as_well(ask: Ask) -> None:
    def given(value: dict[str, Any]) -> dict[str, Any]:
        return {"actions": [CHARGES], "filters": [{"param": "flag", "value": value}]}

    def widgets(value: dict[str, Any]) -> list[Any]:
        return [{"title": "Flags", "kind": "FIGURE", "query": given(value)}]

    selecting = "dashboard { id version widgets { query { filters { value } } } }"
    fields = {"name": "flags", "displayName": "Flags", "widgets": widgets({"number": 1})}
    made = (await mutate(ask, "dashboardCreate", fields, selecting=selecting))["dashboard"]
    changing = {"id": made["id"], "widgets": widgets({"boolean": True})}
    changed = (await mutate(ask, "dashboardUpdate", changing, selecting=selecting))["dashboard"]
    assert (changed["version"], changed["widgets"][0]["query"]["filters"][0]["value"]) == (2, True)

    selecting = "statisticsSettings { version }"
    for version, value in ((1, {"number": 1}), (2, {"boolean": True}), (2, {"boolean": True})):
        figures_given = [{"figure": "CHARGED", **given(value)}]
        payload = await mutate(ask, "statisticsSettingsUpdate", {"figures": figures_given}, selecting=selecting)
        assert (refusals(payload), payload["statisticsSettings"]["version"]) == ([], version)
