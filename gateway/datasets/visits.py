"""Visits as the source of `ecom` has them, and what it lacks for the books to add up: full carts, second orders."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from gateway.datasets.choices import fraction, happens

TICK = timedelta(milliseconds=1)
BUYS_AGAIN = 0.55
CHECKOUT = ("cart", "shipping_details", "payment_details", "purchase")
BEFORE_PAYING = frozenset({*CHECKOUT, "payment_error", "checkout_bug"})


class Visit(NamedTuple):
    """A row of the source, by its number, or an invented one. `at` has no zone: it is the visitor's local time."""

    key: str
    at: datetime
    event: str
    session: str
    platform: str
    channel: str
    lifecycle: str


def apart(visits: Iterable[Visit]) -> list[Visit]:
    """Return the visits a millisecond apart at least, so that those of one second keep their order."""
    spread: list[Visit] = []
    for visit in visits:
        earliest = spread[-1].at + TICK if spread else visit.at
        spread.append(visit if visit.at >= earliest else visit._replace(at=earliest))
    return spread


def completed(subject: str, visits: Sequence[Visit]) -> list[Visit]:
    """Return the visits of a customer with those that are invented."""
    return with_carts([visit for session in sessions_of(visits) for visit in with_order(subject, visits, session)])


def sessions_of(visits: Iterable[Visit]) -> Iterator[list[Visit]]:
    for _, session in groupby(visits, key=attrgetter("session")):
        yield list(session)


def with_order(subject: str, visits: Sequence[Visit], session: list[Visit]) -> list[Visit]:
    """Return a session, with a checkout at its end if a buyer put something into the cart and is to pay this time."""
    happened = {visit.event for visit in session}
    is_buyer = any(visit.event == "purchase" for visit in visits)
    if not is_buyer or "add_to_cart" not in happened or "purchase" in happened:
        return session
    if not happens(BUYS_AGAIN, subject, session[0].session, "buys again"):
        return session
    paid, newest = list(session), session[-1]
    for event in CHECKOUT:
        key = f"{newest.key}:{event}"
        at = paid[-1].at + timedelta(seconds=15 + int(fraction(subject, key) * 50))
        paid.append(newest._replace(key=key, at=at, event=event))
    return paid


def with_carts(visits: Iterable[Visit]) -> list[Visit]:
    """Return the visits with something put into the cart before each purchase that would have found it empty."""
    told: list[Visit] = []
    is_empty = True
    for visit in visits:
        if visit.event == "purchase":
            if is_empty:
                fill_cart(told, visit)
            is_empty = True
        elif visit.event == "add_to_cart":
            is_empty = False
        told.append(visit)
    return told


def fill_cart(told: list[Visit], purchase: Visit) -> None:
    """Put something into the cart before the checkout that leads to a purchase."""
    place = len(told)
    while (
        place and told[place - 1].session == purchase.session and told[place - 1].event in BEFORE_PAYING - {"purchase"}
    ):
        place -= 1
    after = told[place] if place < len(told) else purchase
    before = told[place - 1] if place else None
    follows = before is not None and before.session == purchase.session
    at = before.at + (after.at - before.at) / 2 if before and follows else after.at - timedelta(seconds=20)
    told.insert(place, purchase._replace(key=f"{purchase.key}:cart", event="add_to_cart", at=at))
