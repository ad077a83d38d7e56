"""Marketing agreements: whether each channel may be used, every reason why not, and how they are set (R26-R31)."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import Any, TypedDict

from loaders import HistoryQuery
from resolvers.confirmations import Links
from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.mutations import Options, PayloadDoc, change_profile, source_of
from storage.attributes import HAS_MOBILE_PUSH, HAS_WEB_PUSH, RECEIVES_WHATSAPP, Attribute, AttributeSource
from storage.changes import ChangeDoc
from storage.confirmations import replace_confirmation
from storage.profiles import Agreement, AgreementStatus, Channel, ProfileDoc
from storage.rules import check_number
from storage.store.errors import ErrorCode, GatewayError
from storage.store.pages import PageRequest
from storage.store.refusals import RefusedError, UserError, UserErrorCode
from storage.write.derived import attribute_value
from storage.write.working_copy import Edit

NOT_SET_UP = "Confirmation links are not set up here: the operator has to set GATEWAY_SIGNING_SECRET."
EMAIL_ONLY = "Only the agreement of EMAIL can wait for a confirmation."
NO_EMAIL = "The profile has no email address to send a confirmation to."
TWICE = "This channel is in the list twice."
CHANNELS = tuple(Channel)
# Names of their own: looking up a member of an enum is slow, and an answer has many agreements.
WHATSAPP, ENABLED, DISABLED = Channel.WHATSAPP, AgreementStatus.ENABLED, AgreementStatus.DISABLED


class BlockReason(StrEnum):
    """Why nothing may be sent in a channel."""

    NO_AGREEMENT = "NO_AGREEMENT"
    AWAITING_CONFIRMATION = "AWAITING_CONFIRMATION"
    NO_EMAIL = "NO_EMAIL"
    NO_PHONE = "NO_PHONE"
    NO_DEVICE = "NO_DEVICE"


# A profile, a channel, and its agreement, None where there is none.
SubscriptionDoc = tuple[ProfileDoc, Channel, Agreement | None]
# Agreements to set: channels, each with its new status.
Settings = Sequence[tuple[Channel, AgreementStatus]]


class SubscriptionChangeDoc(TypedDict):
    """A change of an agreement (R31); a status is None where there was no agreement. `actor` acted for `user`."""

    at: datetime
    was: AgreementStatus | None
    became: AgreementStatus | None
    actor: str
    user: str | None
    source: str


def subscriptions_of(profile: ProfileDoc) -> list[SubscriptionDoc]:
    """Return every channel, including those without an agreement."""
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
    entries = await context.loaders.history.load((profile["_id"], HistoryQuery(page, field)))
    return connection(entries, items=[change_of(entry, field) for entry in entries.items])


def change_of(entry: ChangeDoc, field: str) -> SubscriptionChangeDoc:
    """Return the change of one agreement in an entry, which may hold changes of several."""
    change = next(change for change in entry["changes"] if change["field"] == field)
    became = change["after"] or {}
    return {
        "at": became.get("updatedAt", entry["occurredAt"]),
        "was": status_in(change["before"]),
        "became": status_in(change["after"]),
        "actor": entry["actor"],
        "user": entry["user"],
        "source": became.get("source", entry["source"]),
    }


def status_in(item: Any) -> AgreementStatus | None:
    """Return the status in an item of the journal: an agreement, or WhatsApp's attribute."""
    if item is None or "status" in item:
        return item and AgreementStatus(item["status"])
    return ENABLED if item["value"] is True else DISABLED


async def set_subscriptions(context: Context, options: Options, profile_id: str, *, agreements: Settings) -> PayloadDoc:
    """Set the agreements of several channels, all or none of them."""

    async def change(edit: Edit) -> None:
        check_number(len(agreements), ["subscriptions"], most=len(Channel))
        if errors := [*errors_in(edit.profile, agreements)]:
            raise RefusedError(errors)
        for channel, status in agreements:
            set_status(edit, channel, status, source=source_of(options))
        edit.made["confirmationUrl"] = None
        if (Channel.EMAIL, AgreementStatus.CONFIRMATION) in agreements:
            links = links_of(context)
            link = await replace_confirmation(
                context.workspace,
                edit.profile["_id"],
                seq=edit.before["seq"],
                expires_at=edit.now + links.lifetime,
                session=edit.session,
            )
            edit.made["confirmationUrl"] = None if options.dry_run else links.url(link)

    return await change_profile(context, options, profile_id, change)


def errors_in(profile: ProfileDoc, agreements: Settings) -> list[UserError]:
    """Return what is wrong with the agreements, each at its place in the list."""
    errors: list[UserError] = []
    for number, (channel, status) in enumerate(agreements):
        confirms = status is AgreementStatus.CONFIRMATION
        reasons = (
            ("channel", TWICE, channel in [earlier for earlier, _ in agreements[:number]]),
            ("status", EMAIL_ONLY, confirms and channel is not Channel.EMAIL),
            ("status", NO_EMAIL, confirms and channel is Channel.EMAIL and not profile["identities"].get("email")),
        )
        errors += [
            UserError(UserErrorCode.INVALID_VALUE, ("subscriptions", str(number), field), message)
            for field, message, holds in reasons
            if holds
        ]
    return errors


def set_status(edit: Edit, channel: Channel, status: AgreementStatus, *, source: AttributeSource) -> None:
    """Set one agreement; that of WhatsApp is an attribute (R29)."""
    if channel is Channel.WHATSAPP:
        edit.set_attribute(RECEIVES_WHATSAPP, status is AgreementStatus.ENABLED, source=source)
    else:
        edit.set_agreement(channel, status, source=source)


def links_of(context: Context) -> Links:
    if context.links is None:
        raise GatewayError(NOT_SET_UP, code=ErrorCode.UNAVAILABLE)
    return context.links
