"""Events: their fields, definitions and details."""

from datetime import timedelta

from storage.event_definitions import ensure_definition
from storage.events import Direction
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile, an_event

FIELDS = """
  id uuid action label occurredAt receivedAt source ip direction params expandable
  definition { displayName description icon } details { name value }
"""


async def test_an_event_with_a_definition(ask: Ask, workspace: Workspace) -> None:  # R39 R40 R41
    await ensure_definition(
        workspace,
        "transaction.charge",
        display_name="Purchase",
        description="Bought something",
        icon="cart",
        details=[{"name": "Total", "param": "revenue"}, {"name": "Coupon", "param": "coupon"}],
        now=CREATED,
    )
    await ensure_definition(workspace, "message.send", display_name="Message", now=CREATED)
    sent = an_event("message.send", at=CREATED + timedelta(seconds=1))
    sent["direction"] = Direction.FOR_PROFILE
    bought = an_event("transaction.charge", revenue=12.5, uuid="u-1")
    profile = await a_profile(workspace, events=[bought, sent, an_event("unknown", at=CREATED - timedelta(1))])
    data = await ask(
        f"""query ($id: ID!) {{ profile(by: {{id: $id}}) {{ activity {{
            events {{ edges {{ node {{ {FIELDS} }} }} }} }} }} }}""",
        id=to_public("prf", profile["_id"]),
    )
    message, charge, unknown = (edge["node"] for edge in data["profile"]["activity"]["events"]["edges"])
    (charge_id,) = (to_public("evt", event["_id"]) for event in profile["recent"] if event["uuid"] == "u-1")
    assert charge == {
        "id": charge_id,
        "uuid": "u-1",
        "action": "transaction.charge",
        "label": "Did transaction.charge",
        "occurredAt": CREATED.isoformat(),
        "receivedAt": CREATED.isoformat(),
        "source": "SDK",
        "ip": "192.0.2.7",
        "direction": "BY_PROFILE",
        "params": {"revenue": 12.5},
        "expandable": True,
        "definition": {"displayName": "Purchase", "description": "Bought something", "icon": "cart"},
        "details": [{"name": "Total", "value": "12.5"}, {"name": "Coupon", "value": "N/A"}],
    }
    assert (message["direction"], message["expandable"], message["details"]) == ("FOR_PROFILE", False, [])
    assert message["definition"]["displayName"] == "Message"
    assert (unknown["definition"], unknown["expandable"], unknown["details"]) == (None, False, [])
    node = await ask(f"query ($id: ID!) {{ node(id: $id) {{ ... on Event {{ {FIELDS} }} }} }}", id=charge["id"])
    assert node["node"] == charge


async def test_definitions_page_by_action(ask: Ask, workspace: Workspace) -> None:  # R41
    for name in ("b", "a", "c"):
        await ensure_definition(
            workspace, name, display_name=name, now=CREATED, details=[{"name": "Line", "param": "p"}]
        )
    query = """query ($first: Int, $after: String) { eventDefinitions(first: $first, after: $after) {
        edges { node { name details { name param } } } pageInfo { endCursor hasNextPage } } }"""
    first = (await ask(query, first=2))["eventDefinitions"]
    rest = (await ask(query, after=first["pageInfo"]["endCursor"]))["eventDefinitions"]
    assert [edge["node"]["name"] for edge in first["edges"] + rest["edges"]] == ["a", "b", "c"]
    assert first["edges"][0]["node"]["details"] == [{"name": "Line", "param": "p"}]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)


async def test_an_event_sent_twice_is_kept_once(workspace: Workspace) -> None:
    event = an_event(uuid="same")
    profile = await a_profile(workspace, events=[event, dict(event)])  # type: ignore[list-item]
    assert profile["eventCount"] == 1
