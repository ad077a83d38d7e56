"""Definitions of attributes: created once, changed within limits, and deleted when nobody needs them."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from storage.attribute_definitions import MOST_DEFINITIONS, Section, all_definitions, create_definitions
from storage.attributes import AttributeType
from storage.rules import LONGEST_LINE, LONGEST_NAME
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.defining import STRING, defining, deleting, id_of, setting, told, unsetting, updating
from tests.support.factories import CREATED, a_profile


async def test_definitions_are_created_once(ask: Ask) -> None:  # R20
    payload = await defining(ask, description="How loyal", section="CONTACT", idempotencyKey="k")
    made = payload["attributeDefinition"]
    assert {
        key: made[key] for key in ("name", "displayName", "description", "type", "section", "system", "personal")
    } == {
        "name": "tier",
        "displayName": "Tier",
        "description": "How loyal",
        "type": "STRING",
        "section": "CONTACT",
        "system": False,
        "personal": True,
    }
    assert (made["version"], made["createdAt"]) == (1, made["updatedAt"])
    node = await ask("query ($id: ID!) { node(id: $id) { ... on AttributeDefinition { name } } }", id=made["id"])
    assert node["node"] == {"name": "tier"}
    again = await defining(ask, description="How loyal", section="CONTACT", idempotencyKey="k")
    assert again == payload
    assert told(await defining(ask)) == [("TAKEN", "input.name")]
    assert told(await defining(ask, name="firstName")) == [("TAKEN", "input.name")]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"name": " "}, "BLANK", "input.name"),
        ({"name": "a\nb"}, "FORBIDDEN_CHARACTER", "input.name"),
        ({"name": "x" * (LONGEST_NAME + 1)}, "TOO_LONG", "input.name"),
        ({"name": "shop:_mbr_7"}, "READ_ONLY", "input.name"),
        ({"displayName": ""}, "BLANK", "input.displayName"),
        ({"description": "x" * (LONGEST_LINE + 1)}, "TOO_LONG", "input.description"),
        ({"expectedVersion": 1}, "INVALID_VALUE", "options.expectedVersion"),
        ({"onBehalfOf": ""}, "BLANK", "options.onBehalfOf"),
    ],
)
async def test_definitions_that_can_not_be(ask: Ask, workspace: Workspace, given: Any, code: str, field: str) -> None:
    definitions = await all_definitions(workspace)
    payload = await defining(ask, **given)
    assert (told(payload), payload["attributeDefinition"]) == ([(code, field)], None)
    assert await all_definitions(workspace) == definitions


async def test_two_at_once_define_once(ask: Ask, workspace: Workspace) -> None:
    profiles = [await a_profile(workspace) for _ in range(4)]
    given = {"name": "tier", "value": {"string": "gold"}, "definition": STRING}
    payloads = await asyncio.gather(*(setting(ask, profile, given) for profile in profiles), defining(ask))
    assert {code for payload in payloads[:4] for code, _ in told(payload)} == set()
    assert told(payloads[4]) in ([], [("TAKEN", "input.name")])
    assert len(await workspace.find("attribute_definitions", {"name": "tier"})) == 1


async def test_definitions_are_changed(ask: Ask, workspace: Workspace) -> None:
    made = (await defining(ask, description="Old"))["attributeDefinition"]
    new = {"displayName": "Level", "type": "NUMBER", "section": "PERSONAL", "personal": True}
    payload = await updating(ask, made["id"], **new, description=None)
    changed = payload["attributeDefinition"]
    assert changed == {**made, **new, "description": None, "version": 2, "updatedAt": changed["updatedAt"]}
    assert changed["updatedAt"] > made["updatedAt"]
    assert (await updating(ask, made["id"], **new))["attributeDefinition"] == changed
    assert told(await updating(ask, made["id"], displayName=" ")) == [("BLANK", "input.displayName")]
    profile = await a_profile(workspace)
    assert told(await setting(ask, profile, {"name": "tier", "value": {"string": "gold"}})) == [
        ("WRONG_TYPE", "input.attributes.0.value")
    ]


async def test_a_type_stays_while_profiles_have_values(ask: Ask, workspace: Workspace) -> None:
    made = (await defining(ask))["attributeDefinition"]
    profile = await a_profile(workspace, tier="gold")
    refused = await updating(ask, made["id"], type="NUMBER", displayName="Level")
    assert told(refused) == [("IN_USE", "input.type")]
    assert (await updating(ask, made["id"]))["attributeDefinition"] == made
    await unsetting(ask, profile, "tier")
    assert told(await updating(ask, made["id"], type="NUMBER")) == []


async def test_of_system_definitions_only_the_words_change(ask: Ask, workspace: Workspace) -> None:
    id = await id_of(workspace, "city")
    for given in ({"type": "NUMBER"}, {"section": "GEO"}, {"personal": False}):
        assert told(await updating(ask, id, displayName="Town", **given)) == [
            ("READ_ONLY", f"input.{next(iter(given))}")
        ]
    same = {"type": "STRING", "section": "PERSONAL", "personal": True}
    made = (await updating(ask, id, displayName="Town", description="Where", **same))["attributeDefinition"]
    assert (made["displayName"], made["description"], made["system"]) == ("Town", "Where", True)


async def test_a_definition_is_deleted_when_no_profile_has_the_attribute(ask: Ask, workspace: Workspace) -> None:
    made = (await defining(ask))["attributeDefinition"]
    profile, definitions = await a_profile(workspace, tier="gold"), await all_definitions(workspace)
    refused = await deleting(ask, made["id"])
    assert told(refused) == [("IN_USE", "id")]
    assert refused["deletedAttributeDefinitionId"] is None
    assert await all_definitions(workspace) == definitions
    await unsetting(ask, profile, "tier")
    assert (await deleting(ask, made["id"], dryRun=True))["deletedAttributeDefinitionId"] == made["id"]
    assert await all_definitions(workspace) == definitions
    deleted = await deleting(ask, made["id"], idempotencyKey="k")
    assert (told(deleted), deleted["deletedAttributeDefinitionId"]) == ([], made["id"])
    assert await deleting(ask, made["id"], idempotencyKey="k") == deleted
    assert told(await deleting(ask, made["id"])) == told(await updating(ask, made["id"])) == [("NOT_FOUND", "id")]
    assert "tier" not in {definition["name"] for definition in await all_definitions(workspace)}
    again = (await defining(ask))["attributeDefinition"]
    assert (again["version"], again["id"] == made["id"]) == (1, False)


async def test_definitions_of_the_gateway_are_not_deleted(ask: Ask, workspace: Workspace) -> None:  # R20 R34
    membership = {"name": "shop:_mbr_7", "displayName": "x", "type": AttributeType.BOOLEAN}
    await create_definitions(workspace, [membership], now=CREATED, session=None)
    definitions = await all_definitions(workspace)
    for name in ("city", "snrs_has_web_push_devices", "shop:_mbr_7"):
        assert told(await deleting(ask, await id_of(workspace, name))) == [("READ_ONLY", "id")]
    assert await all_definitions(workspace) == definitions


async def test_of_memberships_the_type_stays(ask: Ask, workspace: Workspace) -> None:  # R33 R34
    name = "shop:_mbr_7"
    await create_definitions(
        workspace, [{"name": name, "displayName": "x", "type": AttributeType.BOOLEAN}], now=CREATED, session=None
    )
    id = await id_of(workspace, name)
    assert told(await updating(ask, id, type="STRING")) == [("READ_ONLY", "input.type")]
    assert (await updating(ask, id, displayName="shop: mbr Loyal"))["attributeDefinition"]["displayName"] == (
        "shop: mbr Loyal"
    )


async def test_a_workspace_has_only_so_many_definitions(ask: Ask, workspace: Workspace) -> None:
    room = MOST_DEFINITIONS - len(await all_definitions(workspace))
    full: Any = [
        {"name": f"a{number}", "displayName": "x", "type": AttributeType.STRING, "section": Section.OTHER}
        for number in range(room)
    ]
    await create_definitions(workspace, full, now=datetime.now(UTC), session=None)
    profile = await a_profile(workspace)
    assert told(await defining(ask)) == [("TOO_MANY", "input.name")]
    payload = await setting(ask, profile, {"name": "tier", "value": None, "definition": STRING})
    assert told(payload) == [("TOO_MANY", "input.attributes")]
