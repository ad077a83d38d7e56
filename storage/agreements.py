"""Agreements: the person's consent to marketing in each channel."""

from datetime import datetime
from enum import StrEnum
from typing import TypedDict


class Channel(StrEnum):
    """A way to reach a person."""

    EMAIL = "EMAIL"
    SMS = "SMS"
    WEB_PUSH = "WEB_PUSH"
    MOBILE_PUSH = "MOBILE_PUSH"
    WHATSAPP = "WHATSAPP"


class AgreementStatus(StrEnum):
    """State of an agreement; CONFIRMATION waits for the person to click the link, and is of email only (R26)."""

    ENABLED = "ENABLED"
    DISABLED = "DISABLED"
    CONFIRMATION = "CONFIRMATION"


class Agreement(TypedDict):
    """The agreement of one channel; a channel without one is disabled. WhatsApp's is an attribute (R29)."""

    channel: Channel
    status: AgreementStatus
    updatedAt: datetime
    source: str
