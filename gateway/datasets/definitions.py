"""The definitions of a workspace with demo data: its event types, attributes and tags."""

from datetime import datetime
from typing import NamedTuple

from storage import attribute_definitions, event_definitions, tags
from storage.attribute_definitions import NewDefinition
from storage.attributes import AttributeType
from storage.sources import ChangeSource
from storage.store.workspace import Workspace


class EventType(NamedTuple):
    """An event type as people see it; `details` are the lines of the expanded event, by parameter."""

    display_name: str
    description: str
    icon: str
    details: dict[str, str]


PRODUCT = {"productName": "Product", "category": "Category", "price": "Price", "currency": "Currency"}

EVENT_TYPES = {
    "page.visit": EventType(
        "Page visit",
        "Opened a page of the shop",
        "file-text",
        {"pageType": "Page", "url": "Address", "platform": "Platform"},
    ),
    "product.view": EventType("Product view", "Looked at a product", "eye", PRODUCT),
    "product.addToCart": EventType(
        "Added to cart", "Put a product into the cart", "shopping-cart", {**PRODUCT, "quantity": "Quantity"}
    ),
    "product.addToFavorite": EventType("Added to favorites", "Marked a product as a favorite", "heart", PRODUCT),
    "form.submit": EventType("Form", "Sent a form", "edit", {"formName": "Form"}),
    "button.click": EventType("Button", "Clicked a button", "mouse-pointer", {}),
    "transaction.charge": EventType(
        "Purchase",
        "Paid for an order",
        "credit-card",
        {"revenue": "Revenue", "currency": "Currency", "quantity": "Items", "orderId": "Order"},
    ),
    "payment.error": EventType("Failed payment", "A payment did not go through", "alert-triangle", {"reason": "Why"}),
    "checkout.error": EventType("Checkout error", "The checkout showed a fault", "alert-octagon", {}),
}


def own(name: str, display: str, kind: AttributeType, description: str) -> NewDefinition:
    return {"name": name, "displayName": display, "type": kind, "description": description}


ATTRIBUTES = (
    own("acquisitionChannel", "Acquisition channel", AttributeType.STRING, "How the person found the shop"),
    own("cohort", "Cohort", AttributeType.STRING, "Month in which the person came first, as the source says"),
    own("lifecycle", "Lifecycle", AttributeType.STRING, "New, returning or loyal at the latest visit"),
    own(
        "interests", "Interests", AttributeType.ARRAY, "Categories of the products that the person marked as favorites"
    ),
    own("loyaltyCard", "Loyalty card", AttributeType.BOOLEAN, "Whether a buyer is in the loyalty programme"),
    own("loyaltyPoints", "Loyalty points", AttributeType.NUMBER, "A point for each ten paid"),
    own("loyaltySince", "Loyalty since", AttributeType.DATE, "When the person joined the loyalty programme"),
)

TAGS = {
    "buyer": (ChangeSource.SYSTEM, "Paid for an order"),
    "abandoned cart": (ChangeSource.SYSTEM, "Left products in the cart"),
    "regular": (ChangeSource.IMPORT, "Came or bought again"),
    "vip": (ChangeSource.API, "Chosen by the shop's people"),
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
