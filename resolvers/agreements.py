"""Marketing agreements: whether each channel may be used, every reason why not, and how they are set (R26-R31)."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import Any

from loaders.queries import HistoryQuery
from resolvers.confirmations import Links
from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.entries import EntryDoc, after_of, before_of, only_change, shown_entries
from resolvers.mutations import Options, PayloadDoc, change_profile, source_of
from storage.attributes import HAS_MOBILE_PUSH, HAS_WEB_PUSH, RECEIVES_WHATSAPP, Attribute
from storage.confirmations import replace_confirmation
from storage.credentials import Scope
from storage.past.history import public_field, stored_field
from storage.profiles import Agreement, AgreementStatus, Channel, ProfileDoc
from storage.rules import check_number
from storage.sources import ChangeSource
from storage.store.errors import ErrorCode, GatewayError
from storage.store.pages import PageRequest
from storage.store.refusals import RefusedError, UserError, UserErrorCode
from storage.write.derived import attribute_value
from storage.write.working_copy import Edit

NOT_SET_UP = "Confirmation links are not set up here: the operator has to set GATEWAY_SIGNING_SECRET."
EMAIL_ONLY = "Only the agreement of EMAIL can wait for a confirmation."
NO_EMAIL = "The profile has no email address to send a confirmation to."
NEVER_ASKED = "NOT_SET says that there is no agreement; it can't be set."
TWICE = "This channel is in the list twice."
CHANNELS = tuple(Channel)
CALLED = {
    Channel.EMAIL: "Email",
    Channel.SMS: "SMS",
    Channel.WEB_PUSH: "Web push",
    Channel.MOBILE_PUSH: "Mobile push",
    Channel.WHATSAPP: "WhatsApp",
}
BECAME = {
    AgreementStatus.NOT_SET: "agreement removed",
    AgreementStatus.ENABLED: "enabled",
    AgreementStatus.DISABLED: "disabled",
    AgreementStatus.CONFIRMATION: "waits for confirmation",
}
# Names of their own: looking up a member of an enum is slow, and an answer has many agreements.
WHATSAPP = Channel.WHATSAPP
NOT_SET, ENABLED, DISABLED = AgreementStatus.NOT_SET, AgreementStatus.ENABLED, AgreementStatus.DISABLED


class BlockReason(StrEnum):
    """Why nothing may be sent in a channel."""

    NO_AGREEMENT = "NO_AGREEMENT"
    AWAITING_CONFIRMATION = "AWAITING_CONFIRMATION"
    NO_EMAIL = "NO_EMAIL"
    NO_PHONE = "NO_PHONE"
    NO_DEVICE = "NO_DEVICE"


NO_AGREEMENT, AWAITING = BlockReason.NO_AGREEMENT, BlockReason.AWAITING_CONFIRMATION
UNAGREED, CONFIRMATION = (DISABLED, NOT_SET), AgreementStatus.CONFIRMATION

# A profile, a channel, and its agreement, None where there is none.
AgreementDoc = tuple[ProfileDoc, Channel, Agreement | None]
# Agreements to set: channels, each with its new status.
Settings = Sequence[tuple[Channel, AgreementStatus]]


def agreements_of(profile: ProfileDoc) -> list[AgreementDoc]:
    """Return every channel, including those without an agreement."""
    agreements = {agreement["channel"]: agreement for agreement in profile["agreements"]}
    return [(profile, channel, agreements.get(channel)) for channel in CHANNELS]


channel_of = itemgetter(1)


def status_of(agreement: AgreementDoc) -> AgreementStatus:
    """Return the status of a channel; that of WhatsApp is an attribute (R29)."""
    profile, channel, stored = agreement
    if channel is WHATSAPP:
        return status_in(whatsapp_attribute(profile))
    return NOT_SET if stored is None else stored["status"]


def updated_at_of(agreement: AgreementDoc) -> datetime | None:
    """Return when the agreement, or WhatsApp's attribute, changed last."""
    profile, channel, stored = agreement
    found = whatsapp_attribute(profile) if channel is WHATSAPP else stored
    return found and found["updatedAt"]


