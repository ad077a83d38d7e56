"""Laws of documents: plain fields are keys, and a selection's projection holds all that its fields read."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, get_origin, get_type_hints

import pytest
import strawberry
from graphql import get_named_type, is_leaf_type

import schema.activity
import schema.aggregates
import schema.agreements
import schema.analyses
import schema.attribute_definitions
import schema.attributes
import schema.connections
import schema.counts
import schema.dashboards
import schema.data_sets
import schema.entries
import schema.event_definitions
import schema.events
import schema.history
import schema.identities
import schema.imports
import schema.live
import schema.mutations
import schema.notes
import schema.profile_queries
import schema.profiles
import schema.statistics
import schema.statistics_settings
import schema.tags
import schema.tasks
import schema.timeline
import schema.user_errors
import schema.viewer
import schema.widgets
from resolvers import (
    agreements,
    analyses,
    attribute_changes,
    attributes,
    connections,
    data_sets,
    entries,
    identities,
    profiles,
    refusals,
    statistics,
    transactions,
    viewer,
    widgets,
)
from resolvers import events as resolved_events
from resolvers import jobs as resolved_jobs
from resolvers.ingestion import results as event_results
from resolvers.live import activity as live_activity
from resolvers.live import analyses as live_analyses
from resolvers.live import changes as live_changes
from resolvers.live import jobs as live_jobs
from resolvers.live import presence as live_presence
from schema import schema as gateway_schema
from schema.documents import key_names, projection
from storage import actors, dashboards, event_definitions, events, imports, notes, statistics_settings, tags, tasks
from storage import aggregates as stored_aggregates
from storage import attribute_definitions as stored_attributes
from storage import profiles as stored_identities
from storage import profiles as stored_profiles
from storage.credentials import Scope
from storage.nouns import BESIDE
from storage.profiles import AgreementStatus, Channel
from storage.sources import ChangeSource
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile, add_beside

DOCUMENTS: Mapping[type, Any] = {
    schema.profiles.Profile: stored_profiles.ProfileDoc,
    schema.profiles.Header: profiles.HeaderDoc,
    schema.profiles.Personal: profiles.PersonalDoc,
    schema.profiles.Contact: stored_profiles.ProfileDoc,
    schema.profiles.Geo: stored_profiles.Geo,
    schema.activity.Activity: stored_profiles.ProfileDoc,
    schema.identities.Identities: stored_identities.Identities,
    schema.identities.Uuid: stored_identities.Uuid,
    schema.identities.FirebaseId: stored_identities.FirebaseId,
    schema.identities.Device: identities.DeviceDoc,
    schema.attributes.Attribute: attributes.AttributeDoc,
    schema.attribute_definitions.AttributeDefinition: stored_attributes.AttributeDefinition,
    schema.tags.Tag: tags.TagDoc,
    schema.tags.ProfileTag: tags.ProfileTag,
    schema.agreements.Agreement: agreements.AgreementDoc,
    schema.attributes.AttributeEdit: attribute_changes.AttributeEditDoc,
    schema.entries.Actor: actors.ActorDoc,
    schema.events.Event: events.EventDoc,
    schema.event_definitions.EventDefinition: event_definitions.EventDefinition,
    schema.event_definitions.DetailDefinition: event_definitions.Detail,
    schema.events.EventDetail: resolved_events.DetailDoc,
    schema.events.EventCreateResult: event_results.EventResultDoc,
    schema.notes.Note: notes.NoteDoc,
    schema.tasks.Task: tasks.TaskDoc,
    schema.aggregates.AggregateDefinition: stored_aggregates.AggregateDoc,
    schema.aggregates.AggregateFilter: stored_aggregates.FilterDoc,
    schema.aggregates.AggregateWindow: stored_aggregates.WindowDoc,
    schema.dashboards.Dashboard: dashboards.DashboardDoc,
    schema.dashboards.Widget: dashboards.WidgetDoc,
    schema.dashboards.WidgetQuery: stored_aggregates.QueryDoc,
    schema.widgets.ProfileDashboard: widgets.ShownDashboardDoc,
    schema.widgets.ProfileWidget: widgets.ShownWidgetDoc,
    schema.widgets.WidgetError: widgets.WidgetErrorDoc,
    schema.data_sets.DataSet: data_sets.DataSetDoc,
    schema.data_sets.DataColumn: data_sets.DataColumnDoc,
    schema.data_sets.DataWindow: data_sets.DataWindowDoc,
    schema.analyses.Analyses: stored_profiles.ProfileDoc,
    schema.analyses.AggregateResult: analyses.Figure,
    schema.analyses.ResolvedWindow: analyses.Figure,
    schema.analyses.AggregateBucket: analyses.BucketDoc,
    schema.data_sets.DataSet: data_sets.DataSetDoc,
    schema.data_sets.DataColumn: data_sets.DataColumnDoc,
    schema.data_sets.DataWindow: data_sets.DataWindowDoc,
    schema.statistics.Statistics: statistics.Statistics,
    schema.statistics.Money: transactions.MoneyDoc,
    schema.statistics.TransactionStatistics: transactions.TransactionsDoc,
    schema.statistics.Refunds: transactions.RefundsDoc,
    schema.statistics.EmailStatistics: statistics.EmailDoc,
    schema.statistics.WebPushStatistics: statistics.PushDoc,
    schema.statistics.MobilePushStatistics: statistics.PushDoc,
    schema.statistics.DynamicContentStatistics: statistics.DynamicContentDoc,
    schema.statistics_settings.StatisticsSettings: statistics_settings.StatisticsSettingsDoc,
    schema.statistics_settings.StatisticsParams: statistics_settings.StatisticsParamsDoc,
    schema.statistics_settings.FigureEvents: statistics_settings.FigureEventsDoc,
    schema.notes.NoteContent: notes.NoteDoc,
    schema.tasks.TaskContent: tasks.TaskDoc,
    **dict.fromkeys(schema.entries.ChangeEntry.__subclasses__(), entries.EntryDoc),
    schema.profiles.TextEdit: entries.ShownChange,
    schema.profiles.GeoEdit: entries.ShownChange,
    schema.imports.Import: resolved_jobs.ImportDoc,
    schema.imports.ImportProblem: imports.ImportProblem,
    schema.live.AnalysesChanged: live_analyses.AnalysesChangedDoc,
    schema.live.JobProgress: live_jobs.JobProgressDoc,
    schema.live.LiveEntry: live_activity.LiveEntryDoc,
    schema.live.ProfileChanged: live_changes.ProfileChangedDoc,
    schema.live.Presence: live_presence.PresenceDoc,
    schema.counts.Count: profiles.CountDoc,
    schema.viewer.Viewer: viewer.ViewerDoc,
    schema.viewer.Workspace: viewer.WorkspaceDoc,
    **dict.fromkeys(schema.user_errors.UserError.__subclasses__(), refusals.UserErrorDoc),
    schema.connections.PageInfo: connections.ConnectionDoc,
    schema.connections.Connection: connections.ConnectionDoc,
    schema.connections.Edge: connections.EdgeDoc,
    schema.events.EventConnection: connections.ConnectionDoc,
}
VALUES = {f"{kind}Value" for kind in ("String", "Number", "Date", "Boolean", "Array", "Table", "Object")}


def definition_of(view: type) -> Any:
    return view.__strawberry_definition__  # type: ignore[attr-defined]


@pytest.mark.parametrize("view", DOCUMENTS, ids=lambda view: view.__name__)
def test_plain_fields_are_keys_of_the_document(view: type) -> None:
    document = DOCUMENTS[view]
    keys = set() if get_origin(document) is tuple else set(get_type_hints(document))
    plain = {key_names[field.python_name] for field in definition_of(view).fields if field.base_resolver is None}
    assert plain <= keys


def test_every_object_type_has_its_document() -> None:
    named = {definition_of(view).name for view in DOCUMENTS} | VALUES
    types = {
        name
        for name, kind in gateway_schema.schema_converter.type_map.items()
        if getattr(getattr(kind, "definition", None), "is_object_type", False)
        and not name.endswith(("Connection", "Edge", "Payload"))
    }
    assert types - named == {"Query", "Mutation", "Subscription"}


def everything(edit: Edit) -> None:
    seen = {"firstSeenAt": CREATED, "lastSeenAt": CREATED}
    edit.set("description", "Text")
    edit.set("phone", "+4712345678")
    edit.set("customId", "C-1")
    edit.set("geo", {"latitude": 1.5, "longitude": 2.5, "measuredAt": CREATED, "source": "SDK"})
    edit.add_uuid({"value": "uuid-1", "platform": "WEB", "formFactor": "DESKTOP", **seen})  # type: ignore[typeddict-item]
    edit.add_firebase_id({"value": "f", "platform": "IOS", "uuid": "uuid-1", **seen})  # type: ignore[typeddict-item]
    edit.add_tag("vip", source=ChangeSource.API)
    edit.set_agreement(Channel.EMAIL, AgreementStatus.ENABLED, source=ChangeSource.API)
    edit.set_attribute("city", "Oslo", source=ChangeSource.API)
    edit.set_attribute("company", "Acme", source=ChangeSource.API)
    add_beside(edit, "Title")


def plain_fields(name: str) -> str:
    """Return the fields of a type that have neither arguments nor fields of their own."""
    fields = gateway_schema._schema.type_map[name].fields.items()
    return " ".join(name for name, field in fields if not field.args and is_leaf_type(get_named_type(field.type)))


SELECTIONS = {
    "header": "header { name lastActivityAt createdAt location company }",
    "personal": "personal { firstName lastName birthDate city province }",
    "contact": "contact { email phone }",
    "geo": "geo { latitude longitude measuredAt source }",
    "identities": "identities { email phone customId currentUuid uuids { value } devices { uuid } }",
    "attributes": "attributes { name display }",
    "attribute": 'attribute(name: "city") { name display }',
    "attributeValues": 'attributeValues(names: ["city", "company"])',
    "tags": "tags { name removable }",
    "subscriptions": "subscriptions { channel status canReceive blockedBy history { edges { node { after } } } }",
    "activity": "activity { lastActivityAt events { totalCount edges { node { id params } } } }",
    "analyses": "analyses { aggregates { value { ... on NumberValue { number } } matched } }",
    "statistics": "statistics { seq transactions { count medianDaysBetween } email { series { columns { name } } } }",
    "dashboards": 'dashboards(names: ["callCentre"]) { id name widgets { title data { rows } } }',
    "timeline": "timeline { edges { node { id title ... on ChangeEntry { fields } } } }",
    "history": 'history(field: "email") { edges { node { id recordedAt } } }',
    **{name: f"{name} {{ edges {{ node {{ {plain_fields(noun.type)} }} }} }}" for name, noun in BESIDE.items()},
}


async def test_each_field_alone_reads_what_it_reads_among_all(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace, email="a@example.com", firstName="Ann", events=3, change=everything)
    id = to_public("prf", profile["_id"])
    await ask(FIGURE)
    names = [
        field.graphql_name or key_names[field.python_name] for field in definition_of(schema.profiles.Profile).fields
    ]
    selections = [SELECTIONS.get(name, name) for name in names]
    for path in ("profile(by: {id: $id})", "node(id: $id)"):
        query = f"query ($id: ID!) {{ found: {path} {{ ... on Profile {{ %s }} }} }}"
        among_all = (await ask(query % " ".join(selections), id=id))["found"]
        assert all(among_all[name] not in (None, [], {}) for name in names)
        for name, selection in zip(names, selections, strict=True):
            alone = (await ask(query % selection, id=id))["found"]
            assert json.dumps(alone) == json.dumps({name: among_all[name]})
    for selection in (
        "activity { online }",
        "activity { sinceSeconds }",
        "activity { events(first: 1) { totalCount } }",
    ):
        assert (await ask(query % selection, id=id))["found"]["activity"]


PARTS = {
    schema.attributes.Attribute: ("attributes { %s }", "attributes"),
    schema.agreements.Agreement: ("subscriptions { %s }", "subscriptions"),
    schema.events.Event: (
        "activity { events(first: 3) { edges { cursor node { %s } } } }",
        "activity",
        "events",
        "edges",
    ),
}
WITHIN = {
    "value": "value { __typename ... on StringValue { string } }",
    "history": "history { edges { node { id } } }",
    "actor": "actor { id }",
    "definition": "definition { name }",
    "details": "details { name value }",
}
FIGURE = """mutation { aggregateCreate(input: {name: "visits", displayName: "Visits", function: COUNT,
  actions: ["page.visit"], showOnProfile: true}) { userErrors { message } } }"""
DEFINE = """mutation { eventDefinitionCreate(input: {name: "page.visit", displayName: "Visit",
  details: [{name: "Page", param: "page"}]}) { userErrors { message } } }"""


@pytest.mark.parametrize("scopes", [Scope, set(Scope) - {Scope.PERSONAL_READ}], ids=["shown", "masked"])
@pytest.mark.parametrize("view", PARTS, ids=lambda view: view.__name__)
async def test_each_field_of_a_part_alone_reads_what_it_reads_among_all(
    ask: Ask, workspace: Workspace, view: type, scopes: Iterable[Scope]
) -> None:
    profile = await a_profile(workspace, email="a@example.com", firstName="Ann", events=3, change=everything)
    await ask(DEFINE)
    id = to_public("prf", profile["_id"])
    within, *path = PARTS[view]

    async def found(selection: str) -> list[dict[str, Any]]:
        query = f"query ($id: ID!) {{ profile(by: {{id: $id}}) {{ {within % selection} }} }}"
        items = (await ask(query, id=id, scopes=frozenset(scopes)))["profile"]
        for name in path:
            items = items[name]
        return [item.get("node", item) for item in items]

    names = [field.graphql_name or key_names[field.python_name] for field in definition_of(view).fields]
    selections = [WITHIN.get(name, name) for name in names]
    among_all = await found(" ".join(selections))
    assert among_all
    for name, selection in zip(names, selections, strict=True):
        assert await found(selection) == [{name: item[name]} for item in among_all]


PROJECTED = """
query ($yes: Boolean!) { profiles { edges { ...Edge node { again: id activity { ...Active } } } } }
fragment Edge on ProfileEdge { node { ... on Profile { tags { name } ...Names } ... @include(if: $yes) { version } } }
fragment Names on Profile { personal { firstName } geo { measuredAt } }
fragment Active on Activity { online }
"""


def test_projections_follow_fragments_aliases_and_nesting() -> None:
    found: list[Any] = []

    @strawberry.type
    class Query:
        @strawberry.field(graphql_type=schema.profile_queries.ProfileConnection)
        def profiles(self, info: strawberry.Info) -> Any:
            found.append(projection(info, schema.profiles.Profile, "edges", "node"))
            return {"edges": []}

    made = strawberry.Schema(Query, types=[schema.profiles.Profile], config=gateway_schema.config)
    assert made.execute_sync(PROJECTED, variable_values={"yes": True}).errors is None
    parts = {"attributes.name", "attributes.value"}
    assert set(found[0]) == {"_id", "tags", "version", "geo", "lastActivityAt", *parts}
