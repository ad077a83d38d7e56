"""Marketing agreements: whether each channel may be used, and if not, every reason why (R26-R30)."""

from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import Any, TypedDict

from loaders import HistoryQuery
from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from storage.attributes import HAS_MOBILE_PUSH, HAS_WEB_PUSH, RECEIVES_WHATSAPP, Attribute
from storage.changes import ChangeDoc
from storage.profiles import Agreement, AgreementStatus, Channel, ProfileDoc
from storage.store.pages import PageRequest
from storage.write.derived import attribute_value

CHANNELS = tuple(Channel)
# By names of their own, since a member of an enum takes long to look up, and there are many agreements in an answer.
WHATSAPP, ENABLED, DISABLED = Channel.WHATSAPP, AgreementStatus.ENABLED, AgreementStatus.DISABLED


class BlockReason(StrEnum):
    """Why nothing may be sent in a channel."""

    NO_AGREEMENT = "NO_AGREEMENT"
    AWAITING_CONFIRMATION = "AWAITING_CONFIRMATION"
    NO_EMAIL = "NO_EMAIL"
    NO_PHONE = "NO_PHONE"
    NO_DEVICE = "NO_DEVICE"


# A profile, a channel, and the agreement of this channel, None where nothing was said.
SubscriptionDoc = tuple[ProfileDoc, Channel, Agreement | None]


class SubscriptionChangeDoc(TypedDict):
    """A change of an agreement (R31); a status is None where nothing was said. `user` is whom `actor` acted for."""

    at: datetime
    was: AgreementStatus | None
    became: AgreementStatus | None
    actor: str
    user: str | None
    source: str


def subscriptions_of(profile: ProfileDoc) -> list[SubscriptionDoc]:
    """Return every channel, also those that the person never said anything about."""
    agreements = {agreement["channel"]: agreement for agreement in profile["agreements"]}
    return [(profile, channel, agreements.get(channel)) for channel in CHANNELS]


channel_of = itemgetter(1)


def status_of(subscription: SubscriptionDoc) -> AgreementStatus:
    """Return the status of a channel; that of WhatsApp is an attribute (R29)."""
    profile, channel, agreement = subscription
    if channel is WHATSAPP:
        attribute = whatsapp_attribute(profile)
        enabled = attribute is not None and attribute["value"] is True
        return ENABLED if enabled else DISABLED
    return DISABLED if agreement is None else agreement["status"]


def updated_at_of(subscription: SubscriptionDoc) -> datetime | None:
    """Return when the agreement, or WhatsApp's attribute, changed last."""
    profile, channel, agreement = subscription
    if channel is WHATSAPP:
        attribute = whatsapp_attribute(profile)
        return attribute and attribute["updatedAt"]
    return agreement and agreement["updatedAt"]


def whatsapp_attribute(profile: ProfileDoc) -> Attribute | None:
    for attribute in profile["attributes"]:
        if attribute["name"] == RECEIVES_WHATSAPP:
            return attribute
    return None


def can_receive(subscription: SubscriptionDoc) -> bool:
    """Return whether a message may be sent now (R30)."""
    return not blocked_by(subscription)


def blocked_by(subscription: SubscriptionDoc) -> list[BlockReason]:
    """Return every reason why none may be sent (R30)."""
    profile, channel, _ = subscription
    status = status_of(subscription)
    return [
        reason
        for reason, holds in (
            (BlockReason.NO_AGREEMENT, status == AgreementStatus.DISABLED),
            (BlockReason.AWAITING_CONFIRMATION, status == AgreementStatus.CONFIRMATION),
            (missing_address(channel), not has_address(profile, channel)),
        )
        if holds
    ]


def missing_address(channel: Channel) -> BlockReason:
    match channel:
        case Channel.EMAIL:
            return BlockReason.NO_EMAIL
        case Channel.SMS | Channel.WHATSAPP:
            return BlockReason.NO_PHONE
        case _:
            return BlockReason.NO_DEVICE


def has_address(profile: ProfileDoc, channel: Channel) -> bool:
    """Return whether there is somewhere to send to; for pushes the attribute must be true as well (R28)."""
    match channel:
        case Channel.EMAIL:
            return bool(profile["identities"].get("email"))
        case Channel.SMS | Channel.WHATSAPP:
            return bool(profile["identities"].get("phone"))
        case Channel.WEB_PUSH:
            return attribute_value(profile, HAS_WEB_PUSH) is True
        case Channel.MOBILE_PUSH:
            return attribute_value(profile, HAS_MOBILE_PUSH) is True


async def history_of(context: Context, subscription: SubscriptionDoc, page: PageRequest) -> ConnectionDoc:
    """Return one page of the changes of an agreement, newest first (R31)."""
    profile, channel, _ = subscription
    field = f"attributes.{RECEIVES_WHATSAPP}" if channel is WHATSAPP else f"agreements.{channel}"
    found = await context.loaders.history.load((profile["_id"], HistoryQuery(page, field)))
    return connection(found, items=[change_of(entry, field) for entry in found.items])


def change_of(entry: ChangeDoc, field: str) -> SubscriptionChangeDoc:
    """Return what an entry tells of one agreement; it may tell of several."""
    change = next(change for change in entry["changes"] if change["field"] == field)
    became = change["after"] or {}
    return {
        "at": became.get("updatedAt", entry["occurredAt"]),
        "was": status_told(change["before"]),
        "became": status_told(change["after"]),
        "actor": entry["actor"],
        "user": entry["user"],
        "source": became.get("source", entry["source"]),
    }


def status_told(item: Any) -> AgreementStatus | None:
    """Return the status that an agreement had, or WhatsApp's attribute, as the journal keeps it."""
    if item is None or "status" in item:
        return item and AgreementStatus(item["status"])
    return ENABLED if item["value"] is True else DISABLED
