"""What a visitor of the demo shop looks at, puts into the cart and pays: what the source's events leave out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gateway.datasets.choices import choose, choose_popular, fraction, happens
from gateway.datasets.products import CATEGORIES, PRODUCTS, Product

SITE = "https://shop.example"
QUERIES = ("lamp", "backpack", "gift", "rain", "coffee", "headphones", "notebook", "blanket")
REASONS = ("card declined", "bank unreachable", "expired card", "limit exceeded")


class Item(NamedTuple):
    """A line of the cart."""

    product: Product
    quantity: int

    @property
    def cents(self) -> int:
        return self.product.cents * self.quantity


@dataclass(slots=True)
class Shopper:
    """A visitor while the events are read in order; `favorites` are categories, `spent` is in hundredths."""

    currency: str
    looking_at: Product | None = None
    cart: list[Item] = field(default_factory=list)
    favorites: set[str] = field(default_factory=set)
    spent: int = 0

    def product(self, row: str) -> Product:
        """Return what is being looked at, or something popular for those who came straight here."""
        return self.looking_at or choose_popular(PRODUCTS, row, "product")

    def parameters(self, product: Product) -> dict[str, Any]:
        return {
            "productId": product.id,
            "productName": product.name,
            "category": product.category,
            "price": product.cents / 100,
            "currency": self.currency,
        }


def page(kind: str, **params: Any) -> dict[str, Any]:
    return {"pageType": kind, "url": f"{SITE}/{kind}", **params}


def search(_: Shopper, row: str) -> dict[str, Any]:
    return page("search", query=choose_popular(QUERIES, row))


def filter_results(_: Shopper, row: str) -> dict[str, Any]:
    return page("filter_results", category=choose(tuple(CATEGORIES), row))


def view(shopper: Shopper, row: str) -> dict[str, Any]:
    shopper.looking_at = choose_popular(PRODUCTS, row, "product")
    return shopper.parameters(shopper.looking_at)


def add_to_cart(shopper: Shopper, row: str) -> dict[str, Any]:
    item = Item(shopper.product(row), 2 if happens(0.2, row, "quantity") else 1)
    shopper.cart.append(item)
    return {**shopper.parameters(item.product), "quantity": item.quantity}


def add_to_favorites(shopper: Shopper, row: str) -> dict[str, Any]:
    product = shopper.product(row)
    shopper.favorites.add(product.category)
    return shopper.parameters(product)


def purchase(shopper: Shopper, row: str) -> dict[str, Any]:
    """Pay for the cart; a visitor whose cart the source never filled buys one thing."""
    items = shopper.cart or [Item(shopper.product(row), 1)]
    cents = sum(item.cents for item in items)
    shopper.cart, shopper.spent = [], shopper.spent + cents
    return {
        "orderId": order_id(row),
        "revenue": cents / 100,
        "currency": shopper.currency,
        "quantity": sum(item.quantity for item in items),
        "items": [
            {
                "productId": item.product.id,
                "name": item.product.name,
                "category": item.product.category,
                "quantity": item.quantity,
                "price": item.product.cents / 100,
            }
            for item in items
        ],
    }


def payment_error(_: Shopper, row: str) -> dict[str, Any]:
    return {"reason": choose(REASONS, row, "reason")}


def order_id(row: str) -> str:
    return f"O-{int(fraction(row, 'order') * 10**8):08}"


class EventTemplate(NamedTuple):
    """How an event of the source is stored: its action, its label, which names parameters in braces, and those."""

    action: str
    label: str
    params: Callable[[Shopper, str], dict[str, Any]]


def visit(kind: str, label: str) -> EventTemplate:
    return EventTemplate("page.visit", label, lambda *_: page(kind))


EVENT_TEMPLATES: Mapping[str, EventTemplate] = {
    "home": visit("home", "Visited the home page"),
    "catalog": visit("catalog", "Visited the catalog"),
    "promo_page": visit("promo_page", "Visited a promotion"),
    "cart": visit("cart", "Looked into the cart"),
    "account_page": visit("account_page", "Visited the account page"),
    "compare": visit("compare", "Compared products"),
    "review_page": visit("review_page", "Read reviews"),
    "error_page": visit("error_page", "Met an error page"),
    "search": EventTemplate("page.visit", "Searched for {query}", search),
    "filter_results": EventTemplate("page.visit", "Filtered by {category}", filter_results),
    "product_view": EventTemplate("product.view", "Viewed {productName}", view),
    "add_to_cart": EventTemplate("product.addToCart", "Added {productName} to the cart", add_to_cart),
    "wishlist_add": EventTemplate("product.addToFavorite", "Added {productName} to the favorites", add_to_favorites),
    "shipping_details": EventTemplate(
        "form.submit", "Gave shipping details", lambda *_: {"formName": "shipping_details"}
    ),
    "payment_details": EventTemplate("form.submit", "Gave payment details", lambda *_: {"formName": "payment_details"}),
    "support_chat": EventTemplate("button.click", "Opened the support chat", lambda *_: {"buttonName": "support_chat"}),
    "purchase": EventTemplate("transaction.charge", "Paid {revenue:.2f} {currency}", purchase),
    "payment_error": EventTemplate("payment.error", "Payment failed: {reason}", payment_error),
    "checkout_bug": EventTemplate("checkout.error", "Met a fault in the checkout", lambda *_: {"step": "checkout"}),
}
