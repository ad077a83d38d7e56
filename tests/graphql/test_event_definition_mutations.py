"""Definitions of events, which say how those of an action are drawn."""

import asyncio
from typing import Any

import pytest

from storage.profiles import ProfileDoc
from storage.setup import prepare_workspace
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.factories import a_profile, an_event
from tests.support.mutating import mutate, refusals

DEFINITION = """eventDefinition {
  id name displayName description icon details { name param } version createdAt updatedAt }"""


async def defining(ask: Ask, **given: Any) -> Any:
    return await mutate(ask, "eventDefinitionCreate", given, selecting=DEFINITION)


async def redefining(ask: Ask, id: str, **given: Any) -> Any:
    return await mutate(ask, "eventDefinitionUpdate", {"id": id, **given}, selecting=DEFINITION)


async def undefining(ask: Ask, id: str, **given: Any) -> Any:
    return await mutate(ask, "eventDefinitionDelete", {"id": id, **given}, selecting="deletedEventDefinitionId")


async def drawn(ask: Ask, profile: ProfileDoc) -> Any:
    """Return how the only event of a profile is drawn."""
    expanded = """query ($id: ID!) { profile(by: {id: $id}) { activity { events { edges { node {
      title expandable details { name value } definition { displayName } } } } } } }"""
    found = await ask(expanded, id=to_public("prf", profile["_id"]))
    (edge,) = found["profile"]["activity"]["events"]["edges"]
    return edge["node"]


CART = {"name": "cart.add", "displayName": "Cart", "icon": "cart", "details": [{"name": "SKU", "param": "sku"}]}


async def test_a_definition_is_created_and_replaced(ask: Ask, workspace: Workspace) -> None:  # R41
    profile = await a_profile(workspace, events=[an_event("cart.add", sku="A-1")])
    first = await defining(ask, **CART)
    assert first["userErrors"] == []
    assert await drawn(ask, profile) == {
        "title": "Cart",
        "expandable": True,
        "details": [{"name": "SKU", "value": "A-1"}],
        "definition": {"displayName": "Cart"},
    }
    made = first["eventDefinition"]
    assert {key: made[key] for key in CART} == CART
    assert (made["version"], made["createdAt"]) == (1, made["updatedAt"])
    second = await redefining(ask, made["id"], displayName="Basket", icon=None, details=[])
    changed = second["eventDefinition"]
    assert changed["updatedAt"] > made["updatedAt"]
    new = {"displayName": "Basket", "icon": None, "details": [], "version": 2, "updatedAt": changed["updatedAt"]}
    assert changed == {**made, **new}
    assert (await redefining(ask, made["id"], displayName="Basket", details=[]))["eventDefinition"] == changed
    dry = await redefining(ask, made["id"], **{key: CART[key] for key in CART.keys() - {"name"}}, dryRun=True)
    assert (dry["eventDefinition"]["displayName"], dry["eventDefinition"]["version"]) == ("Cart", 3)
    (stored,) = await workspace.find("event_definitions", {})
    assert (stored["displayName"], stored["version"]) == ("Basket", 2)


async def test_an_action_has_one_definition(ask: Ask, workspace: Workspace) -> None:  # R41
    first = await defining(ask, **CART, idempotencyKey="k")
    assert await defining(ask, **CART, idempotencyKey="k") == first
    assert refusals(await defining(ask, **CART)) == [("TAKEN", ["input", "name"])]
    versioned = await defining(ask, name="a", displayName="A", expectedVersion=1)
    assert refusals(versioned) == [("INVALID_VALUE", ["options", "expectedVersion"])]
    assert (await defining(ask, name="dry", displayName="Dry", dryRun=True))["eventDefinition"]["name"] == "dry"
    answers = await asyncio.gather(*(defining(ask, name="b", displayName="B") for _ in range(4)))
    assert sorted(map(refusals, answers)) == [[], *[[("TAKEN", ["input", "name"])]] * 3]
    assert {stored["name"] for stored in await workspace.find("event_definitions", {})} == {"cart.add", "b"}


async def test_a_definition_is_deleted_and_its_events_are_drawn_without(ask: Ask, workspace: Workspace) -> None:  # R41
    profile = await a_profile(workspace, events=[an_event("cart.add", sku="A-1")])
    id = (await defining(ask, **CART))["eventDefinition"]["id"]
    assert (await undefining(ask, id, dryRun=True))["deletedEventDefinitionId"] == id
    assert (await drawn(ask, profile))["expandable"] is True
    deleted = await undefining(ask, id, idempotencyKey="k")
    assert (refusals(deleted), deleted["deletedEventDefinitionId"]) == ([], id)
    assert await drawn(ask, profile) == {"title": "cart.add", "expandable": False, "details": [], "definition": None}
    assert await undefining(ask, id, idempotencyKey="k") == deleted
    gone = await undefining(ask, id)
    assert (refusals(gone), gone["deletedEventDefinitionId"]) == ([("NOT_FOUND", ["id"])], None)
    again = (await defining(ask, **CART))["eventDefinition"]
    assert (again["version"], again["id"] == id) == (1, False)


async def test_definitions_of_others_are_not_found(ask: Ask, workspace: Workspace) -> None:  # X5
    other = await prepare_workspace(workspace.database, f"{workspace.id}-other", name="Other")
    theirs = await mutate(ask, "eventDefinitionCreate", CART, selecting=DEFINITION, of=other)
    kept = await other.find("event_definitions", {})
    for id in (theirs["eventDefinition"]["id"], to_public("evd", bytes(16)), to_public("tag", bytes(16)), "x"):
        for answer in (await redefining(ask, id, displayName="Mine"), await undefining(ask, id)):
            assert refusals(answer) == [("NOT_FOUND", ["id"])]
    assert await other.find("event_definitions", {}) == kept


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"name": "a\n"}, "FORBIDDEN_CHARACTER", ["name"]),
        ({"displayName": " "}, "BLANK", ["displayName"]),
        ({"icon": "x" * 201}, "TOO_LONG", ["icon"]),
        ({"details": [{"name": "A", "param": ""}]}, "BLANK", ["details", "0", "param"]),
        ({"details": [{"name": "A", "param": "a"}] * 51}, "TOO_MANY", ["details"]),
    ],
)
async def test_a_bad_definition_is_refused(
    ask: Ask, workspace: Workspace, given: dict[str, Any], code: str, field: list[str]
) -> None:
    answer = await defining(ask, **{"name": "a", "displayName": "A"} | given)
    assert (answer["eventDefinition"], refusals(answer)) == (None, [(code, ["input", *field])])
    assert await workspace.find("event_definitions", {}) == []
    if "name" not in given:
        id = (await defining(ask, name="a", displayName="A"))["eventDefinition"]["id"]
        assert refusals(await redefining(ask, id, **given)) == [(code, ["input", *field])]
        assert (await workspace.find_one("event_definitions", {}))["version"] == 1
