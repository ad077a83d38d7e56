"""Definitions of attributes: what each attribute of a workspace means, and the type of its values (R18, R21)."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

from storage.attributes import HAS_MOBILE_PUSH, HAS_WEB_PUSH, RECEIVES_WHATSAPP, AttributeType
from storage.catalogue import stamps
from storage.credentials import Scope
from storage.declaration import Noun
from storage.store.collections import Collection, Erasure, Index
from storage.store.ids import time_id
from storage.store.mongo import Filter, Session
from storage.store.workspace import Workspace

MOST_DEFINITIONS = 1_000


class Section(StrEnum):
    """Part of the profile card that an attribute belongs to (R18)."""

    PERSONAL = "PERSONAL"
    CONTACT = "CONTACT"
    GEO = "GEO"
    OTHER = "OTHER"


class AttributeDefinition(TypedDict):
    """What an attribute means. `personal` ones are masked for credentials without `personal:read`."""

    _id: bytes
    workspace: str
    name: str
    displayName: str
    description: str | None
    type: AttributeType
    section: Section
    system: bool
    personal: bool
    version: int
    createdAt: datetime
    updatedAt: datetime


class NewDefinition(TypedDict, total=False):
    """A definition as its author gives it."""

    name: str
    displayName: str
    description: str | None
    type: AttributeType
    section: Section
    system: bool
    personal: bool


NOUN = Noun(
    type="AttributeDefinition",
    prefix="atd",
    scope=Scope.PROFILES_READ,
    collection=Collection(
        name="attribute_definitions",
        erasure=Erasure.OF_WORKSPACE,
        required={
            "_id": "binData",
            "workspace": "string",
            "name": "string",
            "displayName": "string",
            "type": "string",
            "section": "string",
            "system": "bool",
            "personal": "bool",
            "version": ["int", "long"],
            "createdAt": "date",
            "updatedAt": "date",
        },
        indexes=(Index([("workspace", 1), ("name", 1)], unique=True),),
    ),
)


def system(
    name: str, display: str, kind: AttributeType, section: Section, description: str | None = None
) -> NewDefinition:
    return {
        "name": name,
        "displayName": display,
        "description": description,
        "type": kind,
        "section": section,
        "system": True,
        "personal": section is not Section.OTHER,
    }


SYSTEM_DEFINITIONS = (
    system("firstName", "First name", AttributeType.STRING, Section.PERSONAL),
    system("lastName", "Last name", AttributeType.STRING, Section.PERSONAL),
    system("birthDate", "Birth date", AttributeType.DATE, Section.PERSONAL),
    system("city", "City", AttributeType.STRING, Section.PERSONAL),
    system("province", "Province", AttributeType.STRING, Section.PERSONAL),
    system("address", "Address", AttributeType.STRING, Section.CONTACT),
    system("zipCode", "ZIP code", AttributeType.STRING, Section.CONTACT),
    system("country", "Country", AttributeType.STRING, Section.GEO, "Country of the last known location"),
    system("company", "Company", AttributeType.STRING, Section.OTHER),
    system(HAS_WEB_PUSH, "Has web push devices", AttributeType.BOOLEAN, Section.OTHER),
    system(HAS_MOBILE_PUSH, "Has mobile push devices", AttributeType.BOOLEAN, Section.OTHER),
    system(RECEIVES_WHATSAPP, "Receives WhatsApp messages", AttributeType.BOOLEAN, Section.OTHER),
)


async def all_definitions(workspace: Workspace) -> list[AttributeDefinition]:
    """Return every definition of the workspace, by name."""
    return await workspace.find("attribute_definitions", {}, sort=[("name", 1)])


def listed(section: Section | None) -> Filter:
    """Return which definitions are of a section, or all."""
    return {} if section is None else {"section": section.value}


async def is_attribute_used(workspace: Workspace, name: str, *, session: Session = None) -> bool:
    """Return whether any profile has a value of the attribute, null included."""
    carried = {"attributes.name": name}
    return await workspace.find_one("profiles", carried, projection={"_id": 1}, session=session) is not None


def definition_fields(definition: NewDefinition) -> dict[str, Any]:
    """Return what an author gives of a definition, together with what they left out."""
    return {"description": None, "section": Section.OTHER, "system": False, "personal": False, **definition}


def new_documents(workspace: Workspace, definitions: Sequence[NewDefinition], *, now: datetime) -> list[Any]:
    return [
        {
            "_id": time_id(now, workspace.id, "attribute", definition["name"]),
            "workspace": workspace.id,
            **definition_fields(definition),
            **stamps(now),
        }
        for definition in definitions
    ]


async def create_definitions(
    workspace: Workspace, definitions: Sequence[NewDefinition], *, now: datetime, session: Session
) -> list[AttributeDefinition]:
    """Create definitions of names that have none, as the transaction of `session` sees it."""
    made = new_documents(workspace, definitions, now=now)
    await workspace.database.insert_first("attribute_definitions", made, session=session)
    return made


async def ensure_definitions(workspace: Workspace, definitions: Sequence[NewDefinition], *, now: datetime) -> None:
    """Create those definitions whose names have none."""
    await workspace.database.insert_missing("attribute_definitions", new_documents(workspace, definitions, now=now))
