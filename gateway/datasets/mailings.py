"""Emails of the demo shop: letters to those who agreed, confirmations of orders, and what became of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from gateway.datasets.choices import fraction, happens
from gateway.datasets.clock import Clock
from gateway.datasets.consents import Period
from gateway.datasets.happening import Happening, message_id
from gateway.datasets.orders import Order
from storage.events import Direction

# What becomes of a letter: a share of all, of those delivered, of those opened; and of addresses that are gone.
BOUNCED_SOFT, OPENED, CLICKED, GONE = 0.04, 0.48, 0.35, 0.12
SENT_AT = 9  # o'clock at the recipient's
READ_WITHIN = timedelta(hours=11)


class Campaign(NamedTuple):
    """A letter to many, on a day of the source; its times move as those of visits do."""

    id: str
    name: str
    day: date


TITLES = ("New in the shop", "Ten things for rainy days", "Our people's favorites", "Last pieces", "What you asked for")
LETTERS = tuple(
    Campaign(f"letter-{number + 1:02}", f"{TITLES[number % len(TITLES)]} (letter {number + 1})", day)
    for number in range(13)
    for day in [date(2024, 1, 9) + timedelta(days=14) * number]
)
CONFIRMATION = Campaign("order-confirmation", "Your order", date(2024, 1, 1))


@dataclass(frozen=True, slots=True)
class Email:
    """One message to one customer; `subject` is the customer and the key is the message's."""

    subject: str
    key: str
    at: datetime
    params: dict[str, Any]

    def told(self, step: str, label: str, after: timedelta, **params: Any) -> Happening:
        is_ours = step in {"send", "deliver", "bounce"}
        return Happening(
            f"{self.key}:{step}",
            self.at + after,
            f"message.{step}",
            f"{label} “{self.params['campaignName']}”",
            {**self.params, **params},
            Direction.FOR_PROFILE if is_ours else Direction.BY_PROFILE,
        )

    def chain(self, *, hard: bool = False, unsubscribes: bool = False, read_within: timedelta) -> Iterator[Happening]:
        """Yield what became of the message: sent, delivered or bounced, opened, clicked, and not wanted again."""
        yield self.told("send", "Sent", timedelta())
        delivered = timedelta(seconds=2 + int(fraction(self.key, "delivered") * 90))
        if hard or (not unsubscribes and happens(BOUNCED_SOFT, self.key, "soft")):
            kind, why = ("hard", "no such address") if hard else ("soft", "mailbox full")
            yield self.told("bounce", "Could not deliver", delivered, type=kind, reason=why)
            return
        yield self.told("deliver", "Delivered", delivered)
        if not unsubscribes and not happens(OPENED, self.key, "opened"):
            return
        opened = delivered + timedelta(minutes=1) + read_within * fraction(self.key, "open") ** 2
        yield self.told("open", "Opened", opened)
        if unsubscribes:
            yield self.told("unsubscribe", "Unsubscribed in", opened + timedelta(seconds=40))
        elif happens(CLICKED, self.key, "clicked"):
            yield self.told("click", "Clicked in", opened + timedelta(seconds=12))


def email(subject: str, campaign: Campaign, key: str, at: datetime, **params: Any) -> Email:
    of_message = {
        "channel": "email",
        "campaignId": campaign.id,
        "campaignName": campaign.name,
        "messageId": message_id(key),
    }
    return Email(subject, key, at, {**of_message, **params})


def letters(subject: str, period: Period, clock: Clock) -> list[Happening]:
    """Return the letters to a customer while the agreement was in force.

    To an address that is gone none follow the hard bounce. Who withdraws the agreement does so in the last letter.
    """
    days = ((letter, clock.morning(letter.day, SENT_AT, subject, letter.id)) for letter in LETTERS)
    sent = [(letter, at) for letter, at in days if period.since < at < period.until]
    if sent and not period.is_withdrawn and happens(GONE, subject, "address is gone"):
        sent = sent[: 1 + int(fraction(subject, "last address") * len(sent))]
        gone = len(sent) - 1
    else:
        gone = len(sent)
    told: list[Happening] = []
    for place, (letter, at) in enumerate(sent):
        leaves = period.is_withdrawn and place == len(sent) - 1
        message = email(subject, letter, f"{subject}:{letter.id}", at)
        told += message.chain(hard=place == gone, unsubscribes=leaves, read_within=READ_WITHIN)
    return told


def confirmations(subject: str, orders: Sequence[tuple[str, Order]]) -> Iterator[Happening]:
    """Yield the confirmation of each order, which needs no agreement."""
    for row, order in orders:
        message = email(
            subject, CONFIRMATION, f"{row}:confirmation", order.at + timedelta(seconds=20), orderId=order.id
        )
        yield from message.chain(read_within=timedelta(minutes=40))


def left_at(mailed: Sequence[Happening]) -> datetime | None:
    """Return when a customer unsubscribed."""
    return next((each.at for each in mailed if each.action == "message.unsubscribe"), None)
