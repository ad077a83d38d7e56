"""Activity of a profile: whether it is online, and its events."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.events import ACTIVITY_ACTIONS
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile, an_event, visits

ONLINE = "query ($id: ID!) { profile(by: {id: $id}) { activity { online lastActivityAt sinceSeconds } } }"
EVENTS = """
query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $filter: EventFilter) {
  profile(by: {id: $id}) { activity { events(first: $first, after: $after, last: $last, before: $before,
      filter: $filter) {
    totalCount edges { cursor node { uuid action params } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }
}
"""


async def events(ask: Ask, profile: Any, **arguments: Any) -> Any:
    data = await ask(EVENTS, id=to_public("prf", profile["_id"]), **arguments)
    return data["profile"]["activity"]["events"]


def pages(found: Any) -> list[int]:
    return [edge["node"]["params"]["page"] for edge in found["edges"]]


@pytest.mark.parametrize(("ago", "online"), [(0, True), (250, True), (350, False), (86_400, False), (-60, True)])
async def test_online_is_recent_activity(ask: Ask, workspace: Workspace, ago: int, online: bool) -> None:  # R37
    at = datetime.now(UTC) - timedelta(seconds=ago)
    profile = await a_profile(workspace, events=[an_event(at=at)])
    activity = (await ask(ONLINE, id=to_public("prf", profile["_id"])))["profile"]["activity"]
    assert activity["online"] is online
    assert max(ago, 0) <= activity["sinceSeconds"] <= max(ago, 0) + 20
    assert abs(datetime.fromisoformat(activity["lastActivityAt"]) - at) < timedelta(milliseconds=1)


async def test_only_these_events_are_activity(ask: Ask, workspace: Workspace) -> None:  # R38
    assert len(ACTIVITY_ACTIONS) == 10
    later = CREATED + timedelta(hours=1)
    for action in (*ACTIVITY_ACTIONS, "transaction.charge", "message.send", "event.log", "page.visits"):
        profile = await a_profile(workspace, events=[an_event(at=CREATED), an_event(action, at=later)])
        expected = later if action in ACTIVITY_ACTIONS else CREATED
        assert profile["lastActivityAt"] == expected, action
    profile = await a_profile(workspace, events=[an_event("transaction.charge")])
    activity = (await ask(ONLINE, id=to_public("prf", profile["_id"])))["profile"]["activity"]
    assert activity == {"online": False, "lastActivityAt": None, "sinceSeconds": None}


@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 45])
async def test_pages_meet_every_event_once(ask: Ask, workspace: Workspace, count: int) -> None:  # R39
    profile = await a_profile(workspace, events=count)
    newest_first = list(reversed(range(count)))
    for size in (7, 20, 30):
        found, after = [], None
        while True:
            page = await events(ask, profile, first=size, after=after)
            found += pages(page)
            assert page["totalCount"] == count
            assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert found == newest_first, size
    page = await events(ask, profile, last=5)
    assert pages(page) == newest_first[-5:]
    if count > 10:
        page = await events(ask, profile, last=5, before=page["pageInfo"]["startCursor"])
        assert pages(page) == newest_first[-10:-5]
        assert page["pageInfo"]["hasNextPage"] is True
    assert pages(await events(ask, profile)) == newest_first[:20]


async def test_filtered_by_type_and_time(ask: Ask, workspace: Workspace) -> None:  # R39
    extra = [an_event("form.submit", at=CREATED + timedelta(seconds=second), page=second) for second in (5, 26)]
    profile = await a_profile(workspace, events=[*visits(30), *extra])
    second = {number: (CREATED + timedelta(seconds=number)).isoformat() for number in (3, 6, 27)}
    for arguments, expected in (
        ({"actions": ["form.submit"]}, [26, 5]),
        ({"actions": ["form.submit"], "first": 1}, [26]),
        ({"actions": ["form.submit"], "occurred": {"to": second[6]}}, [5]),
        ({"occurred": {"from": second[27]}}, [29, 28, 27]),
        ({"occurred": {"to": second[3]}}, [2, 1, 0]),
        ({"occurred": {"from": second[3], "to": second[6]}, "actions": ["page.visit"]}, [5, 4, 3]),
        ({"actions": ["none"]}, []),
    ):
        size = {"first": arguments.pop("first")} if "first" in arguments else {}
        found = await events(ask, profile, **size, filter=arguments)
        assert pages(found) == expected, arguments
        assert found["totalCount"] is None
    first = await events(ask, profile, first=2, filter={"occurred": {"from": second[27]}})
    rest = await events(ask, profile, filter={"occurred": {"from": second[27]}}, after=first["pageInfo"]["endCursor"])
    assert pages(first) + pages(rest) == [29, 28, 27]
    last = await events(ask, profile, last=2, filter={"occurred": {"to": second[3]}})
    rest = await events(
        ask, profile, last=2, filter={"occurred": {"to": second[3]}}, before=last["pageInfo"]["startCursor"]
    )
    assert pages(last) == [1, 0]
    assert pages(rest) == [2]


async def test_many_profiles_page_at_once(ask: Ask, workspace: Workspace) -> None:
    for name, count in (("a", 25), ("b", 0), ("c", 22)):
        await a_profile(workspace, firstName=name, events=count)
    query = """{ profiles(orderBy: {field: NAME, direction: ASC}) { edges { node { activity {
        some: events(first: 22) { edges { node { params } } }
        visits: events(first: 2, filter: {actions: ["page.visit"]}) {
        edges { node { params } } pageInfo { hasNextPage } } } } } } }"""
    data = await ask(query)
    found = [edge["node"]["activity"] for edge in data["profiles"]["edges"]]
    assert [pages(activity["some"]) for activity in found] == [
        list(range(24, 2, -1)),
        [],
        list(range(21, -1, -1)),
    ]
    assert [pages(activity["visits"]) for activity in found] == [[24, 23], [], [21, 20]]
    assert [activity["visits"]["pageInfo"]["hasNextPage"] for activity in found] == [True, False, True]
