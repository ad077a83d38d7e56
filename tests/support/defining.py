"""Attributes and their definitions, set and defined as clients do."""

from typing import Any

from storage.credentials import Scope
from storage.profiles import ProfileDoc
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.mutating import mutate

PROFILE = """profile { version displayName attributes { name displayName display masked source type section value {
  ... on StringValue { string } ... on NumberValue { number } ... on DateValue { date }
  ... on BooleanValue { boolean } ... on ArrayValue { items } } } }"""
DEFINITION = """attributeDefinition {
  id name displayName description type section system personal version createdAt updatedAt }"""
STRING = {"displayName": "Tier", "type": "STRING"}


def public(profile: ProfileDoc) -> str:
    return to_public("prf", profile["_id"])


async def setting(ask: Ask, profile: ProfileDoc, *attributes: dict[str, Any], **options: Any) -> Any:
    scopes = options.pop("scopes", frozenset(Scope))
    given = {"id": public(profile), "attributes": list(attributes), **options}
    return await mutate(ask, "profileAttributesSet", given, selecting=PROFILE, scopes=scopes)


async def unsetting(ask: Ask, profile: ProfileDoc, *names: str, **options: Any) -> Any:
    given = {"id": public(profile), "names": list(names), **options}
    return await mutate(ask, "profileAttributesUnset", given, selecting=PROFILE)


async def defining(ask: Ask, **given: Any) -> Any:
    fields = {"name": "tier", **STRING, **given}
    return await mutate(ask, "attributeDefinitionCreate", fields, selecting=DEFINITION)


async def updating(ask: Ask, id: str, **given: Any) -> Any:
    return await mutate(ask, "attributeDefinitionUpdate", {"id": id, **given}, selecting=DEFINITION)


async def deleting(ask: Ask, id: str, **given: Any) -> Any:
    selecting = "deletedAttributeDefinitionId"
    return await mutate(ask, "attributeDefinitionDelete", {"id": id, **given}, selecting=selecting)


async def id_of(workspace: Workspace, name: str) -> str:
    return to_public("atd", (await workspace.find_one("attribute_definitions", {"name": name}) or {})["_id"])


def told(payload: Any) -> list[tuple[str, str]]:
    return [(error["code"], ".".join(error["field"])) for error in payload["userErrors"]]
