"""Putting tags on profiles and taking them away, and the catalogue."""

import asyncio
from typing import Any

import pytest

from storage.credentials import Scope
from storage.profiles import ProfileDoc
from storage.rules import LONGEST_LINE, LONGEST_NAME, MOST_TAGS
from storage.setup import prepare_workspace
from storage.sources import ChangeSource
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.tags import ensure_tag
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile
from tests.support.mutating import arguments_of, changed_fields, document, mutate

PROFILE = "profile { version contact { email } tags { name source addedAt removable } }"
TAG = "tag { id name description source version createdAt updatedAt profileCount }"


async def adding(ask: Ask, profile: ProfileDoc, *tags: str, by: str = "profileTagsAdd", **options: Any) -> Any:
    scopes = options.pop("scopes", frozenset(Scope))
    given = {"id": to_public("prf", profile["_id"]), "tags": list(tags), **options}
    return await mutate(ask, by, given, selecting=PROFILE, scopes=scopes)


async def removing(ask: Ask, profile: ProfileDoc, *tags: str, **options: Any) -> Any:
    return await adding(ask, profile, *tags, by="profileTagsRemove", **options)


async def creating(ask: Ask, name: str, **given: Any) -> Any:
    return await mutate(ask, "tagCreate", {"name": name, **given}, selecting=TAG)


async def describing(ask: Ask, id: str, description: str | None, **options: Any) -> Any:
    return await mutate(ask, "tagUpdate", {"id": id, "description": description, **options}, selecting=TAG)


async def deleting(ask: Ask, id: str, **options: Any) -> Any:
    return await mutate(ask, "tagDelete", {"id": id, **options}, selecting="deletedTagId")


async def catalogue(workspace: Workspace) -> list[tuple[str, str]]:
    return [(tag["name"], tag["source"]) for tag in await workspace.find("tags", {}, sort=[("name", 1)])]


async def stored(workspace: Workspace, profile: ProfileDoc) -> ProfileDoc:
    found: ProfileDoc = await workspace.find_one("profiles", {"_id": profile["_id"]})
    return found


async def id_of(workspace: Workspace, name: str) -> str:
    return to_public("tag", (await workspace.find_one("tags", {"name": name}) or {})["_id"])


def names(payload: Any) -> list[str]:
    return [tag["name"] for tag in payload["profile"]["tags"]]


def told(payload: Any) -> list[tuple[str, str]]:
    return [(error["code"], ".".join(error["field"])) for error in payload["userErrors"]]


async def test_tags_are_added_several_at_once(ask: Ask, workspace: Workspace) -> None:  # R23
    await ensure_tag(workspace, "known", source=ChangeSource.IMPORT, now=CREATED)
    profile = await a_profile(workspace, change=lambda edit: edit.add_tag("first", source=ChangeSource.IMPORT))
    payload = await adding(ask, profile, "known", "new \U0001f600", "known")
    assert payload["userErrors"] == []
    assert [(tag["name"], tag["source"], tag["removable"]) for tag in payload["profile"]["tags"]] == [
        ("first", "IMPORT", True),
        ("known", "API", True),
        ("new \U0001f600", "API", True),
    ]
    (change,) = payload["changes"]
    assert (change["__typename"], change["action"]) == ("TagChange", "tag.change")
    assert change["fields"] == ["tags.known", "tags.new \U0001f600"]
    assert (change["added"], change["removed"]) == (["known", "new \U0001f600"], [])
    assert [tag["name"] for tag in (await stored(workspace, profile))["tags"]] == names(payload)
    assert await catalogue(workspace) == [("known", "IMPORT"), ("new \U0001f600", "API")]


