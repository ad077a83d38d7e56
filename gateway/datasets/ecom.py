"""The data set `ecom`: synthetic visits to a shop, from `retentioneering`; the newest are on the day of the load."""

import csv
import gzip
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path

from gateway.datasets.choices import fraction, happens
from gateway.datasets.consents import Consent, agree, agree_to_whatsapp
from gateway.datasets.dataset import Customer, DataSet, Turn, check_size
from gateway.datasets.devices import Seen, locate, register
from gateway.datasets.figures import OF_ECOM
from gateway.datasets.happening import event_of
from gateway.datasets.people import introduce
from gateway.datasets.story import Story, began, story_of
from gateway.datasets.team import CUSTOMER, LOADER
from gateway.datasets.visits import Visit, apart
from gateway.datasets.work import work_of
from storage.sources import ChangeSource
from storage.write.working_copy import Edit

NAME = "ecom"
CUSTOMERS, ROWS = 600, 31_106
VIP_FROM = 45_000  # hundredths, spent less what was paid back


def read(file: Path) -> list[Customer[Visit]]:
    """Return the visitors, the one seen last first."""
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    visits = [
        (
            row["user_id"],
            Visit(
                str(number),
                datetime.fromisoformat(row["timestamp"]),
                row["event"],
                row["session_id"],
                row["platform"],
                row["acquisition_channel"],
                row["user_lifecycle"],
            ),
        )
        for number, row in enumerate(rows, 1)
    ]
    customers = [
        Customer(user, apart(visit for _, visit in group)) for user, group in groupby(visits, key=lambda row: row[0])
    ]
    check_size(NAME, customers, customers_expected=CUSTOMERS, rows_expected=ROWS)
    return sorted(customers, key=lambda customer: customer.rows[-1].at, reverse=True)


def story(customer: Customer[Visit], anchor: datetime) -> Story:
    return story_of(f"{NAME}:{customer.id}", customer.rows, anchor)


def created_at(customer: Customer[Visit], anchor: datetime) -> datetime:
    return began(f"{NAME}:{customer.id}", customer.rows, anchor)


def turns(customer: Customer[Visit], anchor: datetime) -> Iterator[Turn]:
    """Yield what became of a profile: as the visitor made it, then agreements, then the edits of the shop's people."""
    told = story(customer, anchor)
    states = [state for states in told.agreements.values() for state in states]
    first = [state for state in states if state.before is None]
    yield Turn(LOADER, partial(populate, customer_id=customer.id, told=told, first=first))
    for is_withdrawal in (False, True):
        later = [state for state in states if state.before and state.is_withdrawal == is_withdrawal]
        if later:
            yield Turn(CUSTOMER, partial(agree, states=later))
    yield from work_of(told, is_vip=told.shopper.spent >= VIP_FROM)


def populate(working: Edit, *, customer_id: str, told: Story, first: Sequence[Consent]) -> None:
    """Make the profile of a visitor, with everything that happened."""
    for happening in told.happened:
        working.add_event(event_of(NAME, happening))
    register(working, told.subject, seen(told))
    if happens(0.35, told.subject, "tracked"):
        locate(working, told.subject, told.home, at=told.until)
    if told.person:
        introduce(working, told.person, source=ChangeSource.SDK, at=told.since)
        working.set("customId", customer_id)
    agree(working, first)
    agree_to_whatsapp(working, told.subject, source=ChangeSource.SDK, at=told.since)
    classify(working, told)
    if told.shopper.spent:
        reward(working, told)


def seen(told: Story) -> dict[str, Seen]:
    platforms = sorted({visit.platform for visit in told.visits})
    times = {name: [told.clock.at(visit.at) for visit in told.visits if visit.platform == name] for name in platforms}
    return {platform: Seen(at[0], at[-1]) for platform, at in times.items()}


def classify(working: Edit, told: Story) -> None:
    """Add what the source says about the visitor as a whole, and the tags that follow from the events."""
    newest, shopper, until = told.visits[-1], told.shopper, told.until
    for name, value in (
        ("acquisitionChannel", newest.channel),
        ("cohort", f"{told.since:%Y-%m}"),
        ("lifecycle", newest.lifecycle),
    ):
        working.set_attribute(name, value, source=ChangeSource.IMPORT, at=until)
    if shopper.favorites:
        working.set_attribute("interests", sorted(shopper.favorites), source=ChangeSource.AUTOMATION, at=until)
    if shopper.has_paid:
        working.add_tag("buyer", source=ChangeSource.SYSTEM, at=until)
    if shopper.cart:
        working.add_tag("abandoned cart", source=ChangeSource.SYSTEM, at=until)
    if newest.lifecycle == "loyal":
        working.add_tag("regular", source=ChangeSource.IMPORT, at=until)


def reward(working: Edit, told: Story) -> None:
    """Add the loyalty programme, which some buyers are in."""
    subject, since, until = told.subject, told.since, told.until
    member = happens(0.6, subject, "loyalty")
    working.set_attribute("loyaltyCard", member, source=ChangeSource.API, at=since)
    if member:
        joined = since + (until - since) * fraction(subject, "joined")
        working.set_attribute("loyaltyPoints", told.shopper.spent // 1000, source=ChangeSource.API, at=until)
        working.set_attribute("loyaltySince", joined.replace(microsecond=0), source=ChangeSource.API, at=joined)


DATASET = DataSet(NAME, CUSTOMERS, read, created_at, turns, OF_ECOM)
