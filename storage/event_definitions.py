"""Event definitions: what an action is called, how it is drawn, and which details its expanded entry shows (R41)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from storage.catalogue import stamps
from storage.credentials import Scope
from storage.declaration import Noun
from storage.store.collections import Collection, Erasure, Index
from storage.store.ids import time_id
from storage.store.mongo import Session
from storage.store.workspace import Workspace


class Detail(TypedDict):
    """One line of an expanded event: its name, and the parameter that it shows."""

    name: str
    param: str


class NewDefinition(TypedDict):
    """How events of one action are to be shown. `name` is the action."""

    name: str
    displayName: str
    description: str | None
    icon: str | None
    details: list[Detail]


class EventDefinition(NewDefinition):
    """How events of one action are shown."""

    _id: bytes
    workspace: str
    version: int
    createdAt: datetime
    updatedAt: datetime


NOUN = Noun(
    type="EventDefinition",
    prefix="evd",
    scope=Scope.PROFILES_READ,
    collection=Collection(
        name="event_definitions",
        erasure=Erasure.OF_WORKSPACE,
        required={
            "_id": "binData",
            "workspace": "string",
            "name": "string",
            "displayName": "string",
            "details": "array",
            "version": ["int", "long"],
            "createdAt": "date",
            "updatedAt": "date",
        },
        indexes=(Index([("workspace", 1), ("name", 1)], unique=True),),
    ),
)


async def ensure_definition(
    workspace: Workspace,
    name: str,
    *,
    display_name: str,
    now: datetime,
    description: str | None = None,
    icon: str | None = None,
    details: Sequence[Detail] = (),
) -> None:
    """Create a definition unless the action has one."""
    made: dict[str, Any] = {
        "_id": time_id(now, workspace.id, "event", name),
        "workspace": workspace.id,
        "name": name,
        "displayName": display_name,
        "description": description,
        "icon": icon,
        "details": list(details),
        **stamps(now),
    }
    await workspace.database.insert_missing("event_definitions", [made])


async def create_definition(
    workspace: Workspace, definition: NewDefinition, *, now: datetime, session: Session
) -> EventDefinition:
    """Create the definition of an action that has none, as the transaction of `session` sees it."""
    made: EventDefinition = {
        **definition,
        "_id": time_id(now, workspace.id, "event", definition["name"]),
        "workspace": workspace.id,
        **stamps(now),  # type: ignore[typeddict-item]  # they are keys of it
    }
    await workspace.database.insert_first("event_definitions", [dict(made)], session=session)
    return made