async def test_adding_and_removing_are_idempotent(ask: Ask, workspace: Workspace) -> None:  # R23
    profile = await a_profile(workspace)
    first = await adding(ask, profile, "a", "b")
    again = await adding(ask, profile, "b", "a")
    assert (again["changes"], again["userErrors"], again["profile"]) == ([], [], first["profile"])
    removed = await removing(ask, profile, "a", "never", "a")
    assert names(removed) == ["b"]
    (change,) = removed["changes"]
    assert (change["fields"], change["added"], change["removed"]) == (["tags.a"], [], ["a"])
    again = await removing(ask, profile, "a")
    assert (again["changes"], again["userErrors"], again["profile"]) == ([], [], removed["profile"])
    assert again["profile"]["version"] == profile["version"] + 2
    assert await catalogue(workspace) == [("a", "API"), ("b", "API")]


async def test_a_person_behind_the_credential_is_the_card(ask: Ask, workspace: Workspace) -> None:  # R23 R24
    profile = await a_profile(workspace)
    payload = await adding(ask, profile, "vip", onBehalfOf="Eve")
    assert [(tag["name"], tag["source"]) for tag in payload["profile"]["tags"]] == [("vip", "CARD")]
    assert (await creating(ask, "new", onBehalfOf="Eve"))["tag"]["source"] == "CARD"
    assert await catalogue(workspace) == [("new", "CARD"), ("vip", "CARD")]


