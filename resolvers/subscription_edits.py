"""Set marketing agreements; who is asked for a confirmation gets a link (R26-R29)."""

from collections.abc import Sequence
from typing import Any

from resolvers.confirmations import Links
from resolvers.context import Context
from resolvers.mutations import Options, change_profile, source_of
from storage.attributes import RECEIVES_WHATSAPP, AttributeSource
from storage.confirmations import replace_confirmation
from storage.profiles import AgreementStatus, Channel, ProfileDoc
from storage.rules import check_number
from storage.store.errors import ErrorCode, GatewayError
from storage.store.refusals import RefusedError, UserError, UserErrorCode
from storage.write.working_copy import Edit

Wanted = Sequence[tuple[Channel, AgreementStatus]]
NOT_SET_UP = "Confirmation links are not set up here: the operator has to set GATEWAY_SIGNING_SECRET."
EMAIL_ONLY = "Only the agreement of EMAIL can wait for a confirmation."
NO_EMAIL = "The profile has no email address that a confirmation could be sent to."
TWICE = "This channel is there already, further up in the list."


async def set_subscriptions(context: Context, profile_id: str, options: Options, *, wanted: Wanted) -> dict[str, Any]:
    """Set the agreements of several channels, all or none of them."""

    async def change(edit: Edit) -> None:
        check_number(len(wanted), ["subscriptions"], most=len(Channel))
        if errors := [*wrong(edit.profile, wanted)]:
            raise RefusedError(errors)
        for channel, status in wanted:
            set_status(edit, channel, status, source=source_of(options))
        edit.made["confirmationUrl"] = None
        if (Channel.EMAIL, AgreementStatus.CONFIRMATION) in wanted:
            links = links_of(context)
            link = await replace_confirmation(
                context.workspace,
                edit.profile["_id"],
                seq=edit.before["seq"],
                expires_at=edit.now + links.lifetime,
                session=edit.session,
            )
            edit.made["confirmationUrl"] = None if options.dry_run else links.url(link)

    return await change_profile(context, profile_id, options, change)


def wrong(profile: ProfileDoc, wanted: Wanted) -> list[UserError]:
    """Return what is wrong with the wishes, each at its place in the list."""
    found: list[UserError] = []
    for number, (channel, status) in enumerate(wanted):
        confirms = status is AgreementStatus.CONFIRMATION
        reasons = (
            ("channel", TWICE, channel in [earlier for earlier, _ in wanted[:number]]),
            ("status", EMAIL_ONLY, confirms and channel is not Channel.EMAIL),
            ("status", NO_EMAIL, confirms and channel is Channel.EMAIL and not profile["identities"].get("email")),
        )
        found += [
            UserError(UserErrorCode.INVALID_VALUE, ("subscriptions", str(number), field), message)
            for field, message, holds in reasons
            if holds
        ]
    return found


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
