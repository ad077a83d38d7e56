"""Figures of a profile's events, through the schema, over every way in which they are kept."""

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
from tests.support.mutating import mutate, refusals

FIGURES = """query ($id: ID!, $names: [String!], $hidden: Boolean! = false) { profile(by: {id: $id}) { analyses { state
  aggregates(names: $names, hidden: $hidden) { definition { name } value { __typename ... on NumberValue { number }
    ... on StringValue { string } ... on ArrayValue { items } ... on TableValue { columns rows }
    ... on BooleanValue { boolean } } display matched skipped masked window { from to timeZone } seq version } } } }"""
EVENTS = """query ($id: ID!, $after: String) { profile(by: {id: $id}) { analyses { aggregates { matched
  events(first: 3, after: $after) { edges { cursor node { params } } pageInfo { hasNextPage endCursor } } } } } }"""
SERIES = """query ($id: ID!) { profile(by: {id: $id}) { analyses { aggregates {
  series(granularity: DAYS) { from to matched complete value { ... on NumberValue { number } } } } } } }"""
PREVIEW = """query ($id: ID!, $definition: AggregateInput!) {
  aggregatePreview(profileId: $id, definition: $definition) {
  value { ... on NumberValue { number } } matched version definition { name } } }"""
CHARGES = "transaction.charge"


def charges(number: int, *, start: datetime = CREATED) -> list[Any]:
    """Return purchases, an hour apart, of 0.1, 0.2, 0.3 and so on."""
    return [
        an_event(CHARGES, at=start + timedelta(hours=hour), amount=(hour + 1) / 10, product=f"p{hour % 3}")
        for hour in range(number)
    ]


async def defining(ask: Ask, name: str = "revenue", **fields: Any) -> Any:
    given = {"function": "SUM", "actions": [CHARGES], "param": "amount", "showOnProfile": True, **fields}
    payload = await mutate(
        ask, "aggregateCreate", {"name": name, "displayName": name, **given}, selecting="aggregate { id version }"
    )
    assert refusals(payload) == [], payload
    return payload["aggregate"]


def public(profile: ProfileDoc) -> str:
    return to_public("prf", profile["_id"])


async def figures(ask: Ask, profile: ProfileDoc, **variables: Any) -> list[Any]:
    found = (await ask(FIGURES, id=public(profile), **variables))["profile"]["analyses"]
    assert found["state"] == "READY"
    told: list[Any] = found["aggregates"]
    return told


@pytest.mark.parametrize("number", [0, 1, 20, 21, 100, 2_500])
async def test_a_sum_is_exact_however_long_the_history(ask: Ask, workspace: Workspace, number: int) -> None:  # R57
    await defining(ask)
    profile = await a_profile(workspace, events=charges(number))
    for _ in range(2):  # the second time from what the first one folded
        (figure,) = await figures(ask, profile)
        assert figure["value"]["number"] == number * (number + 1) / 2 / 10
        assert (figure["matched"], figure["skipped"], figure["seq"]) == (number, 0, profile["seq"])


async def test_late_and_new_events_count_at_once(ask: Ask, workspace: Workspace) -> None:
    await defining(ask)
    await defining(ask, "first", function="FIRST", param="product")
    profile = await a_profile(workspace, events=charges(2_500))
    await figures(ask, profile)
    late = an_event(CHARGES, at=CREATED - timedelta(days=1), amount=1_000, product="early")
    between = an_event(CHARGES, at=CREATED + timedelta(hours=500, minutes=1), amount=0.5, product="p")

    def change(working: Edit) -> None:
        working.add_event(late)
        working.add_event(between)

    outcome = await edit(workspace, profile["_id"], change, actor=TESTER)
    assert outcome is not None
    first, revenue = await figures(ask, outcome["profile"])
    assert first["value"]["string"] == "early"
    assert (revenue["value"]["number"], revenue["matched"]) == (2_500 * 2_501 / 20 + 1_000.5, 2_502)


