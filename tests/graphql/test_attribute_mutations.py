"""Setting and removing attributes."""

from typing import Any

from storage.attribute_definitions import all_definitions
from storage.attribute_values import MOST_CHARACTERS
from storage.credentials import Scope
from storage.profiles import ProfileDoc
from storage.rules import LONGEST_LINE, LONGEST_NAME, MOST_ATTRIBUTES, MOST_ITEMS
from storage.setup import prepare_workspace
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.defining import STRING, defining, deleting, id_of, public, setting, told, unsetting, updating
from tests.support.factories import a_profile
from tests.support.mutating import arguments_of, changed_fields, document

WRITER = frozenset({Scope.PROFILES_READ, Scope.PROFILES_WRITE})


async def stored(workspace: Workspace, profile: ProfileDoc) -> ProfileDoc:
    found: ProfileDoc = await workspace.find_one("profiles", {"_id": profile["_id"]})
    return found


async def test_values_of_every_type_are_set_at_once(ask: Ask, workspace: Workspace) -> None:  # R19 R20 R21
    profile = await a_profile(workspace, firstName="Ann")
    values = {
        "text": {"string": "gold"},
        "number": {"number": 4},
        "date": {"date": "2026-02-03T04:05:06.789+01:00"},
        "boolean": {"boolean": False},
        "array": {"items": ["a", 1, 1.5, True, 2**70]},
        "nothing": None,
    }
    types = ["STRING", "NUMBER", "DATE", "BOOLEAN", "ARRAY", "STRING"]
    new = [
        {"name": name, "value": value, "definition": {"displayName": name.title(), "type": type, "section": "GEO"}}
        for (name, value), type in zip(values.items(), types, strict=True)
    ]
    payload = await setting(ask, profile, {"name": "firstName", "value": {"string": "Anna"}}, *new)
    assert payload["userErrors"] == []
    assert payload["profile"]["displayName"] == "Anna"
    shown = {attribute["name"]: attribute for attribute in payload["profile"]["attributes"]}
    assert shown["date"].pop("value") == {"date": "2026-02-03T03:05:06.789000+00:00"}
    assert {name: shown[name]["value"] for name in values if name != "date"} == {
        name: value for name, value in values.items() if name != "date"
    }
    assert [shown[name]["type"] for name in values] == types
    assert {(shown[name]["displayName"], shown[name]["section"], shown[name]["source"]) for name in values} == {
        (name.title(), "GEO", "API") for name in values
    }
    (change,) = payload["changes"]
    assert (change["__typename"], change["action"]) == ("AttributeChange", "attribute.change")
    assert change["fields"] == [f"attributes.{name}" for name in ["firstName", *values]]
    edits = {edit["name"]: edit for edit in change["edits"]}
    assert edits["firstName"] == {
        "name": "firstName",
        "kind": "UPDATED",
        "before": {"__typename": "StringValue", "string": "Ann"},
        "after": {"__typename": "StringValue", "string": "Anna"},
        "masked": False,
    }
    names = ["StringValue", "NumberValue", "DateValue", "BooleanValue", "ArrayValue"]
    for name, typename in zip(values, [*names, None], strict=True):
        edit = edits[name]
        value = typename and {"__typename": typename, **values[name]}
        after = value if name != "date" else {**value, "date": "2026-02-03T03:05:06.789000+00:00"}
        assert (edit["kind"], edit["before"], edit["after"], edit["masked"]) == ("CREATED", None, after, False), name
    assert (await stored(workspace, profile))["version"] == profile["version"] + 1
    definition = await workspace.find_one("attribute_definitions", {"name": "text"})
    assert (definition["system"], definition["personal"]) == (False, True)


