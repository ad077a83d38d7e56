"""The data set `ecom`: synthetic visits to a shop, from `retentioneering`; the newest is as old as the first load."""

import csv
import gzip
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from gateway.datasets.choices import fraction, happens
from gateway.datasets.consents import agree
from gateway.datasets.dataset import Customer, DataSet, check_size
from gateway.datasets.devices import Seen, device_uuid, event_uuid, ip_address, locate, register
from gateway.datasets.people import home_of, introduce, invent
from gateway.datasets.remarks import remark
from gateway.datasets.shopping import EVENT_TEMPLATES, Shopper
from storage.events import Direction, EventDoc
from storage.sources import ChangeSource
from storage.store.ids import time_id
from storage.write.working_copy import Edit

NAME = "ecom"
CUSTOMERS, EVENTS = 600, 31_106
SOURCES = {"desktop": "WEB SDK", "mobile": "MOBILE SDK", "tablet": "MOBILE SDK"}
TICK = timedelta(milliseconds=1)


class Visit(NamedTuple):
    """A row of the source. `ago` is how long before the newest row it was."""

    number: int
    ago: timedelta
    event: str
    session: str
    platform: str
    channel: str
    cohort: str
    lifecycle: str


def read(file: Path) -> list[Customer[Visit]]:
    """Return the visitors, the one seen last first."""
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    times = [datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC) for row in rows]
    newest = max(times)
    visits = [
        (
            row["user_id"],
            Visit(
                number,
                newest - at,
                row["event"],
                row["session_id"],
                row["platform"],
                row["acquisition_channel"],
                row["user_cohort"],
                row["user_lifecycle"],
            ),
        )
        for number, (row, at) in enumerate(zip(rows, times, strict=True), 1)
    ]
    customers = [
        Customer(user, apart([visit for _, visit in group])) for user, group in groupby(visits, key=lambda row: row[0])
    ]
    check_size(NAME, customers, customers_expected=CUSTOMERS, rows_expected=EVENTS)
    return sorted(customers, key=lambda customer: customer.rows[-1].ago)


def apart(visits: Sequence[Visit]) -> list[Visit]:
    """Return the visits a millisecond apart at least, so that those of one second keep their order."""
    spread: list[Visit] = []
    for visit in visits:
        latest = spread[-1].ago - TICK if spread else visit.ago
        spread.append(visit if visit.ago <= latest else visit._replace(ago=latest))
    return spread


def created_at(customer: Customer[Visit], anchor: datetime) -> datetime:
    return anchor - customer.rows[0].ago


def populate(working: Edit, customer: Customer[Visit], anchor: datetime) -> None:
    """Make the profile of a visitor. Who gave payment details gave an email; of the others, some did."""
    subject, visits = f"{NAME}:{customer.id}", customer.rows
    since, until = created_at(customer, anchor), anchor - visits[-1].ago
    happened = {visit.event for visit in visits}
    home = home_of(subject)
    shopper = Shopper(home.country.currency)
    for visit in visits:
        working.add_event(event(working.profile["workspace"], subject, visit, anchor - visit.ago, shopper))
    register(working, subject, seen(visits, anchor))
    if happens(0.35, subject, "tracked"):
        locate(working, subject, home, at=until)
    if {"payment_details", "purchase"} & happened or happens(0.15, subject, "known"):
        introduce(working, invent(subject), source=ChangeSource.SDK, at=since)
        working.set("customId", customer.id)
        remark(working, subject, since=since, until=until)
    agree(working, subject, source=ChangeSource.SDK, since=since, until=until, devices=True)
    classify(working, visits, shopper, until)
    if shopper.spent:
        reward(working, subject, shopper, since=since, until=until)


def seen(visits: Sequence[Visit], anchor: datetime) -> dict[str, Seen]:
    platforms = sorted({visit.platform for visit in visits})
    times = {platform: [anchor - visit.ago for visit in visits if visit.platform == platform] for platform in platforms}
    return {platform: Seen(at[0], at[-1]) for platform, at in times.items()}


def event(workspace: str, subject: str, visit: Visit, at: datetime, shopper: Shopper) -> EventDoc:
    uuid = event_uuid(NAME, visit.number)
    template = EVENT_TEMPLATES[visit.event]
    params = template.params(shopper, uuid)
    return {
        "_id": time_id(at, workspace, uuid),
        "uuid": uuid,
        "action": template.action,
        "label": template.label.format(**params),
        "occurredAt": at,
        "receivedAt": at + timedelta(milliseconds=20 + int(fraction(uuid, "delay") * 400)),
        "source": SOURCES[visit.platform],
        "ip": ip_address(subject, visit.platform),
        "direction": Direction.BY_PROFILE,
        "params": {
            **params,
            "sessionId": visit.session,
            "platform": visit.platform,
            "channel": visit.channel,
            "deviceUuid": device_uuid(subject, visit.platform),
        },
    }


def classify(working: Edit, visits: Sequence[Visit], shopper: Shopper, until: datetime) -> None:
    """Add what the source says about the visitor as a whole, and the tags that follow from the events."""
    newest = visits[-1]
    for name, value in (
        ("acquisitionChannel", newest.channel),
        ("cohort", newest.cohort),
        ("lifecycle", newest.lifecycle),
    ):
        working.set_attribute(name, value, source=ChangeSource.IMPORT, at=until)
    if shopper.favorites:
        working.set_attribute("interests", sorted(shopper.favorites), source=ChangeSource.AUTOMATION, at=until)
    if shopper.spent:
        working.add_tag("buyer", source=ChangeSource.SYSTEM, at=until)
    if shopper.cart:
        working.add_tag("abandoned cart", source=ChangeSource.SYSTEM, at=until)
    if newest.lifecycle == "loyal":
        working.add_tag("regular", source=ChangeSource.IMPORT, at=until)


def reward(working: Edit, subject: str, shopper: Shopper, *, since: datetime, until: datetime) -> None:
    """Add the loyalty programme, which some buyers are in, and the tags given by hand."""
    member = happens(0.6, subject, "loyalty")
    working.set_attribute("loyaltyCard", member, source=ChangeSource.API, at=since)
    if member:
        joined = since + (until - since) * fraction(subject, "joined")
        working.set_attribute("loyaltyPoints", shopper.spent // 1000, source=ChangeSource.API, at=until)
        working.set_attribute("loyaltySince", joined.replace(microsecond=0), source=ChangeSource.API, at=joined)
    if happens(0.1, subject, "vip"):
        working.add_tag("vip", source=ChangeSource.API, at=until)


DATASET = DataSet(NAME, CUSTOMERS, EVENTS, read, created_at, populate)