async def test_windows_are_of_the_operations_time(ask: Ask, workspace: Workspace) -> None:
    now = datetime.now(UTC)
    window = {"kind": "LAST", "unit": "DAYS", "count": 7}
    await defining(ask, "week", function="COUNT", param=None, window=window, timeZone="Europe/Warsaw")
    ages = (1, 6, 8, 400)
    events = [an_event(CHARGES, at=now - timedelta(days=days), amount=days) for days in ages]
    profile = await a_profile(workspace, events=events)
    (week,) = await figures(ask, profile)
    assert (week["value"]["number"], week["window"]["timeZone"]) == (2, "Europe/Warsaw")
    assert week["window"]["from"] < week["window"]["to"]


async def test_a_value_is_of_its_type(ask: Ask, workspace: Workspace) -> None:  # R56
    profile = await a_profile(workspace, events=charges(5))
    empty = await a_profile(workspace)
    await defining(ask, "a", function="TOP_N", param="product", limit=2)
    await defining(ask, "b", function="LAST_N", param="product", limit=2)
    await defining(ask, "c", function="EXISTS", param=None)
    await defining(ask, "d", function="LAST", param="product")
    found = [figure["value"] for figure in await figures(ask, profile)]
    assert found[0] == {"__typename": "TableValue", "columns": ["value", "count"], "rows": [["p0", 2], ["p1", 2]]}
    assert found[1] == {"__typename": "ArrayValue", "items": ["p1", "p0"]}
    assert (found[2]["boolean"], found[3]["string"]) == (True, "p1")
    nothing = await figures(ask, empty)
    assert [figure["display"] for figure in nothing] == ["N/A", "N/A", "false", "N/A"]
    assert (nothing[1]["value"]["items"], nothing[2]["value"]["boolean"], nothing[3]["value"]) == ([], False, None)