def whatsapp_attribute(profile: ProfileDoc) -> Attribute | None:
    for attribute in profile["attributes"]:
        if attribute["name"] == RECEIVES_WHATSAPP:
            return attribute
    return None


def can_receive(agreement: AgreementDoc) -> bool:
    """Return whether a message may be sent now (R30)."""
    return not blocked_by(agreement)


def blocked_by(agreement: AgreementDoc) -> list[BlockReason]:
    """Return every reason why none may be sent (R30)."""
    profile, channel, _ = agreement
    status = status_of(agreement)
    return [
        reason
        for reason, holds in (
            (NO_AGREEMENT, status in UNAGREED),
            (AWAITING, status == CONFIRMATION),
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


async def history_of(context: Context, agreement: AgreementDoc, page: PageRequest) -> ConnectionDoc:
    """Return one page of the changes of an agreement, newest first (R31)."""
    context.credential.require(Scope.PROFILES_READ)
    profile, channel, _ = agreement
    query = HistoryQuery(page, stored_field(f"agreements.{channel}"))
    entries = await context.loaders.history.load((profile["_id"], query))
    return connection(entries, items=await shown_entries(context, entries.items))


def changed_channel(entry: EntryDoc) -> Channel:
    return Channel(public_field(only_change(entry)["field"]).partition(".")[2])


def changed_at(entry: EntryDoc) -> datetime:
    """Return when the agreement changed, which an import may tell after the fact."""
    after = after_of(entry)
    return after["updatedAt"] if after else entry["occurredAt"]


def changed_by_way(entry: EntryDoc) -> ChangeSource:
    """Return the way by which the agreement was set, which an import may tell as well (R31)."""
    after = after_of(entry)
    return ChangeSource(after["source"]) if after else entry["source"]


def status_before(entry: EntryDoc) -> AgreementStatus:
    return status_in(before_of(entry))


def status_after(entry: EntryDoc) -> AgreementStatus:
    return status_in(after_of(entry))


def change_title(entry: EntryDoc) -> str:
    return f"{CALLED[changed_channel(entry)]} {BECAME[status_after(entry)]}"


def status_in(item: Any) -> AgreementStatus:
    """Return the status of what is stored: an agreement, WhatsApp's attribute, or nothing."""
    if item is None:
        return NOT_SET
    if "status" in item:
        status: AgreementStatus = item["status"]
        return status
    return NOT_SET if item["value"] is None else ENABLED if item["value"] is True else DISABLED


async def set_agreements(context: Context, options: Options, profile_id: str, *, agreements: Settings) -> PayloadDoc:
    """Set the agreements of several channels, all or none of them."""

    async def change(edit: Edit) -> None:
        check_number(len(agreements), ["agreements"], most=len(Channel))
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
            ("status", NEVER_ASKED, status is AgreementStatus.NOT_SET),
            ("status", EMAIL_ONLY, confirms and channel is not Channel.EMAIL),
            ("status", NO_EMAIL, confirms and channel is Channel.EMAIL and not profile["identities"].get("email")),
        )
        errors += [
            UserError(UserErrorCode.INVALID_VALUE, ("agreements", str(number), field), message)
            for field, message, holds in reasons
            if holds
        ]
    return errors


def set_status(edit: Edit, channel: Channel, status: AgreementStatus, *, source: ChangeSource) -> None:
    """Set one agreement; that of WhatsApp is an attribute (R29)."""
    if channel is Channel.WHATSAPP:
        edit.set_attribute(RECEIVES_WHATSAPP, status is AgreementStatus.ENABLED, source=source)
    else:
        edit.set_agreement(channel, status, source=source)


def links_of(context: Context) -> Links:
    if context.links is None:
        raise GatewayError(NOT_SET_UP, code=ErrorCode.UNAVAILABLE)
    return context.links
