"""Invented notes and descriptions, as the people of a shop would write them about a customer."""

from collections import deque
from datetime import datetime

from gateway.datasets.choices import choose, fraction, happens
from storage.actors import ActorDoc, ActorKind
from storage.notes import NOUN, new_note
from storage.write.working_copy import Edit

NOTES = (
    ("Delivery", "Asked whether parcels can be left with a neighbour. Told yes, with a name on the order."),
    ("Call back", "Prefers to be called after five in the afternoon."),
    ("Return", "Sent a parcel back because the size was wrong; ordered the next one up."),
    ("Invoice", "Needs the company's name on every invoice. Updated the address."),
    ("Praise", "Wrote that the packaging was a pleasant surprise. May be quoted."),
    ("Payment", "A card was declined twice; the third attempt went through."),
    ("Gift", "Orders gifts for a whole team each December. Offer the bulk price in November."),
    ("Newsletter", "Finds two letters a week too many. Moved to the monthly one."),
)
AUTHORS = ("Customer care", "Sales", "Store manager")
DESCRIPTIONS = (
    "Compares for a long time, then buys several things at once.",
    "Buys mostly gifts.",
    "Runs a small shop and buys for it now and then.",
    "Reads every review before deciding.",
)


def remark(working: Edit, subject: str, *, since: datetime, until: datetime) -> None:
    """Add a description to some customers, and one or two notes to some."""
    if happens(0.2, subject, "described"):
        working.set("description", choose(DESCRIPTIONS, subject, "description"))
    texts = deque(NOTES)
    texts.rotate(int(fraction(subject, "note") * len(NOTES)))
    for which, chance in {"first note": 0.3, "second note": 0.1}.items():
        title, text = texts.popleft()
        if happens(chance, subject, which):
            at = since + (until - since) * fraction(subject, which, "at")
            name = choose(AUTHORS, subject, which, "author")
            author: ActorDoc = {"kind": ActorKind.GATEWAY, "id": "load", "name": "Demo data", "onBehalfOf": name}
            working.put(NOUN, None, new_note(working.profile, title=title, text=text, author=author, at=at))
