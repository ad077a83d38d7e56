"""`profileCreate` and `profileUpdate`."""

import asyncio
from typing import Any

import pytest

from storage.credentials import Scope
from storage.setup import prepare_workspace
from storage.store.ids import from_public, to_public
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.factories import a_profile
from tests.support.mutating import PROFILE, arguments_of, changed_fields, codes, document, mutate, traces

ANN = {
    "firstName": "Ann",
    "lastName": "Berg",
    "email": " Ann.Berg@EXAMPLE.com",
    "phone": "+47 400 00 000",
    "customId": "C-1",
    "description": "Met at the fair",
    "uuid": "uuid-1",
}
TAKEN = f"{PROFILE} userErrors {{ ... on IdentifierTaken {{ profile {{ id }} }} }}"
WRITE_ONLY = frozenset({Scope.PROFILES_WRITE})


async def test_a_profile_is_made_of_what_is_given(ask: Ask, workspace: Workspace) -> None:  # R8 R11 R14 R44
    made = await mutate(ask, "profileCreate", {**ANN, "onBehalfOf": "Eve"})
    assert made["userErrors"] == []
    profile = made["profile"]
    assert (profile["version"], profile["recognized"], profile["displayName"]) == (1, True, "Ann Berg")
    assert profile["contact"] == {"email": "ann.berg@example.com", "phone": "+4740000000"}
    assert profile["personal"] == {"firstName": "Ann", "lastName": "Berg"}
    assert profile["description"] == "Met at the fair"
    assert profile["identities"]["customId"] == "C-1"
    assert profile["identities"]["uuids"] == [{"value": "uuid-1", "platform": None, "formFactor": None}]
    assert {attribute["source"] for attribute in profile["attributes"]} == {"CARD"}
    assert set(changed_fields(made)) == {
        *("description", "email", "phone", "customId", "attributes.firstName", "attributes.lastName", "uuids.uuid-1")
    }
    assert {change["__typename"]: change["action"] for change in made["changes"]} == {
        "ProfileChange": "profile.create",
        "IdentifierChange": "identifier.change",
        "AttributeChange": "attribute.change",
    }
    again = await ask("query ($id: ID!) { profile(by: {id: $id}) { displayName version } }", id=profile["id"])
    assert again["profile"] == {"displayName": "Ann Berg", "version": 1}
    entries = (await traces(workspace))["journal"]
    assert {(entry["actor"]["id"], entry["actor"]["onBehalfOf"]) for entry in entries} == {("pgk_test", "Eve")}


async def test_a_profile_can_be_made_of_nothing(ask: Ask) -> None:  # R8
    made = await mutate(ask, "profileCreate", {})
    assert made["userErrors"] == []
    (change,) = made["changes"]
    assert (change["__typename"], change["action"], change["was"]) == ("ProfileChange", "profile.create", "CREATED")
    assert (change["fields"], change["description"]) == ([], None)
    assert (made["profile"]["recognized"], made["profile"]["version"]) == (False, 1)
    other = await mutate(ask, "profileCreate", {"email": None, "uuid": None})
    assert other["profile"]["id"] != made["profile"]["id"]


@pytest.mark.parametrize("email", ["ann@example.com", None])
async def test_a_retry_answers_with_the_profile_of_the_first_time(
    ask: Ask, workspace: Workspace, email: str | None
) -> None:  # R45
    input = {"email": email, "uuid": "uuid-1", "idempotencyKey": "k-1"}
    answers = await asyncio.gather(*(mutate(ask, "profileCreate", input) for _ in range(6)))
    answers.append(await mutate(ask, "profileCreate", input))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["userErrors"] == []
    left = await traces(workspace)
    (profile,) = left["profiles"]
    assert to_public("prf", profile["_id"]) == answers[0]["profile"]["id"]
    assert {entry["profile"] for entry in left["journal"]} == {profile["_id"]}
    assert sorted(entry["seq"] for entry in left["journal"]) == list(range(1, profile["seq"] + 1))
    assert {identifier["profile"] for identifier in left["identifiers"]} == {profile["_id"]}
    mismatch = await mutate(ask, "profileCreate", {**input, "firstName": "Ann"})
    assert codes(mismatch) == [("IDEMPOTENCY_MISMATCH", ["options", "idempotencyKey"])]
    assert await traces(workspace) == left


