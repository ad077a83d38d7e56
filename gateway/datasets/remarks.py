"""Invented notes and descriptions, as the people of a shop would write them about what happened with a customer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from gateway.datasets.choices import choose, happens
from gateway.datasets.clock import Clock
from gateway.datasets.happening import Happening
from gateway.datasets.team import Colleague, caretaker, salesperson

MOST = 4


class Remark(NamedTuple):
    """A note to be written."""

    author: Colleague
    at: datetime
    title: str
    text: str


class Occasion(NamedTuple):
    """What notes are written about: how often, and what they may say, with an event's parameters in braces."""

    chance: float
    texts: Sequence[tuple[str, str]]


OCCASIONS: Mapping[str, Occasion] = {
    "transaction.charge": Occasion(
        0.16,
        (
            ("Delivery", "Asked whether order {orderId} can be left with a neighbour. Told yes, with a name on it."),
            ("Delivery", "{item} of order {orderId} came two days late. Apologized and sent a voucher."),
            (
                "Invoice",
                "Needs the company's name on the invoice of {orderId} ({amount:.2f} {currency}). Sent it again.",
            ),
            ("Gift", "A present: no prices in the parcel, please. {item}, order {orderId}."),
            ("Praise", "Wrote a kind letter about “{item}”. May be quoted."),
            ("Question", "Asked how to look after {item} from order {orderId}. Sent the leaflet."),
        ),
    ),
    "transaction.cancel": Occasion(
        0.85,
        (
            ("Return", "{item} of order {orderId} taken back: {reason}. {amount:.2f} {currency} refunded."),
            (
                "Return",
                "Called about order {orderId}: {item}, {reason}. Refund of {amount:.2f} {currency} is under way.",
            ),
        ),
    ),
    "payment.error": Occasion(
        0.3,
        (
            ("Payment", "A payment did not go through: {reason}. Explained how to pay by invoice."),
            ("Payment", "Was annoyed about “{reason}” at the checkout. Suggested another card, which worked."),
        ),
    ),
    "checkout.error": Occasion(
        0.6, (("Fault", "The checkout failed at the step {step}. Told the web team, who know about it."),)
    ),
    "button.click": Occasion(
        0.22,
        (
            ("Chat", "Asked in the chat when things will be back in stock. Promised an answer by the end of the week."),
            ("Chat", "Wanted to know about sizes. Would rather be called after five in the afternoon."),
            ("Chat", "Asked about our terms for larger orders. Passed on to sales."),
        ),
    ),
    "message.bounce": Occasion(0.7, (("Email", "“{campaignName}” came back: {reason}. Ask for a new address."),)),
    "message.unsubscribe": Occasion(
        0.4, (("Letters", "Finds a letter every two weeks too much; unsubscribed in “{campaignName}”."),)
    ),
}
BY_SALES = frozenset({"Invoice", "Praise"})
DESCRIPTIONS = (
    "Compares for a long time, then buys several things at once.",
    "Buys mostly gifts.",
    "Runs a small shop and buys for it now and then.",
    "Reads every review before deciding.",
    "Likes to be told about new things before others.",
)


def remarks(subject: str, happened: Sequence[Happening], clock: Clock) -> list[Remark]:
    """Return the newest few notes about what happened to a customer, in order of time."""
    found = []
    for happening in happened:
        occasion = OCCASIONS.get(happening.action)
        if occasion is None or not is_remarkable(happening) or not happens(occasion.chance, happening.key, "noted"):
            continue
        title, text = choose(occasion.texts, happening.key, "note")
        at = clock.office_hours(happening.at, 2, happening.key, "noted")
        author = salesperson(subject) if title in BY_SALES else caretaker(subject)
        if at <= clock.anchor:
            found.append(Remark(author, at, title, text.format(**words_of(happening))))
    return found[-MOST:]


def is_remarkable(happening: Happening) -> bool:
    """Return whether people hear of it: of a mailbox that is full they do not."""
    return happening.params.get("type") != "soft"


def words_of(happening: Happening) -> dict[str, Any]:
    """Return what a text may name: the parameters, the first thing that it is about, and the day."""
    items = happening.params.get("items") or [{}]
    return {
        "item": items[0].get("productName", "the order"),
        "day": f"{happening.at.day} {happening.at:%B}",
        **happening.params,
    }


def description_of(subject: str) -> str | None:
    return choose(DESCRIPTIONS, subject, "description") if happens(0.2, subject, "described") else None
