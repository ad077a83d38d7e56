"""`Profile`: everything that is known about a customer, and the mutations that create and edit one."""

from datetime import date, datetime
from functools import partial

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from resolvers import entries
from resolvers import profiles as resolve
from resolvers.agreements import agreements_of
from resolvers.context import Context
from resolvers.entries import ChangeKind
from resolvers.mutations import Options
from schema import attributes as attr
from schema.activity import Activity
from schema.agreements import Agreement
from schema.analyses import HISTORY, Analyses
from schema.connections import or_none
from schema.documents import VALUES, batched, computed, reads, through
from schema.entries import ChangeEntry, titled
from schema.history import ChangeEntryConnection, history
from schema.identities import Identities
from schema.mutations import Answer, ProfileId, ProfilePayload, mutation
from schema.nodes import Node, NodeDocument, public_id
from schema.notes import NoteConnection, notes
from schema.statistics import statistics_field
from schema.tags import ProfileTag
from schema.tasks import TaskConnection, tasks_of
from schema.timeline import TimelineConnection, timeline
from schema.widgets import ProfileDashboard, dashboards_of, dashboards_of_each
from storage import profiles as stored
from storage.credentials import Scope
from storage.write import derived

MASKED = "Indicates whether the values are personal and the credential lacks personal:read"


@strawberry.type(description="Top of a profile card")
class Header:
    name: str = strawberry.field(description="Name to show")
    last_activity_at: datetime | None = strawberry.field(description="Timestamp of the last activity")
    created_at: datetime = strawberry.field(description="Timestamp of the profile's creation")
    location: str | None = strawberry.field(description="City and province, if known")
    company: str | None = strawberry.field(description="Company, if the person gave one")


@strawberry.type(description="Who the person is; what was not collected is null")
class Personal:
    first_name: str | None = strawberry.field(description="First name")
    last_name: str | None = strawberry.field(description="Last name")
    birth_date: date | None = computed(resolve.birth_date_of, None, "Birth date")
    city: str | None = strawberry.field(description="City")
    province: str | None = strawberry.field(description="Province")


@strawberry.type(description="How to reach the person")
class Contact:
    email = computed(resolve.email_of, str | None, "Email address; masked without personal:read", "identities")
    phone = computed(resolve.phone_of, str | None, "Phone number; masked without personal:read", "identities")


@strawberry.type(description="Last known location, of a person who let it be tracked")
class Geo:
    latitude: float = strawberry.field(description="Latitude in degrees")
    longitude: float = strawberry.field(description="Longitude in degrees")
    measured_at: datetime = strawberry.field(description="Timestamp of the measurement")
    source: str = strawberry.field(description="What measured it")


@strawberry.type(description="Everything that is known about a customer")
class Profile(NodeDocument, Node):
    id: strawberry.ID = public_id(stored.NOUN.prefix)
    display_name: str = strawberry.field(description="Name to show; a pseudonym without personal:read")
    recognized: bool = strawberry.field(description="Indicates whether the profile has an email address")
    description: str | None = strawberry.field(description="Description; null without personal:read")
    created_at: datetime = strawberry.field(description="Timestamp of the profile's creation")
    version: int = strawberry.field(description="Number of edits of the profile itself so far, for expectedVersion")
    header = computed(
        resolve.header_of,
        Header,
        "Top of the profile card",
        *("displayName", "lastActivityAt", "createdAt", *VALUES),
    )
    personal = computed(derived.attribute_values, Personal, "Who the person is", *VALUES)
    contact = through(Contact, "How to reach the person")
    geo: Geo | None = strawberry.field(description="Last known location; null without personal:read")
    identities: Identities = strawberry.field(description="Everything that identifies the person")
    attributes = strawberry.field(
        attr.attributes,
        graphql_type=list[attr.Attribute] | None,
        description="Attributes by name, or in the order of the names that are asked for",
        metadata=batched(attr.attributes_of_each, "attributes.name", view=attr.Attribute, part="attributes"),
    )
    attribute = strawberry.field(
        attr.attribute,
        graphql_type=attr.Attribute | None,
        description="Attribute with this name, as N/A where the profile lacks it; null where none has the name",
        metadata=batched(attr.attribute_of_each, "attributes.name", view=attr.Attribute, part="attributes"),
    )
    attribute_values = strawberry.field(
        attr.attribute_values,
        graphql_type=JSON | None,
        description="Values by name, timestamps as text; null where there is none, or it is masked",
        metadata=batched(attr.values_of_each, *VALUES),
    )
    tags: list[ProfileTag] = strawberry.field(description="Tags that the profile carries")
    subscriptions = computed(
        agreements_of,
        list[Agreement],
        "Marketing agreements, one for each channel",
        "agreements",
        view=Agreement,
    )
    activity = through(Activity, "Activity of the person")
    timeline = strawberry.field(
        timeline,
        graphql_type=TimelineConnection | None,
        description="Events and changes of the profile in one list, newest first",
        metadata=reads("seq"),
    )
    history = strawberry.field(
        history,
        graphql_type=ChangeEntryConnection | None,
        description="Changes of one field of the profile, newest first",
        metadata=reads(),
    )
    analyses = through(Analyses, "Figures of the person's events")
    statistics = statistics_field()
    dashboards = strawberry.field(
        dashboards_of,
        graphql_type=list[ProfileDashboard] | None,
        description="Dashboards that the profile shows, at most 20, by name or in the order of the names",
        metadata=batched(dashboards_of_each, *HISTORY),
    )
    notes = strawberry.field(
        notes,
        graphql_type=NoteConnection | None,
        description="Notes about the person, newest first; needs personal:read",
        metadata=reads(),
    )
    tasks = strawberry.field(
        tasks_of,
        graphql_type=TaskConnection | None,
        description="Tasks about the person, newest first; needs personal:read",
        metadata=reads(),
    )