async def test_only_one_of_those_made_at_once_gets_the_identifier(ask: Ask, workspace: Workspace) -> None:
    made = await asyncio.gather(*(mutate(ask, "profileCreate", {"customId": "C-1"}) for _ in range(5)))
    assert sorted(map(codes, made)) == [[], *[[("TAKEN", ["input", "customId"])]] * 4]
    assert len((await traces(workspace))["profiles"]) == 1


async def test_taken_identifiers_are_told_where_they_are(ask: Ask, workspace: Workspace) -> None:
    owner = (await mutate(ask, "profileCreate", ANN))["profile"]["id"]
    before = await traces(workspace)
    taken = {"email": "ann.berg@example.com", "customId": "C-1", "uuid": "uuid-1", "phone": "+4740000000"}
    refused = await mutate(ask, "profileCreate", taken, selecting=TAKEN)
    assert sorted(codes(refused)) == [("TAKEN", ["input", name]) for name in ("customId", "email", "uuid")]
    assert {error["__typename"] for error in refused["userErrors"]} == {"IdentifierTaken"}
    assert [error["profile"] for error in refused["userErrors"]] == [{"id": owner}] * 3
    for scopes in (WRITE_ONLY, WRITE_ONLY | {Scope.PROFILES_READ}, WRITE_ONLY | {Scope.PERSONAL_READ}):
        blind = await mutate(ask, "profileCreate", taken, selecting=TAKEN, scopes=scopes)
        assert codes(blind) == codes(refused)
        assert [error["profile"] for error in blind["userErrors"]] == [None] * 3
        assert owner not in str(blind)
    assert await traces(workspace) == before
    assert codes(await mutate(ask, "profileCreate", {"phone": "+4740000000"})) == []  # need not be unique


async def test_everything_that_is_wrong_is_told_at_once(ask: Ask, workspace: Workspace) -> None:  # R15 R17
    before = await traces(workspace)
    wrong = {
        "firstName": " ",
        "lastName": "x" * 201,
        "email": "ann",
        "phone": "12",
        "customId": "C\u00ad1",
        "description": "x" * 20_001,
    }
    refused = await mutate(ask, "profileCreate", wrong)
    assert codes(refused) == [
        ("BLANK", ["input", "firstName"]),
        ("TOO_LONG", ["input", "lastName"]),
        ("INVALID_VALUE", ["input", "email"]),
        ("INVALID_VALUE", ["input", "phone"]),
        ("FORBIDDEN_CHARACTER", ["input", "customId"]),
        ("TOO_LONG", ["input", "description"]),
    ]
    assert codes(await mutate(ask, "profileCreate", {"uuid": "a\u2028b"})) == [
        ("FORBIDDEN_CHARACTER", ["input", "uuid"])
    ]
    assert await traces(workspace) == before


async def test_a_dry_run_makes_nothing(ask: Ask, workspace: Workspace) -> None:  # X7
    before = await traces(workspace)
    dry = await mutate(ask, "profileCreate", {**ANN, "dryRun": True, "idempotencyKey": "k-1"})
    assert (dry["profile"]["displayName"], dry["userErrors"]) == ("Ann Berg", [])
    assert await traces(workspace) == before
    assert codes(await mutate(ask, "profileCreate", {**ANN, "idempotencyKey": "k-1"})) == []


async def updated(ask: Ask, id: str, **input: Any) -> Any:
    return await mutate(ask, "profileUpdate", {"id": id, **input})


