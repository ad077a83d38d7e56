"""Invented edits by the shop's people: what a customer told later, or had told wrongly, in the order of time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from gateway.datasets.choices import fraction, happens
from gateway.datasets.clock import Clock
from gateway.datasets.people import Person
from gateway.datasets.remarks import description_of
from gateway.datasets.team import Colleague, caretaker, salesperson
from storage.sources import ChangeSource
from storage.write.working_copy import Edit

SINGLE = frozenset({"phone", "description"})


class Correction(NamedTuple):
    """What a colleague changed about a customer."""

    author: Colleague
    at: datetime
    values: dict[str, Any]

    def apply(self, working: Edit) -> None:
        for name, value in self.values.items():
            if name in SINGLE:
                working.set(name, value)
            else:
                working.set_attribute(name, value, source=ChangeSource.CARD, at=self.at)


def corrections(
    subject: str, person: Person, clock: Clock, *, since: datetime, until: datetime
) -> Sequence[Correction]:
    """Return the edits of a customer's profile, made between two moments while the shop was open."""
    found = []
    if person.address and happens(0.35, subject, "moved"):
        values: dict[str, Any] = {"address": person.new_address, "zipCode": person.new_zip_code}
        found.append((caretaker(subject), "moved", values))
    if happens(0.12, subject, "new phone"):
        found.append((caretaker(subject), "new phone", {"phone": person.new_phone}))
    if person.company is None and happens(0.1, subject, "company known"):
        found.append((salesperson(subject), "company known", {"company": person.new_company}))
    if description := description_of(subject):
        found.append((salesperson(subject), "described", {"description": description}))
    made = [
        Correction(
            author, clock.office_hours(since + (until - since) * fraction(subject, what), 1, subject, what), values
        )
        for author, what, values in found
    ]
    return sorted((each for each in made if each.at <= clock.anchor), key=lambda each: each.at)
