"""The event types of the demo shop as people see them: names, icons, and what an event shows when it is expanded."""

from typing import NamedTuple


class EventType(NamedTuple):
    """An event type as people see it; `details` are the lines of the expanded event, by parameter."""

    display_name: str
    description: str
    icon: str
    details: dict[str, str]


PRODUCT = {"productName": "Product", "category": "Category", "price": "Price", "currency": "Currency"}
ORDER = {"amount": "Amount", "currency": "Currency", "orderId": "Order"}
CAMPAIGN = {"campaignName": "Campaign", "campaignId": "Campaign id", "messageId": "Message"}
DEVICE = {"platform": "Platform", "deviceUuid": "Device"}

VISITS = {
    "client.applicationStarted": EventType("App start", "Started the shop's app", "smartphone", DEVICE),
    "page.visit": EventType(
        "Page visit", "Opened a page of the shop", "file-text", {"title": "Page", "url": "Address", "query": "Search"}
    ),
    "screen.view": EventType(
        "Screen", "Opened a screen of the app", "tablet", {"title": "Screen", "query": "Search", "platform": "Platform"}
    ),
    "product.view": EventType("Product view", "Looked at a product", "eye", PRODUCT),
    "product.addToCart": EventType(
        "Added to cart", "Put a product into the cart", "shopping-cart", {**PRODUCT, "quantity": "Quantity"}
    ),
    "product.addToFavorite": EventType("Added to favorites", "Marked a product as a favorite", "heart", PRODUCT),
    "form.submit": EventType("Form", "Sent a form", "edit", {"formName": "Form"}),
    "button.click": EventType("Button", "Clicked a button", "mouse-pointer", {}),
}

TRANSACTIONS = {
    "transaction.charge": EventType("Purchase", "Paid for an order", "credit-card", {**ORDER, "quantity": "Items"}),
    "transaction.cancel": EventType(
        "Cancelled purchase", "Was paid back for an order or a part of it", "rotate-ccw", {**ORDER, "reason": "Why"}
    ),
    "product.buy": EventType(
        "Bought product",
        "One line of an order, which the purchase has as well",
        "package",
        {**PRODUCT, "quantity": "Quantity", "orderId": "Order"},
    ),
    "payment.error": EventType("Failed payment", "A payment did not go through", "alert-triangle", {"reason": "Why"}),
    "checkout.error": EventType("Checkout error", "The checkout showed a fault", "alert-octagon", {}),
}

EMAILS = {
    "message.send": EventType("Email sent", "An email was sent to the person", "send", CAMPAIGN),
    "message.deliver": EventType("Email delivered", "An email reached the mailbox", "inbox", CAMPAIGN),
    "message.open": EventType("Email opened", "Opened an email", "mail", CAMPAIGN),
    "message.click": EventType("Email clicked", "Followed a link in an email", "external-link", CAMPAIGN),
    "message.bounce": EventType(
        "Email bounced", "An email came back", "x-circle", {"type": "Kind", "reason": "Why", **CAMPAIGN}
    ),
    "message.unsubscribe": EventType("Unsubscribed", "Wants no more letters", "user-minus", CAMPAIGN),
}


def notifications(action: str, kind: str) -> dict[str, EventType]:
    """Return the event types of one kind of push."""
    seen = {**CAMPAIGN, "platform": "Platform"}
    return {
        f"{action}.send": EventType(f"{kind} sent", "A notification was sent to a device", "send", seen),
        f"{action}.show": EventType(f"{kind} shown", "A device showed a notification", "bell", seen),
        f"{action}.click": EventType(f"{kind} clicked", "Clicked a notification", "mouse-pointer", seen),
        f"{action}.subscribe": EventType(f"{kind} allowed", "Allowed notifications on a device", "bell", DEVICE),
        f"{action}.unsubscribe": EventType(f"{kind} refused", "Wants no more notifications", "bell-off", DEVICE),
    }


CONTENT = {**CAMPAIGN, "placement": "Where"}
BANNERS = {
    "dynamicContent.show": EventType("Banner shown", "The shop showed a banner", "layout", CONTENT),
    "dynamicContent.click": EventType("Banner clicked", "Clicked a banner", "mouse-pointer", CONTENT),
    "dynamicContent.close": EventType("Banner closed", "Closed a banner", "x", CONTENT),
}

EVENT_TYPES = {
    **VISITS,
    **TRANSACTIONS,
    **EMAILS,
    **notifications("webPush", "Web push"),
    **notifications("mobilePush", "Mobile push"),
    **BANNERS,
}
