"""Every declared index serves a query that the gateway makes; the plan says so."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from gateway.embedded import packaged
from storage.conditions import (
    AllOf,
    AnyOf,
    AttributeMatch,
    Comparison,
    Condition,
    CreatedMatch,
    Not,
    TagMatch,
    TimeRange,
)
from storage.filters import ProfileOrderField, profile_filter
from storage.nouns import BESIDE, COLLECTIONS
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from tests.support.factories import CREATED, a_profile
from tests.support.stores import Stores

OWN = {"workspace": "demo"}
BYTES = b"\xff" * 16

PROFILE = {**OWN, "profile": BYTES}

# The query behind each index, as (filter, sort).
QUERIES: Mapping[str, list[tuple[Mapping[str, Any], Mapping[str, int] | None]]] = {
    "profiles": [
        ({**OWN, "_id": {"$lt": BYTES}}, {"_id": -1}),
        ({**OWN, "orderKeys.lastActivityAt": {"$lt": BYTES}}, {"orderKeys.lastActivityAt": -1}),
        ({**OWN, "orderKeys.name": {"$gt": "a"}}, {"orderKeys.name": 1}),
        # The gateway asks for an anchored expression, for which the stand-in plans no index; mongod does.
        ({**OWN, "search": "ann"}, None),
        ({**OWN, "tags.name": "vip"}, {"_id": -1}),
        ({**OWN, "attributes.name": "vip"}, None),
        ({**OWN, "identities.phone": "+4712345678"}, {"orderKeys.lastActivityAt": -1}),
    ],
    **{name: [(PROFILE, None)] for name in ("identifiers", "heads")},
    "leaves": [(PROFILE, None), ({**OWN, "_id": {"$gt": BYTES, "$lt": BYTES}}, {"_id": 1})],
    "aggregates": [({**OWN, "name": "revenue"}, None)],
    "dashboards": [({**OWN, "name": "overview"}, None)],
    "journal": [
        ({**PROFILE, "_id": {"$lt": BYTES}}, {"_id": -1}),
        ({**PROFILE, "kind": "EVENT", "_id": {"$lt": BYTES}}, {"_id": -1}),
        ({**PROFILE, "kind": "EVENT", "action": "page.visit", "_id": {"$lt": BYTES}}, {"_id": -1}),
        ({**PROFILE, "changes.field": "email", "_id": {"$lt": BYTES}}, {"_id": -1}),
        ({**PROFILE, "seq": {"$gt": 5}}, {"seq": 1}),
        ({**OWN, "uuid": {"$in": ["a"]}}, None),
        ({**OWN, "arrival": {"$gt": BYTES}}, {"arrival": 1}),
    ],
    **{name: [({**PROFILE, "_id": {"$lt": BYTES}}, {"_id": -1})] for name in BESIDE},
    "tasks": [
        ({**PROFILE, "_id": {"$lt": BYTES}}, {"_id": -1}),
        ({**PROFILE, "done": False, "_id": {"$lt": BYTES}}, {"_id": -1}),
        ({**OWN, "dueKey": {"$gt": BYTES, "$lt": BYTES}}, {"dueKey": 1}),
        ({**OWN, "done": False, "dueKey": {"$gt": BYTES}}, {"dueKey": 1}),
        ({**OWN, "assignee": "Eve", "dueKey": {"$gt": BYTES}}, {"dueKey": 1}),
        ({**OWN, "assignee": "Eve", "done": False, "dueKey": {"$gt": BYTES}}, {"dueKey": 1}),
    ],
    "tags": [({**OWN, "name": {"$gt": "a"}}, {"name": 1})],
    "attribute_definitions": [({**OWN, "name": {"$gt": "a"}}, {"name": 1})],
    "event_definitions": [({**OWN, "name": {"$in": ["a"]}}, None)],
    "jobs": [
        ({**OWN, "_id": {"$lt": BYTES}}, {"_id": -1}),
        ({**OWN, "status": {"$in": ["QUEUED", "RUNNING"]}}, None),
        ({"status": "RUNNING", "renewedAt": {"$lt": CREATED}}, {"renewedAt": 1}),
        ({"expiresAt": {"$lt": CREATED}}, None),
    ],
    "idempotency": [({"expiresAt": {"$lt": CREATED}}, None)],
    "confirmations": [({"expiresAt": {"$lt": CREATED}}, None)],
    "api_keys": [({**OWN, "prefix": "pgk_abcdefgh"}, None)],
}
# The packaged stand-in plans none for a part of a collection; mongod and the newer stand-in do.
PARTIAL = {("journal", 3)}
COLLECTION_BY_NAME = {collection.name: collection for collection in COLLECTIONS}
CASES = [(name, number) for name, queries in QUERIES.items() for number in range(len(queries))]


def stages(plan: Any) -> list[Mapping[str, Any]]:
    """Return every stage of a plan."""
    if isinstance(plan, list):
        return [stage for part in plan for stage in stages(part)]
    if isinstance(plan, dict):
        return [plan, *(stage for part in plan.values() for stage in stages(part))]
    return []


def test_every_index_has_its_query() -> None:
    declared = {collection.name: len(collection.indexes) for collection in COLLECTIONS if collection.indexes}
    assert declared == {name: len(queries) for name, queries in QUERIES.items()}


@pytest.mark.parametrize(("name", "number"), CASES)
async def test_its_plan_uses_the_index(stores: Stores, shared_database: Database, name: str, number: int) -> None:
    await a_profile(Workspace(shared_database, "demo"), events=1)
    filter, sort = QUERIES[name][number]
    collection = COLLECTION_BY_NAME[name]
    find: dict[str, Any] = {"find": name, "filter": dict(filter), **({"sort": dict(sort)} if sort else {})}
    explained = await shared_database.command({"explain": find, "verbosity": "queryPlanner"})
    used = [stage["keyPattern"] for stage in stages(explained["queryPlanner"]["winningPlan"]) if "keyPattern" in stage]
    wanted = [dict(collection.indexes[number].keys)]
    assert used == wanted or (used == [] and (name, number) in PARTIAL and packaged.DAEMON in stores.mongodb.server)


TAGS, ATTRIBUTES = 4, 5  # the places of their indexes
WITHIN = TimeRange(CREATED, CREATED + timedelta(days=1))
VIP, NEW = TagMatch("vip"), TagMatch("new")
OSLO = AttributeMatch("city", Comparison.EQ, "Oslo")
# Conditions, and the index that serves a list of them or a count; the packaged stand-in plans one for those of one key.
SERVED: Mapping[str, tuple[Condition, int, bool]] = {
    "tag": (VIP, TAGS, True),
    "any tag": (AnyOf((VIP, AnyOf((NEW, AllOf((TagMatch("old"),)))))), TAGS, True),
    "one of all": (AllOf((AllOf((VIP,)),)), TAGS, True),
    "not not": (Not(Not(VIP)), TAGS, True),
    "attribute": (AttributeMatch("city", Comparison.EXISTS), ATTRIBUTES, True),
    "all tags": (AllOf((VIP, NEW)), TAGS, False),
    "tag within a range": (AllOf((VIP, CreatedMatch(WITHIN))), TAGS, False),
    "tag without another": (AllOf((VIP, Not(NEW))), TAGS, False),
    "value": (OSLO, ATTRIBUTES, False),
    "any value": (AnyOf((OSLO, AttributeMatch("city", Comparison.EQ, "Rome"))), ATTRIBUTES, False),
}


@pytest.mark.parametrize("name", SERVED)
async def test_conditions_are_planned_by_an_index(stores: Stores, shared_database: Database, name: str) -> None:
    await a_profile(Workspace(shared_database, "demo"), events=1)
    condition, number, everywhere = SERVED[name]
    if not everywhere and packaged.DAEMON in stores.mongodb.server:
        pytest.skip("the packaged stand-in plans an index for conditions on one key only")
    filter = {**OWN, **profile_filter(condition, ProfileOrderField.CREATED_AT)}
    find = {"find": "profiles", "filter": filter, "sort": {"_id": -1}}
    explained = await shared_database.command({"explain": find, "verbosity": "queryPlanner"})
    used = [stage["keyPattern"] for stage in stages(explained["queryPlanner"]["winningPlan"]) if "keyPattern" in stage]
    indexes = COLLECTION_BY_NAME["profiles"].indexes
    # Where both would do, a server may take the order's own: of so few profiles they are equally good.
    fitting = [dict(indexes[number].keys), *([] if everywhere else [dict(indexes[0].keys)])]
    assert used
    assert all(each in fitting for each in used)


async def test_validators_refuse_what_is_no_document(shared_database: Database) -> None:
    for collection in COLLECTIONS:
        with pytest.raises(Exception, match=r"validation"):
            await shared_database.insert(collection.name, [{"_id": "x", "workspace": 1}])


async def test_partial_indexes_are_declared(shared_database: Database) -> None:
    for name, number in PARTIAL:
        (index,) = (
            index
            for index in (await shared_database.command({"listIndexes": name}))["cursor"]["firstBatch"]
            if index["key"] == dict(COLLECTION_BY_NAME[name].indexes[number].keys)
        )
        assert index["partialFilterExpression"] == {COLLECTION_BY_NAME[name].indexes[number].where: {"$exists": True}}
