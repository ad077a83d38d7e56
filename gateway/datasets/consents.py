"""Invented marketing agreements, each as it came about: asked for, confirmed, withdrawn."""

from datetime import datetime, timedelta

from gateway.datasets.choices import choose, fraction, happens
from storage.attributes import RECEIVES_WHATSAPP
from storage.profiles import AgreementStatus, Channel
from storage.sources import ChangeSource
from storage.write.working_copy import Edit

ON, OFF, ASKED = AgreementStatus.ENABLED, AgreementStatus.DISABLED, AgreementStatus.CONFIRMATION

# What may have become of each channel; one that comes twice is twice as likely.
EMAIL = ((ASKED, ON), (ASKED, ON), (ASKED, ON), (ASKED, ON), (ASKED, ON, OFF), (ASKED,), (OFF,), ())
OTHERS = ((ON,), (ON,), (ON,), (ON, OFF), (OFF,), ())
CLICKED_WITHIN = timedelta(hours=6)


def agree(
    working: Edit, subject: str, *, source: ChangeSource, since: datetime, until: datetime, devices: bool
) -> None:
    """Add the agreements of a customer, made between two moments."""
    identities = working.profile["identities"]
    histories = {
        Channel.EMAIL: EMAIL if identities.get("email") else (),
        Channel.SMS: OTHERS if identities.get("phone") else (),
        Channel.WEB_PUSH: OTHERS if devices else (),
        Channel.MOBILE_PUSH: OTHERS if devices else (),
    }
    for channel, possible in histories.items():
        history = choose(possible, subject, channel) if possible else ()
        at, before = since, None
        for status in history:
            span = min(CLICKED_WITHIN, until - at) if before is ASKED else (until - at) / 2
            at += span * fraction(subject, channel, status)
            working.set_agreement(channel, status, source=source, at=at)
            before = status
    if identities.get("phone") and happens(0.5, subject, "WhatsApp"):
        agrees = happens(0.8, subject, "WhatsApp agreement")
        working.set_attribute(RECEIVES_WHATSAPP, agrees, source=source, at=since)