@strawberry.type(description="Change of a text")
class TextEdit:
    before: str | None = strawberry.field(description="Text before; null without one, or when masked")
    after: str | None = strawberry.field(description="Text after; null without one, or when masked")
    masked: bool = strawberry.field(description=MASKED)


@strawberry.type(description="Change of a location")
class GeoEdit:
    before: Geo | None = strawberry.field(description="Location before; null without one, or when masked")
    after: Geo | None = strawberry.field(description="Location after; null without one, or when masked")
    masked: bool = strawberry.field(description=MASKED)


@strawberry.type(description="Creation of a profile, or change of its description or location")
class ProfileChange(NodeDocument, ChangeEntry):
    title = titled(entries.title_of("Profile"))
    kind = computed(entries.kind_of, ChangeKind, "What became of the profile", "action")
    description = computed(
        partial(entries.change_of, field="description"),
        TextEdit | None,
        "Change of the description; null when it stayed",
        "changes",
    )
    geo = computed(
        partial(entries.change_of, field="geo"),
        GeoEdit | None,
        "Change of the location; null when it stayed",
        "changes",
    )


@strawberry.input(description="Profile to create; one without email is anonymous")
class ProfileCreateInput:
    first_name: str | None = strawberry.field(default=UNSET, description="First name")
    last_name: str | None = strawberry.field(default=UNSET, description="Last name")
    email: str | None = strawberry.field(default=UNSET, description="Email address, kept in lower case")
    phone: str | None = strawberry.field(
        default=UNSET, description="Phone number, kept in E.164, for example +4740000000; need not be unique"
    )
    custom_id: str | None = strawberry.field(
        default=UNSET, description="Identifier of the person in the workspace's own systems"
    )
    description: str | None = strawberry.field(default=UNSET, description="Description of the profile")
    uuid: str | None = strawberry.field(default=UNSET, description="UUID of the person's browser or app")


@strawberry.input(description="Profile to edit; what is not given stays, and null removes")
class ProfileUpdateInput:
    first_name: str | None = strawberry.field(default=UNSET, description="New first name")
    last_name: str | None = strawberry.field(default=UNSET, description="New last name")
    email: str | None = strawberry.field(default=UNSET, description="New email address")
    phone: str | None = strawberry.field(default=UNSET, description="New phone number")
    custom_id: str | None = strawberry.field(
        default=UNSET, description="New identifier of the person in the workspace's own systems"
    )
    description: str | None = strawberry.field(default=UNSET, description="New description of the profile")


def given(input: ProfileCreateInput | ProfileUpdateInput) -> dict[str, str | None]:
    """Return the parts of the profile that the input names, null or not."""
    parts = {
        "firstName": input.first_name,
        "lastName": input.last_name,
        "email": input.email,
        "phone": input.phone,
        "customId": input.custom_id,
        "description": input.description,
    }
    return {name: value for name, value in parts.items() if value is not UNSET}


@mutation(ProfilePayload, Scope.PROFILES_WRITE, "Create a profile; its id is new")
def profile_create(context: Context, options: Options, input: ProfileCreateInput) -> Answer:
    return resolve.create_profile(context, options, given=given(input), uuid=or_none(input.uuid))


@mutation(ProfilePayload, Scope.PROFILES_WRITE, "Edit names, description, contact and customId of a profile")
def profile_update(context: Context, options: Options, id: ProfileId, input: ProfileUpdateInput) -> Answer:
    return resolve.update_profile(context, options, id, given=given(input))
