"""Attributes: the values that a profile has under names, and what the gateway itself knows of some names."""

from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

from storage.sources import ChangeSource

MEMBERSHIP_MARK = ":_mbr_"


class AttributeType(StrEnum):
    """Type of an attribute's values (R21)."""

    STRING = "STRING"
    DATE = "DATE"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"
    ARRAY = "ARRAY"


class Attribute(TypedDict):
    """A value on a profile. Dates are BSON dates, arrays hold strings, numbers and booleans."""

    name: str
    value: Any
    source: ChangeSource
    updatedAt: datetime


HAS_WEB_PUSH = "snrs_has_web_push_devices"
HAS_MOBILE_PUSH = "snrs_has_mobile_push_devices"
RECEIVES_WHATSAPP = "receive_whatsapp_messages"
# What has doors of its own, each with what to do instead; nobody sets these as attributes (R28, R67).
FOLLOWING_DEVICES = frozenset({HAS_WEB_PUSH, HAS_MOBILE_PUSH})


def is_membership(name: str) -> bool:
    """Return whether the attribute tells of a segmentation; only synchronization changes its values (R33, R34)."""
    return MEMBERSHIP_MARK in name