async def test_a_retry_answers_as_the_first_did(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    first = await adding(ask, profile, "a", idempotencyKey="k")
    await removing(ask, profile, "a")
    assert await adding(ask, profile, "a", idempotencyKey="k") == first
    assert (await stored(workspace, profile))["tags"] == []
    assert told(await removing(ask, profile, "a", idempotencyKey="k")) == [
        ("IDEMPOTENCY_MISMATCH", "options.idempotencyKey")
    ]


@pytest.mark.parametrize("mutation", ["profileTagsAdd", "profileTagsRemove"])
async def test_system_tags_are_refused_both_ways(ask: Ask, workspace: Workspace, mutation: str) -> None:  # R25
    await ensure_tag(workspace, "catalogued", source=ChangeSource.SYSTEM, now=CREATED)
    await ensure_tag(workspace, "carried", source=ChangeSource.API, now=CREATED)
    profile = await a_profile(workspace, change=lambda edit: edit.add_tag("carried", source=ChangeSource.SYSTEM))
    payload = await adding(ask, profile, "fine", "catalogued", "carried", by=mutation)
    assert told(payload) == [("READ_ONLY", "input.tags.1"), ("READ_ONLY", "input.tags.2")]
    assert (payload["profile"], payload["changes"]) == (None, [])
    assert await stored(workspace, profile) == profile
    assert await catalogue(workspace) == [("carried", "API"), ("catalogued", "SYSTEM")]


async def test_every_error_has_its_path_and_nothing_is_left(ask: Ask, workspace: Workspace) -> None:  # R17
    profile = await a_profile(workspace)
    payload = await adding(ask, profile, "fine", "line\rfeed", " ", "x" * (LONGEST_NAME + 1))
    assert told(payload) == [
        ("FORBIDDEN_CHARACTER", "input.tags.1"),
        ("BLANK", "input.tags.2"),
        ("TOO_LONG", "input.tags.3"),
    ]
    assert "U+000D at position 4" in payload["userErrors"][0]["message"]
    assert await stored(workspace, profile) == profile
    assert await catalogue(workspace) == []


async def test_a_profile_carries_only_so_many(ask: Ask, workspace: Workspace) -> None:
    def fill(edit: Edit) -> None:
        for number in range(MOST_TAGS):
            edit.add_tag(f"t{number}", source=ChangeSource.API)

    full = await a_profile(workspace, change=fill)
    assert told(await adding(ask, full, "one more")) == [("TOO_MANY", "input.tags")]
    assert told(await adding(ask, full, *["t1"] * (MOST_TAGS + 1))) == [("TOO_MANY", "input.tags")]
    assert told(await removing(ask, full, *["t1"] * (MOST_TAGS + 1))) == [("TOO_MANY", "input.tags")]
    assert (await adding(ask, full, "t1"))["changes"] == []
    assert await catalogue(workspace) == [("t1", "API")]


async def test_a_dry_run_leaves_profile_and_catalogue(ask: Ask, workspace: Workspace) -> None:
    await creating(ask, "kept")
    profile = await a_profile(workspace)
    payload = await adding(ask, profile, "a", dryRun=True)
    assert (names(payload), changed_fields(payload)) == (["a"], ["tags.a"])
    assert await stored(workspace, profile) == profile
    id = await id_of(workspace, "kept")
    assert (await creating(ask, "new", dryRun=True))["tag"]["name"] == "new"
    assert (await describing(ask, id, "Why", dryRun=True))["tag"]["description"] == "Why"
    assert (await deleting(ask, id, dryRun=True))["deletedTagId"] == id
    assert (await workspace.find_one("tags", {"name": "kept"}))["description"] is None
    assert await catalogue(workspace) == [("kept", "API")]


async def test_ids_of_others_do_not_exist(ask: Ask, workspace: Workspace) -> None:  # X5
    other = await prepare_workspace(workspace.database, f"{workspace.id}-other", name="Other")
    stranger = await a_profile(other, change=lambda edit: edit.add_tag("theirs", source=ChangeSource.API))
    await ensure_tag(other, "theirs", source=ChangeSource.SYSTEM, now=CREATED)
    assert told(await adding(ask, stranger, "mine")) == [("NOT_FOUND", "id")]
    assert told(await removing(ask, stranger, "theirs")) == [("NOT_FOUND", "id")]
    assert await stored(other, stranger) == stranger
    for id in (await id_of(other, "theirs"), to_public("prf", stranger["_id"]), "tag_0", to_public("tag", bytes(16))):
        assert told(await describing(ask, id, "Mine")) == told(await deleting(ask, id)) == [("NOT_FOUND", "id")]
    assert await catalogue(other) == [("theirs", "SYSTEM")]
    profile = await a_profile(workspace)
    assert names(await adding(ask, profile, "theirs")) == ["theirs"]
    await removing(ask, profile, "theirs")
    assert told(await deleting(ask, await id_of(workspace, "theirs"))) == []


async def test_who_may_not_read_personal_data_sees_none_in_the_answer(ask: Ask, workspace: Workspace) -> None:  # X5
    profile = await a_profile(workspace, email="ann@example.com")
    scopes = frozenset({Scope.PROFILES_WRITE})
    payload = await adding(ask, profile, "vip", scopes=scopes)
    assert payload["profile"]["contact"]["email"] == "a***@example.com"
    assert payload["changes"][0]["added"] == ["vip"]


async def test_scopes(ask: Ask, workspace: Workspace) -> None:
    id = to_public("prf", (await a_profile(workspace))["_id"])
    await creating(ask, "kept")
    tag = await id_of(workspace, "kept")
    reader = frozenset({Scope.PROFILES_READ})
    writer = reader | {Scope.PROFILES_WRITE}
    cases: list[tuple[str, dict[str, Any], frozenset[Scope], Scope]] = [
        ("profileTagsAdd", {"id": id, "tags": ["a"]}, reader, Scope.PROFILES_WRITE),
        ("profileTagsRemove", {"id": id, "tags": ["a"]}, reader, Scope.PROFILES_WRITE),
        ("tagCreate", {"name": "a"}, writer, Scope.DEFINITIONS_WRITE),
        ("tagUpdate", {"id": tag, "description": "a"}, writer, Scope.DEFINITIONS_WRITE),
        ("tagDelete", {"id": tag}, writer, Scope.DEFINITIONS_WRITE),
    ]
    for name, given, scopes, missing in cases:
        query = document(name, "__typename")
        (error,) = await ask(query, scopes=scopes, failing=True, **arguments_of(name, given))
        assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": missing.value}
    assert await catalogue(workspace) == [("kept", "API")]


async def test_the_catalogue_is_kept_by_hand(ask: Ask, workspace: Workspace) -> None:  # R24
    payload = await creating(ask, "vip", description="Spends a lot", idempotencyKey="k")
    tag = payload["tag"]
    assert (tag["name"], tag["description"], tag["source"], tag["profileCount"]) == ("vip", "Spends a lot", "API", 0)
    assert (tag["version"], tag["createdAt"]) == (1, tag["updatedAt"])
    assert await creating(ask, "vip", description="Spends a lot", idempotencyKey="k") == payload
    assert told(await creating(ask, "vip")) == [("TAKEN", "input.name")]
    changed = (await describing(ask, tag["id"], "Spends more"))["tag"]
    assert changed == {**tag, "description": "Spends more", "version": 2, "updatedAt": changed["updatedAt"]}
    assert changed["updatedAt"] > tag["updatedAt"]
    assert (await describing(ask, tag["id"], "Spends more"))["tag"] == changed
    removed = (await describing(ask, tag["id"], None))["tag"]
    assert removed == {**tag, "description": None, "version": 3, "updatedAt": removed["updatedAt"]}
    deleted = await deleting(ask, tag["id"], idempotencyKey="k-2")
    assert deleted["deletedTagId"] == tag["id"]
    assert await deleting(ask, tag["id"], idempotencyKey="k-2") == deleted
    assert told(await deleting(ask, tag["id"])) == [("NOT_FOUND", "id")]
    assert await catalogue(workspace) == []
    assert told(await creating(ask, "vip")) == []


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"name": ""}, "BLANK", "input.name"),
        ({"name": "a\u2029b"}, "FORBIDDEN_CHARACTER", "input.name"),
        ({"name": "x" * (LONGEST_NAME + 1)}, "TOO_LONG", "input.name"),
        ({"name": "a", "description": "x" * (LONGEST_LINE + 1)}, "TOO_LONG", "input.description"),
        ({"name": "a", "onBehalfOf": "a\nb"}, "FORBIDDEN_CHARACTER", "options.onBehalfOf"),
        ({"name": "a", "expectedVersion": 1}, "INVALID_VALUE", "options.expectedVersion"),
    ],
)
async def test_tags_that_can_not_be(ask: Ask, workspace: Workspace, given: Any, code: str, field: str) -> None:
    payload = await creating(ask, **given)
    assert (told(payload), payload["tag"], await catalogue(workspace)) == ([(code, field)], None, [])


