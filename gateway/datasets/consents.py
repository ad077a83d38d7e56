"""Invented marketing agreements, each as it came about: asked for, confirmed, withdrawn."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import NamedTuple

from gateway.datasets.choices import choose, fraction, happens
from storage.attributes import RECEIVES_WHATSAPP
from storage.profiles import AgreementStatus, Channel
from storage.sources import ChangeSource
from storage.write.working_copy import Edit

ON, OFF, ASKED = AgreementStatus.ENABLED, AgreementStatus.DISABLED, AgreementStatus.CONFIRMATION

# What may have become of each channel; one that comes twice is twice as likely.
EMAIL = ((ASKED, ON), (ASKED, ON), (ASKED, ON), (ASKED, ON), (ASKED, ON, OFF), (ASKED,), (OFF,), ())
OTHERS = ((ON,), (ON,), (ON,), (ON, OFF), (OFF,), ())
CLICKED_WITHIN = timedelta(minutes=45)


class Consent(NamedTuple):
    """A state of an agreement, since when, and the state that it followed."""

    channel: Channel
    status: AgreementStatus
    at: datetime
    before: AgreementStatus | None

    @property
    def is_withdrawal(self) -> bool:
        return self.status is OFF and self.before is ON

    @property
    def source(self) -> ChangeSource:
        """The way by which a customer of the demo shop said it: later on, links in emails change what is about them."""
        return ChangeSource.LINK if self.before and self.channel is Channel.EMAIL else ChangeSource.SDK


class Period(NamedTuple):
    """A time in which an agreement was in force, up to its withdrawal or to the end of the data."""

    since: datetime
    until: datetime
    is_withdrawn: bool


def consents(
    subject: str, channels: Collection[Channel], *, since: datetime, until: datetime, visits: Sequence[datetime] = ()
) -> dict[Channel, list[Consent]]:
    """Return the states of each agreement of a customer in order of time, made between two moments.

    With the times of the visits, a state is from a visit, but for the click on the link in the email that asks.
    """
    found: dict[Channel, list[Consent]] = {}
    for channel in channels:
        at, before = since, None
        for status in choose(EMAIL if channel is Channel.EMAIL else OTHERS, subject, channel):
            span = min(CLICKED_WITHIN, until - at) if before is ASKED else (until - at) / 2
            at += span * fraction(subject, channel, status)
            if visits and before is not ASKED:
                at = visits[min(bisect_right(visits, at), len(visits) - 1)]
            found.setdefault(channel, []).append(Consent(channel, status, at, before))
            before = status
    return found


def period_of(states: Sequence[Consent], end: datetime) -> Period | None:
    """Return when an agreement was in force, if it ever was."""
    for state, following in zip_longest(states, states[1:]):
        if state.status is ON:
            return Period(state.at, following.at if following else end, following is not None)
    return None


def withdrawn_at(states: Sequence[Consent], at: datetime) -> list[Consent]:
    """Return the states with the withdrawal at another moment."""
    return [state._replace(at=at) if state.is_withdrawal else state for state in states]


def agree(working: Edit, states: Iterable[Consent], *, source: ChangeSource | None = None) -> None:
    """Set agreements on a profile, one after the other; without a source by the way that each came."""
    for state in states:
        working.set_agreement(state.channel, state.status, source=source or state.source, at=state.at)


def agree_to_whatsapp(working: Edit, subject: str, *, source: ChangeSource, at: datetime) -> None:
    """Set the attribute that stands for an agreement, of half of those who gave a telephone number (R29)."""
    if working.profile["identities"].get("phone") and happens(0.5, subject, "WhatsApp"):
        agrees = happens(0.8, subject, "WhatsApp agreement")
        working.set_attribute(RECEIVES_WHATSAPP, agrees, source=source, at=at)
