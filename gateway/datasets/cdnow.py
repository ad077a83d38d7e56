"""The data set `cdnow`: the real purchases of a shop for music in 1997 and 1998, from `lifetimes`."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from gateway.datasets.choices import happens
from gateway.datasets.consents import agree, agree_to_whatsapp, consents
from gateway.datasets.dataset import Customer, DataSet, Turn, check_size
from gateway.datasets.devices import event_uuid
from gateway.datasets.figures import OF_CDNOW
from gateway.datasets.people import introduce, invent
from gateway.datasets.remarks import description_of
from gateway.datasets.team import LOADER
from storage.events import Direction, EventDoc
from storage.profiles import Channel
from storage.sources import ChangeSource
from storage.store.ids import time_id
from storage.write.working_copy import Edit

NAME = "cdnow"
CUSTOMERS, EVENTS = 23_570, 69_659


class Purchase(NamedTuple):
    """A row of the source. The value is in cents, since a sum of dollars would not be exact."""

    number: int
    at: datetime
    quantity: int
    cents: int


def read(file: Path) -> list[Customer[Purchase]]:
    """Return the customers in the order of the file: by id."""
    rows = [line.split() for line in file.read_text(encoding="ascii").splitlines()[1:] if line.strip()]
    purchases = [
        (customer, Purchase(number, noon(day), int(quantity), round(float(value) * 100)))
        for number, (customer, day, quantity, value) in enumerate(rows, 1)
    ]
    customers = [
        Customer(id, apart([purchase for _, purchase in group]))
        for id, group in groupby(purchases, key=lambda row: row[0])
    ]
    check_size(NAME, customers, customers_expected=CUSTOMERS, rows_expected=EVENTS)
    return customers


def noon(day: str) -> datetime:
    """Return the moment that a day stands for: noon in UTC, which is the same day nearly everywhere."""
    return datetime(int(day[:4]), int(day[4:6]), int(day[6:]), 12, tzinfo=UTC)


def apart(purchases: Sequence[Purchase]) -> list[Purchase]:
    """Return the purchases in order of time, those of one day a millisecond apart in the order of the file."""
    spread: list[Purchase] = []
    for purchase in sorted(purchases, key=lambda purchase: (purchase.at, purchase.number)):
        earliest = spread[-1].at + timedelta(milliseconds=1) if spread else purchase.at
        spread.append(purchase if purchase.at >= earliest else purchase._replace(at=earliest))
    return spread


def created_at(customer: Customer[Purchase], _: datetime) -> datetime:
    return customer.rows[0].at


def turns(customer: Customer[Purchase], anchor: datetime) -> Iterator[Turn]:
    yield Turn(LOADER, partial(populate, customer=customer, anchor=anchor))


def populate(working: Edit, *, customer: Customer[Purchase], anchor: datetime) -> None:
    """Make the profile of a customer; seven of ten gave an email."""
    subject, purchases = f"{NAME}:{customer.id}", customer.rows
    since, until = created_at(customer, anchor), purchases[-1].at
    for purchase in purchases:
        working.add_event(event(working.profile["workspace"], purchase, anchor))
    working.set("customId", customer.id)
    if happens(0.7, subject, "known"):
        introduce(working, person := invent(subject), source=ChangeSource.IMPORT, at=since)
        working.set("description", description_of(subject))
        channels = [Channel.EMAIL, *([Channel.SMS] if person.phone else [])]
        for states in consents(subject, channels, since=since, until=until).values():
            agree(working, states, source=ChangeSource.IMPORT)
        agree_to_whatsapp(working, subject, source=ChangeSource.IMPORT, at=since)
    working.add_tag("buyer", source=ChangeSource.SYSTEM, at=until)
    if len(purchases) > 1:
        working.add_tag("regular", source=ChangeSource.IMPORT, at=until)


def event(workspace: str, purchase: Purchase, anchor: datetime) -> EventDoc:
    uuid = event_uuid(NAME, str(purchase.number))
    amount = purchase.cents / 100
    return {
        "_id": time_id(purchase.at, workspace, uuid),
        "uuid": uuid,
        "action": "transaction.charge",
        "label": f"Paid {amount:.2f} USD",
        "occurredAt": purchase.at,
        "receivedAt": anchor,
        "source": "IMPORT",
        "ip": None,
        "direction": Direction.BY_PROFILE,
        "params": {"quantity": purchase.quantity, "amount": amount, "currency": "USD"},
    }


DATASET = DataSet(NAME, CUSTOMERS, read, created_at, turns, OF_CDNOW)
