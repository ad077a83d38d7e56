"""The invented people of the demo shop: notes about customers and edits are theirs, and tasks are for them."""

from typing import NamedTuple

from gateway.datasets.choices import choose
from storage.actors import Actor, ActorKind
from storage.sources import ChangeSource


class Colleague(NamedTuple):
    """Somebody of the shop."""

    name: str
    role: str

    def actor(self) -> Actor:
        """Return who acts for the colleague: the load, which says so."""
        return Actor(ActorKind.GATEWAY, "load", "Demo data", ChangeSource.CARD, on_behalf_of=self.name)


CARE = (
    Colleague("Amira Haddad", "Customer care"),
    Colleague("Jonas Lindqvist", "Customer care"),
    Colleague("Priya Nair", "Customer care"),
)
SALES = (Colleague("Tomás Ferreira", "Sales"), Colleague("Grace Okafor", "Store manager"))
TEAM = (*CARE, *SALES)

LOADER = Actor(ActorKind.GATEWAY, "load", "Demo data", ChangeSource.IMPORT)
CUSTOMER = Actor(ActorKind.GATEWAY, "load", "Demo data", ChangeSource.SDK, on_behalf_of="The customer")


def caretaker(subject: str) -> Colleague:
    """Return who of customer care knows a customer."""
    return choose(CARE, subject, "caretaker")


def salesperson(subject: str) -> Colleague:
    return choose(SALES, subject, "salesperson")