async def test_a_description_that_is_too_long_changes_nothing(ask: Ask, workspace: Workspace) -> None:
    id = (await creating(ask, "vip"))["tag"]["id"]
    assert told(await describing(ask, id, "x" * (LONGEST_LINE + 1))) == [("TOO_LONG", "input.description")]
    assert (await workspace.find_one("tags", {"name": "vip"}))["description"] is None


async def test_a_tag_that_somebody_carries_is_not_deleted(ask: Ask, workspace: Workspace) -> None:
    carriers = [await a_profile(workspace) for _ in range(2)]
    for profile in carriers:
        await adding(ask, profile, "vip")
    id = await id_of(workspace, "vip")
    refused = await deleting(ask, id)
    assert told(refused) == [("IN_USE", "id")]
    assert ": 2; remove it" in refused["userErrors"][0]["message"]
    for profile in carriers:
        await removing(ask, profile, "vip")
    assert (await deleting(ask, id))["deletedTagId"] == id


async def test_system_tags_stay_in_the_catalogue(ask: Ask, workspace: Workspace) -> None:  # R25
    await ensure_tag(workspace, "system", source=ChangeSource.SYSTEM, now=CREATED)
    assert told(await deleting(ask, await id_of(workspace, "system"))) == [("READ_ONLY", "id")]
    assert await catalogue(workspace) == [("system", "SYSTEM")]


async def test_two_at_once_make_one_tag(ask: Ask, workspace: Workspace) -> None:
    profiles = [await a_profile(workspace) for _ in range(4)]
    payloads = await asyncio.gather(*(adding(ask, profile, "vip") for profile in profiles), creating(ask, "vip"))
    assert [told(payload) for payload in payloads[:4]] == [[]] * 4
    assert told(payloads[4]) in ([], [("TAKEN", "input.name")])
    assert await catalogue(workspace) == [("vip", "API")]