async def test_an_update_changes_what_is_given(ask: Ask) -> None:  # R11 R22 R44
    id = (await mutate(ask, "profileCreate", ANN))["profile"]["id"]
    first = await updated(ask, id, lastName="Dahl", email=None, description=None)
    assert first["profile"]["personal"] == {"firstName": "Ann", "lastName": "Dahl"}
    assert first["profile"]["contact"] == {"email": None, "phone": "+4740000000"}
    assert (first["profile"]["description"], first["profile"]["recognized"]) == (None, False)
    assert first["profile"]["version"] == 2
    changes = {change["__typename"]: change for change in first["changes"]}
    assert sorted(changed_fields(first)) == ["attributes.lastName", "description", "email"]
    email, told = changes["IdentifierChange"], changes["ProfileChange"]
    assert (email["kind"], email["before"], email["after"]) == ("EMAIL", "ann.berg@example.com", None)
    assert (told["action"], told["was"]) == ("profile.update", "UPDATED")
    assert told["description"] == {"before": "Met at the fair", "after": None, "masked": False}
    (edit,) = changes["AttributeChange"]["edits"]
    assert (edit["kind"], edit["before"]["string"], edit["after"]["string"]) == ("UPDATED", "Berg", "Dahl")
    assert {attribute["source"] for attribute in first["profile"]["attributes"]} == {"API"}
    second = await updated(ask, id, firstName=None)
    assert [attribute["name"] for attribute in second["profile"]["attributes"]] == ["lastName"]
    same = await updated(ask, id, lastName="Dahl")
    assert (same["profile"]["version"], same["changes"], same["userErrors"]) == (3, [], [])
    freed = await mutate(ask, "profileCreate", {"email": "ann.berg@example.com"})
    assert freed["userErrors"] == []


async def test_null_and_not_given_are_other_inputs(ask: Ask) -> None:  # R45
    id = (await mutate(ask, "profileCreate", ANN))["profile"]["id"]
    assert codes(await updated(ask, id, lastName="Dahl", idempotencyKey="k-1")) == []
    removing = await updated(ask, id, lastName="Dahl", firstName=None, idempotencyKey="k-1")
    assert codes(removing) == [("IDEMPOTENCY_MISMATCH", ["options", "idempotencyKey"])]


async def test_a_refused_update_leaves_nothing(ask: Ask, workspace: Workspace) -> None:  # R45
    await a_profile(workspace, email="bob@example.com")
    id = (await mutate(ask, "profileCreate", ANN))["profile"]["id"]
    before = await traces(workspace)
    for input, refusals in (
        ({"firstName": "Anna", "email": "BOB@example.com"}, [("TAKEN", ["input", "email"])]),
        (
            {"firstName": "Anna", "email": "", "phone": "x"},
            [("BLANK", ["input", "email"]), ("INVALID_VALUE", ["input", "phone"])],
        ),
        ({"firstName": "Anna", "expectedVersion": 7}, [("VERSION_CONFLICT", ["options", "expectedVersion"])]),
    ):
        assert codes(await updated(ask, id, **input, idempotencyKey="k-1")) == refusals
    dry = await updated(ask, id, firstName="Anna", dryRun=True)
    assert (dry["profile"]["personal"]["firstName"], dry["profile"]["version"]) == ("Anna", 2)
    assert await traces(workspace) == before
    assert codes(await updated(ask, id, firstName="Anna", expectedVersion=1, idempotencyKey="k-1")) == []
    retried = await updated(ask, id, firstName="Anna", expectedVersion=1, idempotencyKey="k-1")
    assert (retried["profile"]["version"], codes(retried)) == (2, [])


async def test_profiles_of_others_do_not_exist(ask: Ask, workspace: Workspace) -> None:
    id = (await mutate(ask, "profileCreate", ANN))["profile"]["id"]
    other = await prepare_workspace(workspace.database, f"{workspace.id}-other", name="Other")
    before = await traces(workspace)
    foreign = await mutate(ask, "profileUpdate", {"id": id, "firstName": "Eve"}, of=other)
    nowhere = await updated(ask, to_public("prf", bytes(16)), firstName="Eve")
    assert codes(foreign) == [("NOT_FOUND", ["id"])]
    assert foreign == nowhere
    for odd in ("", "prf_1", to_public("nte", from_public(id)[1])):
        assert codes(await updated(ask, odd, firstName="Eve")) == [("NOT_FOUND", ["id"])]
    assert await traces(workspace) == before
    assert codes(await mutate(ask, "profileCreate", ANN, of=other)) == []  # identifiers are a workspace's own


async def test_editing_needs_its_scope(ask: Ask) -> None:
    for name, given in (("profileCreate", {}), ("profileUpdate", {"id": to_public("prf", bytes(16))})):
        query, reader = document(name, "__typename"), frozenset({Scope.PROFILES_READ})
        (error,) = await ask(query, **arguments_of(name, given), scopes=reader, failing=True)
        assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": "profiles:write"}
