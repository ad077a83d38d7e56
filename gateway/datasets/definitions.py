"""The definitions of a workspace with demo data: its event types, attributes and tags."""

from datetime import datetime

from gateway.datasets.event_types import EVENT_TYPES
from storage import attribute_definitions, event_definitions, tags
from storage.attribute_definitions import NewDefinition
from storage.attributes import AttributeType
from storage.sources import ChangeSource
from storage.store.workspace import Workspace


def own(name: str, display: str, kind: AttributeType, description: str) -> NewDefinition:
    return {"name": name, "displayName": display, "type": kind, "description": description}


ATTRIBUTES = (
    own("acquisitionChannel", "Acquisition channel", AttributeType.STRING, "How the person found the shop"),
    own("cohort", "Cohort", AttributeType.STRING, "Month of the first visit"),
    own("lifecycle", "Lifecycle", AttributeType.STRING, "New, returning or loyal at the latest visit"),
    own(
        "interests", "Interests", AttributeType.ARRAY, "Categories of the products that the person marked as favorites"
    ),
    own("loyaltyCard", "Loyalty card", AttributeType.BOOLEAN, "Whether a buyer is in the loyalty programme"),
    own("loyaltyPoints", "Loyalty points", AttributeType.NUMBER, "A point for each ten paid and kept"),
    own("loyaltySince", "Loyalty since", AttributeType.DATE, "When the person joined the loyalty programme"),
)

TAGS = {
    "buyer": (ChangeSource.SYSTEM, "Paid for an order"),
    "abandoned cart": (ChangeSource.SYSTEM, "Left products in the cart"),
    "regular": (ChangeSource.IMPORT, "Came or bought again"),
    "vip": (ChangeSource.API, "Spent most; chosen by the shop's people"),
    "press": (ChangeSource.API, "Writes about the shop; nobody so far"),
}


async def ensure_definitions(workspace: Workspace, *, now: datetime) -> None:
    """Add the definitions that are missing; those that are there stay as they are."""
    for action, kind in EVENT_TYPES.items():
        await event_definitions.ensure_definition(
            workspace,
            action,
            display_name=kind.display_name,
            description=kind.description,
            icon=kind.icon,
            details=[{"name": name, "param": param} for param, name in kind.details.items()],
            now=now,
        )
    await attribute_definitions.ensure_definitions(workspace, ATTRIBUTES, now=now)
    for name, (source, description) in TAGS.items():
        await tags.ensure_tag(workspace, name, source=source, description=description, now=now)
