"""Invented persons for the customers of a data set, since no source says who they are.

Each is drawn from a seed of its own, so that any part of a data set has the same people as the whole. Nobody can be
reached: addresses are at example.com, and telephone numbers are set aside for fiction.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from gateway.datasets.choices import choose, happens
from gateway.datasets.dataset import DataSetError
from gateway.datasets.places import PLACES, Place
from storage.sources import ChangeSource
from storage.write.working_copy import Edit

if TYPE_CHECKING:
    from faker import Faker

BORN = (date(1948, 1, 1), date(2006, 12, 31))
LETTERS = "ABDEFGHJLNPQRSTUWXYZ"  # what the end of a British post code is made of


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist. None stands for what the person did not disclose; what is new may be told later."""

    first_name: str
    last_name: str
    email: str
    phone: str | None
    birth_date: date | None
    company: str | None
    address: str | None
    zip_code: str | None
    place: Place | None
    new_phone: str
    new_address: str
    new_zip_code: str
    new_company: str


def require_faker() -> None:
    """Raise where faker is not installed, as in production."""
    if find_spec("faker") is None:
        raise DataSetError("Data sets need the package faker. Install it with: pip install 'profile-gateway[embedded]'")


@cache
def faker(locale: str) -> "Faker":
    """Return the generator of a locale. The package is imported here: it takes long, and few starts load anything."""
    generator: Faker = import_module("faker").Faker(locale, use_weighting=False)
    return generator


def home_of(subject: str) -> Place:
    return choose(PLACES, subject, "home")


def invent(subject: str) -> Person:
    """Return the person behind a customer, named for example `ecom:user_0203`."""
    home = home_of(subject)
    fake = faker(home.country.locale)
    fake.seed_instance(subject)
    first_name, last_name = fake.first_name(), fake.last_name()
    number = "".join(letter for letter in subject if letter.isdigit())
    phone, born = fake.numerify(home.phone), fake.date_between_dates(*BORN)
    company, address, zip_code = fake.company(), street_of(fake), post_code_of(fake, home)
    tells_address = happens(0.4, subject, "address")
    return Person(
        first_name=first_name,
        last_name=last_name,
        email=f"{plain(first_name)}.{plain(last_name)}.{number}@example.com",
        phone=phone if happens(0.75, subject, "phone") else None,
        birth_date=born if happens(0.6, subject, "birthDate") else None,
        company=company if happens(0.25, subject, "company") else None,
        address=address if tells_address else None,
        zip_code=zip_code if tells_address else None,
        place=home if tells_address or happens(0.75, subject, "place") else None,
        new_phone=fake.numerify(home.phone),
        new_address=street_of(fake),
        new_zip_code=post_code_of(fake, home),
        new_company=fake.company(),
    )


def street_of(fake: "Faker") -> str:
    """Return a street and a number in one line; British ones have several."""
    return ", ".join(fake.street_address().splitlines())


def post_code_of(fake: "Faker", home: Place) -> str:
    return fake.bothify(home.post_code, letters=LETTERS)


def plain(name: str) -> str:
    """Return a name as it is written in an email address."""
    folded = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return "".join(letter for letter in folded if letter.isalnum())


def introduce(working: Edit, person: Person, *, source: ChangeSource, at: datetime) -> None:
    """Add what the person disclosed to a profile."""
    place = person.place
    working.set("email", person.email)
    if person.phone:
        working.set("phone", person.phone)
    disclosed = {
        "firstName": person.first_name,
        "lastName": person.last_name,
        "birthDate": person.birth_date and datetime.combine(person.birth_date, time(tzinfo=UTC)),
        "city": place and place.city,
        "province": place and place.province,
        "country": place and place.country.name,
        "address": person.address,
        "zipCode": person.zip_code,
        "company": person.company,
    }
    for name, value in disclosed.items():
        if value is not None:
            working.set_attribute(name, value, source=source, at=at)
