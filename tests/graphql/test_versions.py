"""Versions: each thing has its own, and `expectedVersion` keeps a change off what somebody else has changed."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from storage.store.ids import to_public
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.factories import a_profile
from tests.support.graph import MUTATIONS
from tests.support.mutating import mutate, refusals, traces


@dataclass(frozen=True, slots=True)
class Thing:
    """A kind of thing: what one is made of, and what changes it."""

    kind: str
    made_of: dict[str, Any]
    change: dict[str, Any]
    others: tuple[str, ...] = field(default=())

    @property
    def shown(self) -> str:
        return f"{self.kind} {{ id version updatedAt }}"

    @property
    def deleted(self) -> str:
        return f"deleted{self.kind[0].upper()}{self.kind[1:]}Id"


THINGS = [
    Thing("note", {"title": "Call"}, {"title": "Letter"}),
    Thing("task", {"title": "Call"}, {"assignee": "Eve"}, ("taskComplete", "taskReopen")),
    Thing("tag", {"name": "vip"}, {"description": "Spends a lot"}),
    Thing("attributeDefinition", {"name": "tier", "displayName": "Tier", "type": "STRING"}, {"section": "GEO"}),
    Thing("eventDefinition", {"name": "cart.add", "displayName": "Cart"}, {"icon": "cart"}),
]
of_each_thing = pytest.mark.parametrize("thing", THINGS, ids=lambda thing: thing.kind)
CREATING = ("profileCreate", "noteCreate", "taskCreate", "eventCreate", "eventsCreate")


async def make(ask: Ask, workspace: Workspace, thing: Thing) -> Any:
    given = dict(thing.made_of)
    if "profileId" in MUTATIONS[f"{thing.kind}Create"].args:
        given["profileId"] = to_public("prf", (await a_profile(workspace))["_id"])
    answer = await mutate(ask, f"{thing.kind}Create", given, selecting=thing.shown)
    assert refusals(answer) == []
    return answer[thing.kind]


async def update(ask: Ask, thing: Thing, id: str, **given: Any) -> Any:
    return await mutate(ask, f"{thing.kind}Update", {"id": id, **thing.change, **given}, selecting=thing.shown)


async def delete(ask: Ask, thing: Thing, id: str, **options: Any) -> Any:
    return await mutate(ask, f"{thing.kind}Delete", {"id": id, **options}, selecting=thing.deleted)


def conflict(answer: Any) -> int:
    """Return the version that a refusal tells, and check that it tells nothing else."""
    (error,) = answer["userErrors"]
    assert (error["__typename"], error["code"]) == ("VersionConflict", "VERSION_CONFLICT")
    assert error["field"] == ["options", "expectedVersion"]
    assert f"version {error['currentVersion']} now" in error["message"]
    version: int = error["currentVersion"]
    return version


@of_each_thing
async def test_a_thing_changes_at_the_version_that_was_expected(
    ask: Ask, workspace: Workspace, thing: Thing
) -> None:  # R45
    made = await make(ask, workspace, thing)
    before = await traces(workspace)
    for other in (0, 2, -1, 2**31 - 1):
        refused = await update(ask, thing, made["id"], expectedVersion=other)
        assert (conflict(refused), refused[thing.kind]) == (1, None)
        assert conflict(await delete(ask, thing, made["id"], expectedVersion=other)) == 1
        for name in thing.others:
            assert conflict(await mutate(ask, name, {"id": made["id"], "expectedVersion": other}, selecting="")) == 1
    dry = await update(ask, thing, made["id"], expectedVersion=1, dryRun=True)
    assert (refusals(dry), dry[thing.kind]["version"]) == ([], 2)
    assert await traces(workspace) == before
    changed = (await update(ask, thing, made["id"], expectedVersion=1))[thing.kind]
    assert (changed["version"], changed["updatedAt"] > made["updatedAt"]) == (2, True)
    assert conflict(await update(ask, thing, made["id"], expectedVersion=1)) == 2
    assert conflict(await delete(ask, thing, made["id"], expectedVersion=1)) == 2
    gone = await delete(ask, thing, made["id"], expectedVersion=2)
    assert (refusals(gone), gone[thing.deleted]) == ([], made["id"])
    assert refusals(await update(ask, thing, made["id"], expectedVersion=2)) == [("NOT_FOUND", ["id"])]


@of_each_thing
async def test_what_changes_nothing_keeps_the_version(ask: Ask, workspace: Workspace, thing: Thing) -> None:
    made = await make(ask, workspace, thing)
    changed = (await update(ask, thing, made["id"]))[thing.kind]
    before = await traces(workspace)
    assert (await update(ask, thing, made["id"], expectedVersion=2))[thing.kind] == changed
    assert await traces(workspace) == before


@of_each_thing
async def test_of_those_who_expect_the_same_version_one_gets_it(ask: Ask, workspace: Workspace, thing: Thing) -> None:
    id = (await make(ask, workspace, thing))["id"]
    answers = await asyncio.gather(*(update(ask, thing, id, expectedVersion=1) for _ in range(4)))
    assert [answer[thing.kind]["version"] for answer in answers if not answer["userErrors"]] == [2]
    assert [conflict(answer) for answer in answers if answer["userErrors"]] == [2, 2, 2]


@of_each_thing
async def test_a_retry_gets_its_answer_whatever_the_version_is_now(
    ask: Ask, workspace: Workspace, thing: Thing
) -> None:
    id = (await make(ask, workspace, thing))["id"]
    once = {"expectedVersion": 1, "idempotencyKey": "k"}
    first = await update(ask, thing, id, **once)
    assert (refusals(first), first[thing.kind]["version"]) == ([], 2)
    assert await update(ask, thing, id, **once) == first
    mismatch = [("IDEMPOTENCY_MISMATCH", ["options", "idempotencyKey"])]
    assert refusals(await update(ask, thing, id, **{**once, "expectedVersion": 2})) == mismatch
    gone = await delete(ask, thing, id, expectedVersion=2, idempotencyKey="k-2")
    assert await delete(ask, thing, id, expectedVersion=2, idempotencyKey="k-2") == gone
    assert await update(ask, thing, id, **once) == first


async def test_the_version_of_a_profile_counts_its_own_edits(ask: Ask, workspace: Workspace) -> None:  # R45
    profile = await a_profile(workspace, firstName="Ann")
    id = to_public("prf", profile["_id"])
    for name, given in (
        ("noteCreate", {"title": "Call"}),
        ("taskCreate", {"title": "Call"}),
        ("eventCreate", {"action": "page.visit"}),
    ):
        answer = await mutate(ask, name, {"profileId": id, **given})
        assert (refusals(answer), answer["profile"]["version"]) == ([], 1)
    refused = await mutate(ask, "profileUpdate", {"id": id, "lastName": "Berg", "expectedVersion": 2})
    assert (conflict(refused), refused["profile"], refused["changes"]) == (1, None, [])
    for version, (name, given) in enumerate(
        (
            ("profileUpdate", {"id": id, "lastName": "Berg", "email": "ann@example.com"}),
            ("profileTagsAdd", {"id": id, "tags": ["vip", "new"]}),
            ("profileAttributesUnset", {"id": id, "names": ["lastName"]}),
            ("profileAgreementsSet", {"id": id, "agreements": [{"channel": "SMS", "status": "ENABLED"}]}),
            ("deviceRegister", {"profileId": id, "firebaseId": "token", "platform": "WEB"}),
        ),
        1,
    ):
        assert conflict(await mutate(ask, name, {**given, "expectedVersion": version + 1})) == version
        answer = await mutate(ask, name, {**given, "expectedVersion": version})
        assert (refusals(answer), answer["profile"]["version"]) == ([], version + 1)


@pytest.mark.parametrize("name", [*CREATING, "tagCreate", "attributeDefinitionCreate", "eventDefinitionCreate"])
@pytest.mark.parametrize("version", [0, 1])
async def test_what_is_created_has_no_version_to_expect(
    ask: Ask, workspace: Workspace, name: str, version: int
) -> None:
    profile = await a_profile(workspace)
    made_of = {f"{thing.kind}Create": thing.made_of for thing in THINGS} | {
        "profileCreate": {"firstName": "Ann"},
        "eventCreate": {"action": "page.visit"},
        "eventsCreate": {"events": []},
    }
    given = {**made_of[name], "expectedVersion": version}
    if "profileId" in MUTATIONS[name].args:
        given["profileId"] = to_public("prf", profile["_id"])
    before = await traces(workspace)
    refused = await mutate(ask, name, given, selecting="__typename")
    assert refusals(refused) == [("INVALID_VALUE", ["options", "expectedVersion"])]
    assert refused["userErrors"][0]["__typename"] == "InputError"
    assert await traces(workspace) == before
