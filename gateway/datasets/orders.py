"""Orders of the demo shop: paid for, told thing by thing beside that, and sometimes taken back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.datasets.choices import choose, fraction, happens
from gateway.datasets.clock import Clock
from gateway.datasets.happening import Happening
from gateway.datasets.products import Item
from gateway.datasets.shopping import Shopper
from gateway.datasets.visits import TICK

CANCELLED, RETURNED = 0.05, 0.15
WHY_CANCELLED = ("ordered twice", "found it cheaper", "delivery takes too long")
WHY_RETURNED = ("wrong size", "arrived damaged", "not as described", "changed my mind")


@dataclass(frozen=True, slots=True)
class Order:
    """What was paid for at once; its sum is in hundredths."""

    id: str
    at: datetime
    currency: str
    items: Sequence[Item]

    @property
    def cents(self) -> int:
        return sum(item.cents for item in self.items)


def order_of(shopper: Shopper, row: str, at: datetime) -> Order:
    """Pay for what is in the cart."""
    order = Order(f"O-{int(fraction(row, 'order') * 10**8):08}", at, shopper.currency, shopper.cart)
    shopper.cart, shopper.spent, shopper.has_paid = [], shopper.spent + order.cents, True
    return order


def charge(order: Order, row: str) -> Happening:
    params = {
        "orderId": order.id,
        "amount": order.cents / 100,
        "currency": order.currency,
        "quantity": sum(item.quantity for item in order.items),
        "items": [line(item) for item in order.items],
    }
    return Happening(row, order.at, "transaction.charge", f"Paid {order.cents / 100:.2f} {order.currency}", params)


def line(item: Item) -> dict[str, Any]:
    product = item.product
    return {
        "sku": product.sku,
        "productName": product.name,
        "category": product.category,
        "price": product.cents / 100,
        "quantity": item.quantity,
    }


def buys(order: Order, row: str) -> Iterator[Happening]:
    """Yield an event for each line of an order; what they say is in the charge already and must not be added to it."""
    for place, item in enumerate(order.items, 1):
        params = {"orderId": order.id, "currency": order.currency, **line(item)}
        label = f"Bought {item.product.name}"
        yield Happening(f"{row}:buy:{place}", order.at + place * TICK, "product.buy", label, params)


def taken_back(order: Order, row: str, clock: Clock) -> tuple[Happening, int] | None:
    """Return how an order was cancelled within a day, or one line of it returned within two weeks, and its cents."""
    if happens(CANCELLED, row, "cancelled"):
        items, reason, days = order.items, choose(WHY_CANCELLED, row, "why"), 1
    elif happens(RETURNED, row, "returned"):
        items, reason, days = [choose(order.items, row, "returned item")], choose(WHY_RETURNED, row, "why"), 14
    else:
        return None
    cents = sum(item.cents for item in items)
    params = {
        "orderId": order.id,
        "amount": cents / 100,
        "currency": order.currency,
        "items": [line(item) for item in items],
        "reason": reason,
    }
    at = clock.office_hours(order.at, days, row, "taken back")
    what = "Cancelled" if reason in WHY_CANCELLED else f"Returned {items[0].product.name} of"
    label = f"{what} order {order.id}: {cents / 100:.2f} {order.currency}"
    return Happening(f"{row}:cancel", at, "transaction.cancel", label, params), cents