async def test_a_figure_pages_through_the_events_that_made_it(ask: Ask, workspace: Workspace) -> None:  # R60
    filters = [{"param": "product", "value": {"string": "p1"}}]
    await defining(ask, filters=filters)
    profile = await a_profile(workspace, events=[*charges(30), an_event("page.visit", at=CREATED)])
    found, after = [], None
    while True:
        (figure,) = (await ask(EVENTS, id=public(profile), after=after))["profile"]["analyses"]["aggregates"]
        page = figure["events"]
        found += [edge["node"]["params"]["amount"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == [(hour + 1) / 10 for hour in range(30) if hour % 3 == 1][::-1]
    assert figure["matched"] == len(found)


async def test_a_series_has_every_bucket(ask: Ask, workspace: Workspace) -> None:
    between = {"kind": "BETWEEN", "from": "2026-01-01T00:00:00Z", "to": "2026-01-04T00:00:00Z"}
    await defining(ask, window=between)
    profile = await a_profile(workspace, events=charges(20))
    (figure,) = (await ask(SERIES, id=public(profile)))["profile"]["analyses"]["aggregates"]
    told = [(row["from"][:10], row["matched"], row["value"]["number"], row["complete"]) for row in figure["series"]]
    assert told == [("2026-01-01", 12, 7.8, True), ("2026-01-02", 8, 13.2, True), ("2026-01-03", 0, 0, True)]


async def test_only_what_is_shown_on_profiles_is_listed(ask: Ask, workspace: Workspace) -> None:  # R55
    profile = await a_profile(workspace, events=charges(3))
    nothing = (await ask(FIGURES, id=public(profile)))["profile"]["analyses"]
    assert nothing == {"state": "NO_DATA", "aggregates": []}
    await defining(ask, "shown")
    await defining(ask, "kept", showOnProfile=False)
    assert [figure["definition"]["name"] for figure in await figures(ask, profile)] == ["shown"]
    assert [figure["definition"]["name"] for figure in await figures(ask, profile, hidden=True)] == ["kept", "shown"]
    scopes = frozenset(Scope) - {Scope.DEFINITIONS_WRITE}
    (error,) = await ask(FIGURES, id=public(profile), hidden=True, scopes=scopes, failing=True)
    assert error.original_error.extensions["scope"] == "definitions:write"
    (error,) = await ask(FIGURES, id=public(profile), names=["none"], failing=True)
    assert error.original_error.extensions == {"code": "BAD_USER_INPUT", "argument": "names"}


async def test_what_senders_wrote_is_personal_and_counts_are_not(ask: Ask, workspace: Workspace) -> None:  # X5
    await defining(ask, "a")
    await defining(ask, "b", function="COUNT", param=None, filters=[{"param": "product", "value": {"string": "p0"}}])
    profile = await a_profile(workspace, events=charges(4))
    scopes = frozenset({Scope.PROFILES_READ})
    revenue, count = await figures(ask, profile, scopes=scopes)
    assert (revenue["value"], revenue["display"], revenue["masked"], revenue["matched"]) == (None, "***", True, 4)
    assert (count["value"]["number"], count["masked"]) == (2, False)


async def test_a_definition_has_versions(ask: Ask, workspace: Workspace) -> None:
    made = await defining(ask)
    profile = await a_profile(workspace, events=charges(3))
    changed = await mutate(
        ask,
        "aggregateUpdate",
        {"id": made["id"], "function": "MAX", "expectedVersion": 1},
        selecting="aggregate { version function }",
    )
    assert changed["aggregate"] == {"version": 2, "function": "MAX"}
    (figure,) = await figures(ask, profile)
    assert (figure["version"], figure["value"]["number"]) == (2, 0.3)
    gone = await mutate(ask, "aggregateDelete", {"id": made["id"]}, selecting="deletedAggregateId")
    assert gone["deletedAggregateId"] == made["id"]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"name": ""}, "BLANK", ["name"]),
        ({"actions": []}, "BLANK", ["actions"]),
        ({"param": None}, "INVALID_VALUE", ["function"]),
        ({"function": "TOP_N"}, "INVALID_VALUE", ["function"]),
        ({"function": "QUANTILE", "quantile": 2}, "INVALID_VALUE", ["function"]),
        ({"timeZone": "Mars/Olympus"}, "INVALID_VALUE", ["timeZone"]),
        ({"timeZone": "../../etc/passwd"}, "INVALID_VALUE", ["timeZone"]),
        ({"window": {"kind": "LAST"}}, "INVALID_VALUE", ["window"]),
        ({"filters": [{"param": "a"}] * 21}, "TOO_MANY", ["filters"]),
        (
            {"filters": [{"param": "a", "comparison": "LT", "value": {"boolean": True}}]},
            "INVALID_VALUE",
            ["filters", "0", "value"],
        ),
        ({"actions": ["a"] * 51}, "TOO_MANY", ["actions"]),
    ],
)
async def test_what_can_not_be_computed_is_refused(ask: Ask, given: Any, code: str, field: list[str]) -> None:
    fields = {"name": "a", "displayName": "A", "function": "SUM", "actions": ["a"], "param": "p", **given}
    payload = await mutate(ask, "aggregateCreate", fields, selecting="aggregate { id }")
    assert refusals(payload) == [(code, ["input", *field])]


async def test_a_preview_stores_nothing(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace, events=charges(3))
    definition = {"function": "SUM", "actions": [CHARGES], "param": "amount"}
    tried = (await ask(PREVIEW, id=public(profile), definition=definition))["aggregatePreview"]
    assert tried == {"value": {"number": 0.6}, "matched": 3, "version": None, "definition": None}
    assert await workspace.find("aggregates", {}) == []
    guess = {"function": "COUNT", "actions": [CHARGES], "filters": [{"param": "product", "value": {"string": "p0"}}]}
    scopes = frozenset(Scope) - {Scope.PERSONAL_READ}
    (error,) = await ask(PREVIEW, id=public(profile), definition=guess, scopes=scopes, failing=True)
    assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": "personal:read"}
    (error,) = await ask(PREVIEW, id=public(profile), definition={**definition, "timeZone": "X"}, failing=True)
    assert error.original_error.extensions == {"code": "BAD_USER_INPUT", "argument": "definition.timeZone"}
