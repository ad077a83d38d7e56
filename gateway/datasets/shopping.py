"""What a visitor of the demo shop looks at and puts into the cart: what the source's events leave out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from gateway.datasets.choices import choose, choose_popular, happens
from gateway.datasets.products import CATEGORIES, PRODUCTS, Item, Product

SITE, SHOP = "https://shop.example", "Shop Example"
QUERIES = ("lamp", "backpack", "gift", "rain jacket", "coffee", "headphones", "notebook", "warm blanket")
REASONS = ("card declined", "bank unreachable", "expired card", "limit exceeded")


@dataclass(slots=True)
class Shopper:
    """A visitor while the events are read in order; `favorites` are categories.

    `spent` is in hundredths, less what was paid back.
    """

    currency: str
    looking_at: Product | None = None
    cart: list[Item] = field(default_factory=list)
    favorites: set[str] = field(default_factory=set)
    spent: int = 0
    has_paid: bool = False

    def product(self, row: str) -> Product:
        """Return what is being looked at, or something popular for those who came straight here."""
        return self.looking_at or choose_popular(PRODUCTS, row, "product")

    def parameters(self, product: Product) -> dict[str, Any]:
        return {
            "sku": product.sku,
            "productName": product.name,
            "category": product.category,
            "price": product.cents / 100,
            "currency": self.currency,
        }


def page(kind: str, title: str, path: str | None = None, **params: Any) -> dict[str, Any]:
    return {"pageType": kind, "title": f"{title} | {SHOP}", "url": f"{SITE}/{path or kind}", **params}


def product_page(product: Product) -> dict[str, Any]:
    slug = product.name.casefold().replace(" ", "-")
    return page("product", product.name, f"products/{product.sku}/{slug}", sku=product.sku)


def search(_: Shopper, row: str) -> dict[str, Any]:
    query = choose_popular(QUERIES, row)
    return page("search", f"Results for {query}", f"search?q={quote_plus(query)}", query=query)


def filter_results(_: Shopper, row: str) -> dict[str, Any]:
    category = choose(tuple(CATEGORIES), row)
    return page("filter_results", category, f"catalog?category={category.casefold()}", category=category)


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


def payment_error(_: Shopper, row: str) -> dict[str, Any]:
    return {"reason": choose(REASONS, row, "reason")}


class EventTemplate(NamedTuple):
    """How a row of the source is told: its action, its label, which names parameters in braces, and those."""

    action: str
    label: str
    params: Callable[[Shopper, str], dict[str, Any]]


def visit(kind: str, title: str, label: str) -> EventTemplate:
    return EventTemplate("page.visit", label, lambda *_: page(kind, title))


def form(name: str, label: str) -> EventTemplate:
    return EventTemplate("form.submit", label, lambda *_: {"formName": name})


# A purchase is told by `orders`, since it is several events.
EVENT_TEMPLATES: Mapping[str, EventTemplate] = {
    "home": visit("home", "Home", "Visited the home page"),
    "catalog": visit("catalog", "Catalog", "Visited the catalog"),
    "promo_page": visit("promo_page", "This week's offers", "Visited a promotion"),
    "cart": visit("cart", "Your cart", "Looked into the cart"),
    "account_page": visit("account_page", "Your account", "Visited the account page"),
    "compare": visit("compare", "Compare products", "Compared products"),
    "review_page": visit("review_page", "What others say", "Read reviews"),
    "error_page": visit("error_page", "Something went wrong", "Met an error page"),
    "search": EventTemplate("page.visit", "Searched for {query}", search),
    "filter_results": EventTemplate("page.visit", "Filtered by {category}", filter_results),
    "product_view": EventTemplate("product.view", "Viewed {productName}", view),
    "add_to_cart": EventTemplate("product.addToCart", "Added {productName} to the cart", add_to_cart),
    "wishlist_add": EventTemplate("product.addToFavorite", "Added {productName} to the favorites", add_to_favorites),
    "shipping_details": form("shipping_details", "Gave shipping details"),
    "payment_details": form("payment_details", "Gave payment details"),
    "support_chat": EventTemplate("button.click", "Opened the support chat", lambda *_: {"buttonName": "support_chat"}),
    "payment_error": EventTemplate("payment.error", "Payment failed: {reason}", payment_error),
    "checkout_bug": EventTemplate("checkout.error", "Met a fault in the checkout", lambda *_: {"step": "payment"}),
}
