"""Marketing agreements of a profile, their changes, and the mutation that sets them."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from resolvers import agreements as resolve
from resolvers.agreements import AgreementDoc, BlockReason
from resolvers.context import Context
from resolvers.mutations import Options
from schema.connections import After, Before, Connection, First, Last, page
from schema.documents import VALUES, Info, computed, reads
from schema.entries import ChangeEntry, titled
from schema.enums import described
from schema.mutations import Answer, ProfileId, ProfilePayload, mutation
from schema.nodes import NodeDocument
from storage.credentials import Scope
from storage.profiles import AgreementStatus, Channel
from storage.sources import ChangeSource

described(
    Channel,
    "Way to reach a person",
    EMAIL="Email to the address of the profile",
    SMS="Text message to the phone of the profile",
    WEB_PUSH="Notification in browsers that were registered for it",
    MOBILE_PUSH="Notification in apps that were registered for it",
    WHATSAPP="WhatsApp message to the phone of the profile",
)
described(
    AgreementStatus,
    "State of a marketing agreement",
    NOT_SET="Person was never asked; it can't be set",
    ENABLED="Person agreed",
    DISABLED="Person refused or withdrew",
    CONFIRMATION="Person has to click the link that confirms it; of EMAIL only",
)
described(
    BlockReason,
    "Why nothing may be sent in a channel",
    NO_AGREEMENT="Agreement is disabled, or was never given",
    AWAITING_CONFIRMATION="Agreement waits to be confirmed",
    NO_EMAIL="Profile has no email address",
    NO_PHONE="Profile has no phone number",
    NO_DEVICE="Profile has no device that is registered for it",
)


@strawberry.type(description="Change of a marketing agreement")
class AgreementChange(NodeDocument, ChangeEntry):
    occurred_at = computed(
        resolve.changed_at, datetime, "Timestamp of when the agreement changed", "changes", "occurredAt"
    )
    title = titled(resolve.change_title)
    source = computed(resolve.changed_by_way, ChangeSource, "Way by which the agreement was set", "changes", "source")
    channel = computed(resolve.changed_channel, Channel, "Way to reach the person", "changes")
    before = computed(resolve.status_before, AgreementStatus, "State before", "changes")
    after = computed(resolve.status_after, AgreementStatus, "State after", "changes")


AgreementChangeConnection = Connection[AgreementChange]


def history(
    root: strawberry.Parent[AgreementDoc],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return resolve.history_of(info.context, root, page(first, after, last, before))


@strawberry.type(description="Marketing agreement of one channel")
class Agreement:
    channel = computed(resolve.channel_of, Channel, "Way to reach the person")
    status = computed(resolve.status_of, AgreementStatus, "State of the agreement", *VALUES)
    can_receive = computed(
        resolve.can_receive, bool, "Indicates whether a message may be sent now", *VALUES, "identities"
    )
    blocked_by = computed(
        resolve.blocked_by, list[BlockReason], "Every reason why none may be sent", *VALUES, "identities"
    )
    updated_at = computed(
        resolve.updated_at_of,
        datetime | None,
        "Timestamp of the latest change of the agreement",
        "attributes.name",
        "attributes.updatedAt",
    )
    history = strawberry.field(
        history,
        graphql_type=AgreementChangeConnection | None,
        description="Changes of the agreement, newest first",
        metadata=reads(),
    )


@strawberry.input(description="Agreement to set")
class AgreementInput:
    channel: Channel = strawberry.field(description="Way to reach the person")
    status: AgreementStatus = strawberry.field(
        description="State to set; CONFIRMATION is of EMAIL only, and NOT_SET can't be set"
    )


@strawberry.input(description="Agreements to set, all or none of them")
class ProfileAgreementsSetInput:
    agreements: list[AgreementInput] = strawberry.field(description="Agreements, each channel once")


@strawberry.type
class AgreementsPayload(ProfilePayload):
    confirmation_url: str | None = strawberry.field(
        description="Link to send to the person where EMAIL waits for confirmation; null otherwise and in a dry run"
    )


@mutation(AgreementsPayload, Scope.PROFILES_WRITE, "Set marketing agreements of a profile")
def profile_agreements_set(
    context: Context, options: Options, id: ProfileId, input: ProfileAgreementsSetInput
) -> Answer:
    agreements = [(each.channel, each.status) for each in input.agreements]
    return resolve.set_agreements(context, options, id, agreements=agreements)
