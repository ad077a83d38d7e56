"""Identifiers, set and removed by `profileUpdate`, and that what is set is found."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.app import open_state
from gateway.settings import Settings
from gateway.telemetry.metrics import Metrics
from resolvers.context import Context
from schema import schema
from storage.credentials import Credential, CredentialKind, Scope
from storage.setup import prepare_workspace
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.factories import a_profile
from tests.support.mutating import PROFILE, changed_fields, codes, document, mutate, traces
from tests.support.stores import Stores

WRITER = frozenset({Scope.PROFILES_WRITE})
FIELDS = {"EMAIL": "email", "PHONE": "phone", "CUSTOM_ID": "customId"}
TAKEN = f"{PROFILE} userErrors {{ ... on IdentifierTaken {{ profile {{ id displayName }} }} }}"
BY = "query ($by: ProfileBy!) { profile(by: $by) { id } }"


async def new_profile(workspace: Workspace, **parts: Any) -> str:
    return to_public("prf", (await a_profile(workspace, **parts))["_id"])


async def set_(ask: Ask, id: str, kind: str, value: str | None, **more: Any) -> Any:
    return await mutate(ask, "profileUpdate", {"id": id, FIELDS[kind]: value, **more}, selecting=TAKEN)


@pytest.mark.parametrize(
    ("kind", "value", "kept", "by", "spellings"),
    [
        ("EMAIL", " Ann@Example.COM ", "ann@example.com", "email", ["ann@example.com", "ANN@EXAMPLE.COM "]),
        ("EMAIL", "STRASSE@BÜCHER.de", "strasse@bücher.de", "email", ["strasse@xn--bcher-kva.DE", "strasse@bücher.de"]),
        ("EMAIL", "Straße@example.com", "straße@example.com", "email", ["STRAẞE@example.com"]),
        ("PHONE", "+47 400-00-000", "+4740000000", "phone", ["+4740000000", "+47 40 00 00 00", "tel:+47-40000000"]),
        ("CUSTOM_ID", "Crm 7/ÆØ", "Crm 7/ÆØ", "customId", ["Crm 7/ÆØ"]),
        ("CUSTOM_ID", "x" * 254, "x" * 254, "customId", ["x" * 254]),
    ],
)
async def test_an_identifier_is_kept_in_one_form_and_found_in_any(
    ask: Ask, workspace: Workspace, kind: str, value: str, kept: str, by: str, spellings: list[str]
) -> None:  # R2 R14
    id = await new_profile(workspace)
    done = await set_(ask, id, kind, value)
    assert done["userErrors"] == []
    (change,) = done["changes"]
    assert (change["__typename"], change["action"], change["fields"]) == ("IdentifierChange", "identifier.change", [by])
    assert (change["kind"], change["before"], change["after"]) == (kind, None, kept)
    assert {**done["profile"]["contact"], **done["profile"]["identities"]}[by] == kept
    for spelling in spellings:
        assert (await ask(BY, by={by: spelling}))["profile"] == {"id": id}, spelling
        assert (await set_(ask, id, kind, spelling))["changes"] == []
    gone = await set_(ask, id, kind, None)
    (change,) = gone["changes"]
    assert (change["kind"], change["before"], change["after"]) == (kind, kept, None)
    assert (await ask(BY, by={by: kept}))["profile"] is None
    again = await set_(ask, id, kind, None)
    assert (again["userErrors"], again["changes"], again["profile"]["version"]) == ([], [], 3)


@pytest.mark.parametrize("kind", ["EMAIL", "PHONE", "CUSTOM_ID"])
@pytest.mark.parametrize("character", ["\r", "\n", "\u2028", "\u2029", "\u00ad", "\U0001f600", "\U00010000", "\0"])
async def test_forbidden_characters_name_code_point_and_position(
    ask: Ask, workspace: Workspace, kind: str, character: str
) -> None:  # R15 R17
    id = await new_profile(workspace)
    before = await traces(workspace)
    for value, position in ((f"ab{character}c@example.com", 2), (f"ann@example.com{character}", 15)):
        refused = await set_(ask, id, kind, value, idempotencyKey="k-1")
        assert codes(refused) == [("FORBIDDEN_CHARACTER", ["input", FIELDS[kind]])]
        message = f"The character U+{ord(character):04X} at position {position} is not allowed here."
        assert refused["userErrors"][0]["message"] == message
    assert await traces(workspace) == before


@pytest.mark.parametrize(
    ("kind", "value", "code", "reason"),
    [
        ("EMAIL", "ann", "INVALID_VALUE", "An email address must have an @-sign."),
        ("EMAIL", "a@b@example.com", "INVALID_VALUE", "@"),
        ("EMAIL", "ann@example", "INVALID_VALUE", "period"),
        ("EMAIL", "Ann <ann@example.com>", "INVALID_VALUE", "angle brackets"),
        ("EMAIL", "ann@xn--ec8cc.com", "FORBIDDEN_CHARACTER", "U+10330"),  # Gothic letters in Punycode
        ("EMAIL", " ", "BLANK", ""),
        ("EMAIL", f"{'a' * 250}@example.com", "TOO_LONG", "254"),
        ("PHONE", "call me", "INVALID_VALUE", "It does not look like one."),
        ("PHONE", "40000000", "INVALID_VALUE", "country code"),
        ("PHONE", "+999 40000000", "INVALID_VALUE", "country code"),
        ("PHONE", "+47 400", "INVALID_VALUE", "It is too short for its country."),
        ("PHONE", "+47 400 000 000 000", "INVALID_VALUE", "It is too long for its country."),
        ("PHONE", "+1 253-0000", "INVALID_VALUE", "It lacks its area code."),
        ("PHONE", "+47 40000000 ext. 3", "INVALID_VALUE", "extension"),
        ("CUSTOM_ID", "", "BLANK", ""),
        ("CUSTOM_ID", "x" * 255, "TOO_LONG", "254"),
    ],
)
async def test_bad_values_say_why(
    ask: Ask, workspace: Workspace, kind: str, value: str, code: str, reason: str
) -> None:
    id = await new_profile(workspace)
    before = await traces(workspace)
    refused = await set_(ask, id, kind, value)
    assert codes(refused) == [(code, ["input", FIELDS[kind]])]
    assert reason in refused["userErrors"][0]["message"]
    assert await traces(workspace) == before


async def test_an_identifier_that_is_taken_says_by_whom_only_to_readers(ask: Ask, workspace: Workspace) -> None:  # R14
    owner = await new_profile(
        workspace, email="bob@example.com", firstName="Bob", change=lambda edit: edit.set("customId", "C-1")
    )
    id = await new_profile(workspace, change=lambda edit: edit.set("phone", "+4740000000"))
    before = await traces(workspace)
    for kind, value in (("EMAIL", "BOB@example.com"), ("CUSTOM_ID", "C-1")):
        told = await set_(ask, id, kind, value)
        assert codes(told) == [("TAKEN", ["input", FIELDS[kind]])]
        (error,) = told["userErrors"]
        assert (error["__typename"], error["profile"]) == ("IdentifierTaken", {"id": owner, "displayName": "Bob"})
        given = {"id": id, FIELDS[kind]: value}
        for scopes in (WRITER, WRITER | {Scope.PROFILES_READ}, WRITER | {Scope.PERSONAL_READ}):
            blind = await mutate(ask, "profileUpdate", given, selecting=TAKEN, scopes=scopes)
            assert blind["userErrors"] == [{**error, "profile": None}]
            assert owner not in str(blind)
    assert await traces(workspace) == before
    assert codes(await set_(ask, owner, "PHONE", "+4740000000")) == []  # R8: need not be unique
    await set_(ask, owner, "EMAIL", None)
    assert codes(await set_(ask, id, "EMAIL", "bob@example.com")) == []


async def test_options_and_foreign_profiles(ask: Ask, workspace: Workspace) -> None:  # R45 X7
    id = await new_profile(workspace, email="ann@example.com")
    other = await prepare_workspace(workspace.database, f"{workspace.id}-other", name="Other")
    before = await traces(workspace)
    for email in ("new@example.com", None):
        given = {"id": id, "email": email}
        assert codes(await mutate(ask, "profileUpdate", given, of=other)) == [("NOT_FOUND", ["id"])]
        late = await set_(ask, id, "EMAIL", email, expectedVersion=9)
        assert codes(late) == [("VERSION_CONFLICT", ["options", "expectedVersion"])]
        dry = await set_(ask, id, "EMAIL", email, dryRun=True)
        assert (dry["profile"]["version"], len(dry["changes"])) == (2, 1)
    assert await traces(workspace) == before
    once = {"expectedVersion": 1, "idempotencyKey": "k"}
    first = await set_(ask, id, "EMAIL", "new@example.com", **once)
    after = await traces(workspace)
    assert (await set_(ask, id, "EMAIL", "new@example.com", **once), codes(first)) == (first, [])
    assert await traces(workspace) == after


async def test_each_identifier_has_an_entry_of_its_own(ask: Ask, workspace: Workspace) -> None:
    id = await new_profile(workspace, email="ann@example.com", change=lambda edit: edit.set("customId", "C-1"))
    given = {"email": None, "phone": "+47 400 00 000", "customId": "C-2"}
    answer = await mutate(ask, "profileUpdate", {"id": id, **given})
    assert {change["__typename"] for change in answer["changes"]} == {"IdentifierChange"}
    assert len({change["id"] for change in answer["changes"]}) == 3
    told = {change["fields"][0]: (change["kind"], change["before"], change["after"]) for change in answer["changes"]}
    assert (changed_fields(answer), told) == (
        ["email", "phone", "customId"],
        {
            "email": ("EMAIL", "ann@example.com", None),
            "phone": ("PHONE", None, "+4740000000"),
            "customId": ("CUSTOM_ID", "C-1", "C-2"),
        },
    )
    device = {"profileId": id, "firebaseId": "token", "platform": "WEB", "uuid": "uuid-1"}
    answer = await mutate(ask, "deviceRegister", device)
    told = {change["fields"][0]: change for change in answer["changes"] if change["__typename"] == "IdentifierChange"}
    assert {field: (change["kind"], change["before"], change["after"]) for field, change in told.items()} == {
        "uuids.uuid-1": ("UUID", None, "uuid-1"),
        "firebaseIds.token": ("FIREBASE_ID", None, "token"),
    }


async def test_who_may_not_read_personal_data_gets_hints(ask: Ask, workspace: Workspace) -> None:  # X5
    id = await new_profile(workspace, email="ann@example.com", change=lambda edit: edit.set("customId", "C-1"))
    given = {"id": id, "email": "bob@example.com", "phone": "+4740000089", "customId": None, "description": "Tall"}
    answer = await mutate(ask, "profileUpdate", given, scopes=WRITER)
    told = {field: change for change in answer["changes"] for field in change["fields"]}
    assert [(told[field]["before"], told[field]["after"]) for field in ("email", "phone", "customId")] == [
        ("a***@example.com", "b***@example.com"),
        (None, "***89"),
        ("***", None),
    ]
    assert told["description"]["description"] == {"before": None, "after": None, "masked": True}
    assert (answer["profile"]["contact"]["email"], answer["profile"]["contact"]["phone"]) == (
        "b***@example.com",
        "***89",
    )


async def test_the_region_of_phones_without_country_code(workspace: Workspace) -> None:
    """The setting is the gateway's, so it comes with the context."""
    credential = Credential(CredentialKind.API_KEY, "pgk_test", "Test", workspace.id, frozenset(Scope))
    id = await new_profile(workspace)
    for query, variables, field in (
        (document("profileUpdate"), {"id": id, "input": {"phone": "400 00 000"}}, "payload"),
        (BY, {"by": {"phone": "40 00 00 00"}}, "profile"),
    ):
        context = Context(credential, workspace, phone_region="NO")
        result = await schema.execute(query, variable_values=variables, context_value=context)
        assert result.errors is None
        assert id in str(result.data[field])


async def test_the_region_is_a_setting(settings: Settings, stores: Stores) -> None:
    chosen = Settings(**{**settings.model_dump(), "phone_region": "NO"})
    credential = Credential(CredentialKind.API_KEY, "pgk_test", "Test", "demo", frozenset(Scope))
    uris = {"mongodb_uri": stores.mongodb_uri, "redis_url": stores.redis_url}
    async with open_state(chosen, schema, Metrics(), **uris) as state:
        assert state.engine._make_context(credential).phone_region == "NO"
    for odd in ("no", "XX", "+47"):
        with pytest.raises(ValidationError, match="two letters"):
            Settings(phone_region=odd)