async def test_the_same_value_again_changes_nothing(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    number = {"name": "score", "value": {"number": 4}, "definition": {"displayName": "Score", "type": "NUMBER"}}
    items = {"name": "list", "value": {"items": [1]}, "definition": {"displayName": "List", "type": "ARRAY"}}
    first = await setting(ask, profile, number, items)
    again = await setting(ask, profile, number, items)
    assert (again["changes"], again["userErrors"], again["profile"]) == ([], [], first["profile"])
    other = await setting(ask, profile, {"name": "list", "value": {"items": [True]}})
    assert changed_fields(other) == ["attributes.list"]


async def test_a_retry_answers_as_the_first_did(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    given = {"name": "tier", "value": {"string": "gold"}, "definition": STRING}
    first = await setting(ask, profile, given, idempotencyKey="k")
    await setting(ask, profile, {"name": "tier", "value": {"string": "silver"}})
    assert await setting(ask, profile, given, idempotencyKey="k") == first
    assert (await stored(workspace, profile))["attributes"][0]["value"] == "silver"
    mismatch = await setting(ask, profile, {"name": "tier", "value": None}, idempotencyKey="k")
    assert told(mismatch) == [("IDEMPOTENCY_MISMATCH", "options.idempotencyKey")]


async def test_every_error_has_its_path_and_nothing_is_left(ask: Ask, workspace: Workspace) -> None:
    await defining(ask, name="score", type="NUMBER")
    await defining(ask, name="list", type="ARRAY")
    profile = await a_profile(workspace, firstName="Ann")
    definitions = await all_definitions(workspace)
    payload = await setting(
        ask,
        profile,
        {"name": "firstName", "value": {"string": "Anna"}},
        {"name": "new", "value": {"string": "x"}, "definition": STRING},
        {"name": "score", "value": {"string": "5"}},  # R21
        {"name": "unknown", "value": {"string": "x"}},  # R20
        {"name": "line\u2028feed", "value": None, "definition": STRING},  # R16 R17
        {"name": "shop:_mbr_7", "value": {"boolean": True}},  # R34
        {"name": "snrs_has_web_push_devices", "value": {"boolean": True}},
        {"name": "snrs_has_mobile_push_devices", "value": {"boolean": True}},
        {"name": "firstName", "value": {"string": "Eve"}},
        {"name": "lastName"},
        {"name": "city", "value": {"string": "x" * (LONGEST_LINE + 1)}},
        {"name": "list", "value": {"items": ["a", ["b"]]}},
        {"name": "score2", "value": None, "definition": {**STRING, "displayName": " "}},
        {"name": "province", "value": None, "definition": {**STRING, "type": "DATE"}},
        {"name": "birthDate", "value": {"boolean": True}},
        {"name": "receive_whatsapp_messages", "value": {"boolean": True}},  # R67
        {"name": "list2", "value": {"items": [1] * (MOST_ITEMS + 1)}, "definition": {**STRING, "type": "ARRAY"}},
        {"name": "x" * (LONGEST_NAME + 1), "value": None, "definition": STRING},
        {"name": "list3", "value": {"items": [10**400]}, "definition": {**STRING, "type": "ARRAY"}},
        {"name": "list4", "value": {"string": "a"}, "definition": {**STRING, "type": "ARRAY"}},
        {"name": "list5", "value": {"items": ["a", 1, True, {"b": 1}]}, "definition": {**STRING, "type": "ARRAY"}},
        {
            "name": "list6",
            "value": {"items": ["", "x" * (LONGEST_LINE + 1)]},
            "definition": {**STRING, "type": "ARRAY"},
        },
    )
    assert told(payload) == [
        ("WRONG_TYPE", "input.attributes.2.value"),
        ("NOT_FOUND", "input.attributes.3.name"),
        ("FORBIDDEN_CHARACTER", "input.attributes.4.name"),
        ("READ_ONLY", "input.attributes.5.name"),
        ("READ_ONLY", "input.attributes.6.name"),
        ("READ_ONLY", "input.attributes.7.name"),
        ("INVALID_VALUE", "input.attributes.8.name"),
        ("INVALID_VALUE", "input.attributes.9.value"),
        ("TOO_LONG", "input.attributes.10.value"),
        ("WRONG_TYPE", "input.attributes.11.value.items.1"),
        ("BLANK", "input.attributes.12.definition.displayName"),
        ("TAKEN", "input.attributes.13.definition.type"),
        ("WRONG_TYPE", "input.attributes.14.value"),
        ("READ_ONLY", "input.attributes.15.name"),
        ("TOO_MANY", "input.attributes.16.value.items"),
        ("TOO_LONG", "input.attributes.17.name"),
        ("WRONG_TYPE", "input.attributes.18.value.items.0"),
        ("WRONG_TYPE", "input.attributes.19.value"),
        ("WRONG_TYPE", "input.attributes.20.value.items.3"),
        ("TOO_LONG", "input.attributes.21.value.items.1"),
    ]
    messages = [error["message"] for error in payload["userErrors"]]
    assert messages[0] == "The type of this attribute is NUMBER: expected a finite number, and this has a text."
    assert "U+2028 at position 4" in messages[2]
    assert messages[9] == "Items are texts, finite numbers and truth values, and this is a list."
    assert (payload["profile"], payload["changes"]) == (None, [])
    assert await stored(workspace, profile) == profile
    assert await all_definitions(workspace) == definitions


async def test_names_may_have_emoji_and_soft_hyphens(ask: Ask, workspace: Workspace) -> None:  # R16
    profile = await a_profile(workspace)
    name = "a\u00adb \U0001f600 $.x"
    payload = await setting(ask, profile, {"name": name, "value": {"string": "x"}, "definition": STRING})
    assert [attribute["name"] for attribute in payload["profile"]["attributes"]] == [name]
    assert (await unsetting(ask, profile, name))["profile"]["attributes"] == []


async def test_an_attribute_that_is_there_keeps_its_definition(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    await defining(ask, displayName="Level")
    payload = await setting(ask, profile, {"name": "tier", "value": {"string": "gold"}, "definition": STRING})
    assert payload["profile"]["attributes"][0]["displayName"] == "Level"


async def test_a_dry_run_defines_and_sets_nothing(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    definitions = await all_definitions(workspace)
    given = {"name": "tier", "value": {"string": "gold"}, "definition": STRING}
    payload = await setting(ask, profile, given, dryRun=True)
    assert payload["profile"]["attributes"][0]["value"] == {"string": "gold"}
    assert payload["changes"][0]["edits"][0]["after"]["string"] == "gold"
    assert await stored(workspace, profile) == profile
    assert await all_definitions(workspace) == definitions
    assert (await defining(ask, dryRun=True))["attributeDefinition"]["name"] == "tier"
    id = await id_of(workspace, "city")
    assert (await updating(ask, id, displayName="Town", dryRun=True))["attributeDefinition"]["displayName"] == "Town"
    assert await all_definitions(workspace) == definitions


async def test_a_person_behind_the_credential_is_the_card(ask: Ask, workspace: Workspace) -> None:  # R18
    profile = await a_profile(workspace)
    payload = await setting(ask, profile, {"name": "city", "value": {"string": "Oslo"}}, onBehalfOf="Eve")
    assert payload["profile"]["attributes"][0]["source"] == "CARD"
    (entry,) = await workspace.find("journal", {"profile": profile["_id"], "kind": "ATTRIBUTE"})
    assert (entry["actor"]["id"], entry["actor"]["onBehalfOf"]) == ("pgk_test", "Eve")
    assert (entry["source"], entry["changes"][0]["after"]["source"]) == ("CARD", "CARD")


async def test_removing_is_not_setting_to_null(ask: Ask, workspace: Workspace) -> None:  # R22
    profile = await a_profile(workspace, firstName="Ann", city="Oslo")
    null = await setting(ask, profile, {"name": "city", "value": None})
    assert {found["name"]: found["display"] for found in null["profile"]["attributes"]} == {
        "firstName": "Ann",
        "city": "N/A",
    }
    (edit,) = null["changes"][0]["edits"]
    assert (edit["kind"], edit["before"]["string"], edit["after"]) == ("UPDATED", "Oslo", None)
    payload = await unsetting(ask, profile, "city", "company")
    assert [attribute["name"] for attribute in payload["profile"]["attributes"]] == ["firstName"]
    (edit,) = payload["changes"][0]["edits"]
    assert (edit["name"], edit["kind"], edit["before"], edit["after"]) == ("city", "DELETED", None, None)
    again = await unsetting(ask, profile, "city", "nobody knows this")
    assert (again["changes"], again["userErrors"], again["profile"]) == ([], [], payload["profile"])
    assert again["profile"]["version"] == profile["version"] + 2


async def test_what_can_not_be_set_can_not_be_removed(ask: Ask, workspace: Workspace) -> None:  # R34
    profile = await a_profile(workspace, firstName="Ann", snrs_has_web_push_devices=True, **{"shop:_mbr_7": True})
    payload = await unsetting(ask, profile, "firstName", "shop:_mbr_7", "snrs_has_web_push_devices")
    assert told(payload) == [("READ_ONLY", "input.names.1"), ("READ_ONLY", "input.names.2")]
    assert await stored(workspace, profile) == profile


async def test_a_profile_holds_only_so_much(ask: Ask, workspace: Workspace) -> None:
    def fill(edit: Edit) -> None:
        for number in range(MOST_ATTRIBUTES):
            edit.set_attribute(f"a{number}", "x" * 999, source="API")  # type: ignore[arg-type]

    full = await a_profile(workspace, change=fill)
    city = {"name": "city", "value": {"string": "Oslo"}}
    assert told(await setting(ask, full, city)) == [("TOO_MANY", "input.attributes")]
    assert told(await setting(ask, full, *[city] * (MOST_ATTRIBUTES + 1))) == [("TOO_MANY", "input.attributes")]
    assert told(await unsetting(ask, full, *["city"] * (MOST_ATTRIBUTES + 1))) == [("TOO_MANY", "input.names")]
    await unsetting(ask, full, "a0", "a1")
    assert 498 * 999 + 3 * LONGEST_LINE > MOST_CHARACTERS
    items = {"name": "list", "value": {"items": ["x" * LONGEST_LINE] * 3}, "definition": {**STRING, "type": "ARRAY"}}
    assert told(await setting(ask, full, items)) == [("TOO_LONG", "input.attributes")]
    assert told(await setting(ask, full, city)) == []


async def test_ids_of_others_do_not_exist(ask: Ask, workspace: Workspace) -> None:  # X5
    other = await prepare_workspace(workspace.database, f"{workspace.id}-other", name="Other")
    stranger = await a_profile(other, firstName="Bob")
    payload = await setting(ask, stranger, {"name": "firstName", "value": {"string": "Eve"}})
    assert told(payload) == told(await unsetting(ask, stranger, "firstName")) == [("NOT_FOUND", "id")]
    assert await stored(other, stranger) == stranger
    for id in (await id_of(other, "city"), public(stranger), "atd_0", to_public("atd", bytes(16))):
        assert (
            told(await updating(ask, id, displayName="Mine")) == told(await deleting(ask, id)) == [("NOT_FOUND", "id")]
        )
    assert (await other.find_one("attribute_definitions", {"name": "city"}))["displayName"] == "City"
    made = (await defining(ask))["attributeDefinition"]
    await a_profile(other, tier="gold")
    assert told(await updating(ask, made["id"], type="NUMBER")) == []


async def test_who_may_not_read_personal_data_sees_none_in_the_answer(ask: Ask, workspace: Workspace) -> None:  # X5
    await defining(ask, personal=False)
    profile = await a_profile(workspace, firstName="Ann")
    given = [{"name": "firstName", "value": {"string": "Anna"}}, {"name": "tier", "value": {"string": "gold"}}]
    payload = await setting(ask, profile, *given, scopes=WRITER)
    assert [(one["name"], one["display"], one["masked"]) for one in payload["profile"]["attributes"]] == [
        ("firstName", "***", True),
        ("tier", "gold", False),
    ]
    assert payload["changes"][0]["edits"] == [
        {"name": "firstName", "kind": "UPDATED", "before": None, "after": None, "masked": True},
        {
            "name": "tier",
            "kind": "CREATED",
            "before": None,
            "after": {"__typename": "StringValue", "string": "gold"},
            "masked": False,
        },
    ]


async def test_scopes(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    given = {"id": public(profile), "attributes": [{"name": "t", "value": None, "definition": STRING}]}
    definition, city = {"name": "tier", **STRING}, await id_of(workspace, "city")
    reader = frozenset({Scope.PROFILES_READ})
    cases: list[tuple[str, dict[str, Any], frozenset[Scope], Scope]] = [
        ("profileAttributesSet", given, WRITER, Scope.DEFINITIONS_WRITE),
        ("profileAttributesSet", {**given, "attributes": []}, reader, Scope.PROFILES_WRITE),
        ("profileAttributesUnset", {"id": public(profile), "names": []}, reader, Scope.PROFILES_WRITE),
        ("attributeDefinitionCreate", definition, WRITER, Scope.DEFINITIONS_WRITE),
        ("attributeDefinitionUpdate", {"id": city, "displayName": "Town"}, WRITER, Scope.DEFINITIONS_WRITE),
        ("attributeDefinitionDelete", {"id": city}, WRITER, Scope.DEFINITIONS_WRITE),
    ]
    for name, variables, scopes, missing in cases:
        query = document(name, "__typename")
        (error,) = await ask(query, scopes=scopes, failing=True, **arguments_of(name, variables))
        assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": missing.value}
