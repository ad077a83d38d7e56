"""Each of these operations runs within a number of MongoDB commands, whatever the size of its page."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from resolvers.context import Context
from resolvers.ingestion.ingest import ingest
from schema import schema
from storage.credentials import Credential, CredentialKind, Scope
from storage.sources import ChangeSource
from storage.store.ids import to_public
from storage.store.mongo import CommandListener, Database
from storage.store.workspace import Workspace
from storage.tags import ensure_tag
from tests.support.factories import CREATED, TESTER, a_profile, visits
from tests.support.stores import Stores

CARDS = """query ($size: Int!) { profiles(first: $size) { edges { node { id personal { firstName lastName }
  contact { email } tags { name } identities { uuids { value } } attributes { name display }
  subscriptions { channel status }
  activity { lastActivityAt events(first: 10) { edges { node { id action label occurredAt params } } } } } } } }"""
EXPANDED = """query ($size: Int!) { profiles(first: $size) { edges { node {
  notes(first: 3) { edges { node { title profile { id } } } }
  activity { events(first: 30) { edges { node { expandable definition { icon } details { name value } } } } } } } } }"""
TOLD = """query ($size: Int!) { profiles(first: $size) { edges { node {
  timeline(first: 3) { edges { node { title ... on ChangeEntry { fields actor { name } } } } }
  history(field: "attributes.firstName") { edges { node { id } } } } } } }"""
PERSON = """query ($size: Int!) { profiles(first: $size) { edges { node {
  subscriptions { history(first: 3) { edges { node { after } } } }
  tasks(first: 3) { edges { node { title } } } } } } }"""
CONDITION = """{all: [{any: [{tag: {name: "tag 1"}}, {tag: {name: "tag 2"}}, {recognized: false}]},
  {attribute: {name: "company", comparison: NOT_EXISTS}}, {not: {attribute: {name: "city", value: {string: "x"}}}}]}"""
CHOSEN = f"""query ($size: Int!) {{ profiles(first: $size, filter: {CONDITION}) {{ edges {{ node {{
  attributes(filter: {{names: ["lastName", "firstName"]}}, includeUnset: true) {{ display }}
  attribute(name: "firstName") {{ display displayName }} attributeValues(names: ["firstName", "x"]) }} }} }} }}"""
CATALOGUE = "query ($size: Int!) { tags(first: $size) { edges { node { name profileCount } } } }"
CARRIED = """query ($size: Int!) { profiles(first: $size) { edges { node {
  tags { name tag { description profileCount } } } } } }"""
LAWS = {
    "cards": (CARDS, 2),
    "expanded": (EXPANDED, 4),
    "told": (TOLD, 3),
    "person": (PERSON, 7),
    "chosen": (CHOSEN, 3),
    "catalogue": (CATALOGUE, 2),
    "carried": (CARRIED, 3),
}


class Counter(CommandListener):
    """The names of the commands that were sent."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: Any) -> None:
        self.names.append(event.command_name)

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
async def counted(stores: Stores, workspace: Workspace, counter: Counter) -> AsyncIterator[Workspace]:
    database = Database.connect(stores.mongodb_uri, name="shared", timeout=10, listeners=[counter])
    database._looks_up_ranges = True  # as MongoDB does
    yield Workspace(database, workspace.id)
    await database.close()


async def test_commands_do_not_grow_with_the_page(counted: Workspace, counter: Counter) -> None:
    for number in range(50):
        name = f"tag {number}"
        await ensure_tag(counted, name, source=ChangeSource.API, now=CREATED)
        await a_profile(
            counted,
            firstName=f"P{number}",
            events=visits(35),
            change=lambda edit, name=name: edit.add_tag(name, source=ChangeSource.API),
        )
    credential = Credential(CredentialKind.API_KEY, "pgk_test", "Test", counted.id, frozenset(Scope))
    for law, (query, most) in LAWS.items():
        for size in (1, 10, 50):
            counter.names.clear()
            result = await schema.execute(
                query, variable_values={"size": size}, context_value=Context(credential, counted)
            )
            assert result.errors is None
            (connection,) = result.data.values()
            assert len(connection["edges"]) == size
            assert 0 < len(counter.names) <= most, (law, counter.names)


COUNTS = {
    "{ profilesCount { count } }": ["aggregate"],
    "{ profilesCount(filter: {recognized: false}) { count } }": ["aggregate"],
    f"{{ profilesCount(filter: {CONDITION}) {{ count }} }}": ["find", "find", "aggregate"],
    "{ tags { edges { cursor } } }": ["find"],
    "{ tags { edges { cursor } totalCount @skip(if: true) } }": ["find"],
    "{ tags { edges { cursor } totalCount } }": ["find", "aggregate"],
    "{ attributeDefinitions(filter: {section: GEO}) { totalCount } }": ["find", "aggregate"],
    "{ eventDefinitions { totalCount } }": ["find", "aggregate"],
    '{ profiles(filter: {all: [{tag: {name: "tag 1"}}, {any: []}]}) { edges { cursor } } }': [],
    '{ profilesCount(filter: {any: [{tag: {name: "tag 1"}}, {created: {}}]}) { count } }': [],
    '{ profiles(filter: {not: {tag: {name: "none"}}}) { edges { cursor } } }': ["find"],
}


