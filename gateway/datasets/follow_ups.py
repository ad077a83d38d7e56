"""Invented tasks: what somebody of the shop should do about a customer after something happened, by when."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from gateway.datasets.choices import choose, happens
from gateway.datasets.clock import Clock
from gateway.datasets.happening import Happening
from gateway.datasets.remarks import is_remarkable, words_of
from gateway.datasets.team import TEAM, Colleague, caretaker
from storage.actors import ActorDoc
from storage.profiles import ProfileDoc
from storage.tasks import TaskDoc, new_task

MOST = 3
LATELY = timedelta(days=21)
DONE, DONE_LATELY = 0.96, 0.4  # of what fell due long ago, and of the rest


class Errand(NamedTuple):
    """What may follow an action, with an event's parameters in braces: how often, and within how many days."""

    chance: float
    days: int
    title: str
    text: str


ERRANDS: Mapping[str, Errand] = {
    "transaction.cancel": Errand(
        0.7, 5, "Check the refund of {orderId}", "{amount:.2f} {currency} for {item}: {reason}."
    ),
    "transaction.charge": Errand(
        0.12, 20, "Ask whether all is well with {item}", "Order {orderId} of {day}. Offer something that goes with it."
    ),
    "payment.error": Errand(0.3, 3, "Call about the failed payment", "It failed on {day}: {reason}."),
    "checkout.error": Errand(0.5, 7, "Tell when the checkout works again", "It failed on {day}."),
    "button.click": Errand(0.2, 4, "Answer the chat of {day}", "Nobody could answer at once."),
    "message.bounce": Errand(0.8, 14, "Ask for a new email address", "“{campaignName}” came back on {day}: {reason}."),
}
REGULAR = (
    ("Call about the loyalty programme", "Points run out at the end of the quarter."),
    ("Send the new catalog", "Asked for it on paper."),
    ("Prepare an offer", "Larger order planned; wants terms by email."),
    ("Review the account", "Check address, agreements and open questions."),
)


class FollowUp(NamedTuple):
    """A task to be added, by its author; `done_at` is None while it is open."""

    author: Colleague
    assignee: Colleague | None
    at: datetime
    due_at: datetime | None
    done_at: datetime | None
    title: str
    text: str

    def task(self, profile: ProfileDoc, author: ActorDoc) -> TaskDoc:
        """Return the task as it is today."""
        task = new_task(
            profile,
            title=self.title,
            text=self.text,
            author=author,
            at=self.at,
            due_at=self.due_at,
            assignee=self.assignee and self.assignee.name,
        )
        if self.done_at is not None:
            task |= {"done": True, "doneAt": self.done_at, "updatedAt": self.done_at}
        return task


def follow_ups(subject: str, happened: Sequence[Happening], clock: Clock) -> list[FollowUp]:
    """Return the newest few tasks about a customer, done, overdue or still to come."""
    found = []
    for happening in happened:
        errand = ERRANDS.get(happening.action)
        if errand and is_remarkable(happening) and happens(errand.chance, happening.key, "followed up"):
            words, at = words_of(happening), clock.office_hours(happening.at, 1, happening.key, "task")
            texts = errand.title.format(**words), errand.text.format(**words)
            found.append(follow_up(subject, happening.key, at, clock, days=errand.days, texts=texts))
    found = found[-MOST:]
    if happens(0.12, subject, "regular task"):
        at = clock.office_hours(clock.anchor - timedelta(days=10), 9, subject, "regular task")
        found.append(
            follow_up(subject, f"{subject}:regular", at, clock, days=16, texts=choose(REGULAR, subject, "regular"))
        )
    return [each for each in found if each.at <= clock.anchor]


def follow_up(subject: str, key: str, at: datetime, clock: Clock, *, days: int, texts: tuple[str, str]) -> FollowUp:
    due_at = clock.office_hours(at, days, key, "due") if happens(0.95, key, "dated") else None
    done_at = clock.office_hours(at, days, key, "done")
    is_recent = (due_at or at) > clock.anchor - LATELY
    is_done = done_at <= clock.anchor and happens(DONE_LATELY if is_recent else DONE, key, "is done")
    assignee = choose((*TEAM, None), key, "assignee")
    return FollowUp(caretaker(subject), assignee, at, due_at, done_at if is_done else None, *texts)