@pytest.mark.parametrize("query", COUNTS)
async def test_a_count_is_a_command_where_it_is_selected(counted: Workspace, counter: Counter, query: str) -> None:
    for name in ("tag 1", "tag 2"):
        await ensure_tag(counted, name, source=ChangeSource.API, now=CREATED)
    await a_profile(counted, firstName="Ann")
    credential = Credential(CredentialKind.API_KEY, "pgk_test", "Test", counted.id, frozenset(Scope))
    counter.names.clear()
    await schema.execute(query, context_value=Context(credential, counted))
    assert counter.names == COUNTS[query]


FIGURE = """mutation ($name: String!) { aggregateCreate(input: {name: $name, displayName: $name, function: SUM,
  actions: ["page.visit"], param: "page", showOnProfile: true}) { userErrors { code } } }"""
CARD = """query ($id: ID!) { profile(by: {id: $id}) { displayName tags { name } attributes { name display }
  %s activity { events(first: 10) { edges { node { id } } } } } }"""
ANALYSES = "analyses { state aggregates { display value { ... on NumberValue { number } } matched } }"


STATISTICS = """statistics(window: {kind: LAST, unit: YEARS, count: 1}) { seq transactions { count revenue { amount }
  medianDaysBetween series { rows } } email { sent openRate series { rows } } webPush { sent } }"""
DASHBOARDS = "dashboards { name widgets { data { rows } error { code } } }"


@pytest.mark.parametrize(("events", "most"), [(15, 2), (1_000, 3), (3_000, 4)])
async def test_figures_cost_a_card_few_commands_however_long_the_history(
    counted: Workspace, counter: Counter, events: int, most: int
) -> None:
    credential = Credential(CredentialKind.API_KEY, "pgk_test", "Test", counted.id, frozenset(Scope))

    async def run(query: str, **variables: Any) -> list[str]:
        counter.names.clear()
        result = await schema.execute(query, variable_values=variables, context_value=Context(credential, counted))
        assert result.errors is None
        return list(counter.names)

    for number in range(20):
        await run(FIGURE, name=f"figure {number}")
    id = to_public("prf", (await a_profile(counted, firstName="Ann", events=visits(events)))["_id"])
    await run(CARD % ANALYSES, id=id)  # which folds what nobody has read yet
    card = await run(CARD % "", id=id)
    for selection in (ANALYSES, STATISTICS, f"{ANALYSES} {STATISTICS}", f"{STATISTICS} again: {STATISTICS}"):
        assert len(await run(CARD % selection, id=id)) <= len(card) + most, selection
    for selection in (DASHBOARDS, f"{ANALYSES} {STATISTICS} {DASHBOARDS}"):
        assert len(await run(CARD % selection, id=id)) <= len(card) + most + 1, selection


async def test_ingestion_writes_many_profiles_with_as_few_commands_as_one(counted: Workspace, counter: Counter) -> None:
    credential = Credential(CredentialKind.API_KEY, "pgk_test", "Test", counted.id, frozenset(Scope))
    for size in (1, 20):
        for batch in range(2):
            events = [
                {
                    "uuid": f"{size} {batch} {number}",
                    "action": "page.visit",
                    "occurredAt": CREATED.isoformat(),
                    "person": {"uuid": f"{size} {number % size}"},
                }
                for number in range(3 * size)
            ]
            counter.names.clear()
            results = await ingest(Context(credential, counted), TESTER, events)
            assert {result["status"] for result in results} == {"CREATED"}
            again = ["find", "find", "find", "update", "insert", "commitTransaction"]
            assert batch == 0 or counter.names == again
            assert len(counter.names) <= 8


SHOWN = """query ($size: Int!) { profiles(first: $size) { edges { node {
  dashboards(names: ["overview", "callCentre", "chosen"]) { name widgets { data { rows } error { code } } } } } } }"""
CHOSEN_DASHBOARD = """mutation { dashboardCreate(input: {name: "chosen", displayName: "Chosen", showOnProfile: true,
  condition: {not: {tag: {name: "tag 1"}}}, widgets: [{title: "All", kind: FIGURE, query: {actions: ["page.visit"]}}]})
  { userErrors { code } } }"""


async def test_dashboards_cost_a_page_as_few_commands_as_a_card(counted: Workspace, counter: Counter) -> None:
    for number in range(50):
        await a_profile(counted, firstName=f"P{number}", events=visits(15))
    await ensure_tag(counted, "tag 1", source=ChangeSource.API, now=CREATED)
    credential = Credential(CredentialKind.API_KEY, "pgk_test", "Test", counted.id, frozenset(Scope))
    await schema.execute(CHOSEN_DASHBOARD, context_value=Context(credential, counted))
    for size in (1, 10, 50):
        counter.names.clear()
        result = await schema.execute(SHOWN, variable_values={"size": size}, context_value=Context(credential, counted))
        assert result.errors is None
        assert result.data is not None
        dashboards = [edge["node"]["dashboards"] for edge in result.data["profiles"]["edges"]]
        assert [[each["name"] for each in found] for found in dashboards] == [
            ["overview", "callCentre", "chosen"]
        ] * size
        assert sorted(counter.names) == ["aggregate", "find", "find", "find", "find"]
