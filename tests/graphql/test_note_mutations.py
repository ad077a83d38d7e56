"""Mutations of notes, and with them what every mutation of a profile keeps."""

import asyncio
from typing import Any

import pytest

from storage.credentials import Scope
from storage.profiles import ProfileDoc
from storage.setup import prepare_workspace
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.factories import a_profile

NOTE = "note { id title text author createdAt updatedAt }"
REST = "profile { id version } changes { field before after } userErrors { code field message }"
ADD = f"mutation ($input: NoteCreateInput!) {{ noteCreate(input: $input) {{ {NOTE} {REST} }} }}"
UPDATE = f"mutation ($input: NoteUpdateInput!) {{ noteUpdate(input: $input) {{ {NOTE} {REST} }} }}"
DELETE = f"mutation ($input: NoteDeleteInput!) {{ noteDelete(input: $input) {{ deletedNoteId {REST} }} }}"
NOTES = "query ($id: ID!) { profile(by: {id: $id}) { version notes { edges { node { id title text author } } } } }"


def public(profile: ProfileDoc) -> str:
    return to_public("prf", profile["_id"])


async def add(ask: Ask, profile: ProfileDoc, **given: Any) -> Any:
    return (await ask(ADD, input={"profileId": public(profile), "title": "Call", "text": "Asked", **given}))[
        "noteCreate"
    ]


async def update(ask: Ask, profile: ProfileDoc, note: Any, *, of: Workspace | None = None, **given: Any) -> Any:
    input = {"profileId": public(profile), "noteId": note["id"], **given}
    return (await ask(UPDATE, input=input, **({"of": of} if of else {})))["noteUpdate"]


async def notes(ask: Ask, profile: ProfileDoc) -> list[Any]:
    found = (await ask(NOTES, id=public(profile)))["profile"]["notes"]["edges"]
    return [edge["node"] for edge in found]


def refusals(answer: Any) -> list[tuple[str, list[str]]]:
    return [(error["code"], error["field"]) for error in answer["userErrors"]]


async def test_a_note_is_added_and_read_back(ask: Ask, workspace: Workspace) -> None:  # R51
    profile = await a_profile(workspace)
    answer = await add(ask, profile)
    note = answer["note"]
    assert refusals(answer) == []
    assert (note["title"], note["text"], note["author"]) == ("Call", "Asked", "Test")
    assert note["createdAt"] == note["updatedAt"]
    assert answer["profile"] == {"id": public(profile), "version": profile["version"] + 1}
    assert await notes(ask, profile) == [{key: note[key] for key in ("id", "title", "text", "author")}]


async def test_its_author_is_who_the_credential_acts_for(ask: Ask, workspace: Workspace) -> None:  # R51
    profile = await a_profile(workspace)
    assert (await add(ask, profile, onBehalfOf="Eve"))["note"]["author"] == "Eve"
    (entry,) = await workspace.find("journal", {"profile": profile["_id"], "kind": "NOTE"})
    assert (entry["actor"], entry["user"], entry["source"]) == ("pgk_test", "Eve", "CARD")


async def test_an_update_changes_what_is_given(ask: Ask, workspace: Workspace) -> None:  # R51
    profile = await a_profile(workspace)
    note = (await add(ask, profile, onBehalfOf="Eve"))["note"]
    answer = await update(ask, profile, note, text="Asked twice")
    changed = answer["note"]
    assert changed["updatedAt"] > note["updatedAt"]
    assert {**changed, "updatedAt": ""} == {**note, "text": "Asked twice", "updatedAt": ""}
    assert (await notes(ask, profile))[0]["text"] == "Asked twice"
    again = await update(ask, profile, note, text="Asked twice", title="Call")
    assert (again["note"], again["changes"], again["profile"]) == (changed, [], answer["profile"])


async def test_a_note_is_deleted(ask: Ask, workspace: Workspace) -> None:  # R51
    profile = await a_profile(workspace)
    kept, note = (await add(ask, profile, title="Kept"))["note"], (await add(ask, profile))["note"]
    at = {"profileId": public(profile), "noteId": note["id"]}
    answer = (await ask(DELETE, input=at))["noteDelete"]
    assert (answer["deletedNoteId"], refusals(answer)) == (note["id"], [])
    assert [found["id"] for found in await notes(ask, profile)] == [kept["id"]]
    again = (await ask(DELETE, input=at))["noteDelete"]
    assert (again["deletedNoteId"], refusals(again)) == (None, [("NOT_FOUND", ["noteId"])])


async def test_the_journal_tells_of_each(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    note = (await add(ask, profile))["note"]
    changed = await update(ask, profile, note, title="Letter")
    await ask(DELETE, input={"profileId": public(profile), "noteId": note["id"]})
    entries = await workspace.find("journal", {"profile": profile["_id"], "kind": "NOTE"}, sort=[("seq", 1)])
    assert [entry["seq"] for entry in entries] == [profile["seq"] + number for number in (1, 2, 3)]
    told = [change for entry in entries for change in entry["changes"]]
    assert {change["field"] for change in told} == {f"notes.{note['id'].removeprefix('nte_')}"}
    assert [[side and side["title"] for side in (change["before"], change["after"])] for change in told] == [
        [None, "Call"],
        ["Call", "Letter"],
        ["Letter", None],
    ]
    (change,) = changed["changes"]
    assert (change["before"]["title"], change["after"]["title"]) == ("Call", "Letter")
    assert change["after"].keys() == {"title", "text", "author", "createdAt", "updatedAt"}


async def test_what_does_not_exist_here_is_not_found(ask: Ask, workspace: Workspace) -> None:
    profile, other = await a_profile(workspace), await a_profile(workspace)
    note = (await add(ask, profile))["note"]
    elsewhere = await prepare_workspace(workspace.database, f"{workspace.id}-other", name="Other")
    foreign = await a_profile(elsewhere)
    for answer, field in (
        (await update(ask, other, note, title="x"), "noteId"),
        (await update(ask, foreign, note, title="x", of=elsewhere), "noteId"),
        (await update(ask, profile, note, title="x", of=elsewhere), "profileId"),
        (await update(ask, profile, {"id": public(profile)}, title="x"), "noteId"),
        (await update(ask, profile, {"id": "nonsense"}, title="x"), "noteId"),
        (await add(ask, profile, profileId="nonsense"), "profileId"),
        (await add(ask, profile, profileId=note["id"]), "profileId"),
        (await add(ask, profile, profileId=to_public("prf", bytes(16))), "profileId"),
    ):
        assert (answer["note"], refusals(answer)) == (None, [("NOT_FOUND", [field])])
    assert [found["title"] for found in await notes(ask, profile)] == ["Call"]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"title": " \n"}, "BLANK", "title"),
        ({"title": "x" * 201}, "TOO_LONG", "title"),
        ({"text": "x" * 20_001}, "TOO_LONG", "text"),
        ({"onBehalfOf": ""}, "BLANK", "onBehalfOf"),
        ({"onBehalfOf": "a\rb"}, "FORBIDDEN_CHARACTER", "onBehalfOf"),
        ({"idempotencyKey": ""}, "BLANK", "idempotencyKey"),
        ({"idempotencyKey": "x" * 201}, "TOO_LONG", "idempotencyKey"),
    ],
)
async def test_what_is_refused_leaves_no_trace(
    ask: Ask, workspace: Workspace, given: dict[str, Any], code: str, field: str
) -> None:
    profile = await a_profile(workspace)
    answer = await add(ask, profile, **given)
    assert (answer["note"], answer["profile"], answer["changes"]) == (None, None, [])
    assert refusals(answer) == [(code, [field])]
    assert await notes(ask, profile) == []
    assert len(await workspace.find("journal", {"profile": profile["_id"]})) == profile["seq"]


async def test_an_update_is_checked_likewise(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    note = (await add(ask, profile))["note"]
    assert refusals(await update(ask, profile, note, title="")) == [("BLANK", ["title"])]
    assert refusals(await update(ask, profile, note, text="x" * 20_001)) == [("TOO_LONG", ["text"])]
    assert (await update(ask, profile, note, text=""))["note"]["text"] == ""


async def test_another_version_refuses(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    version = profile["version"]
    answer = await add(ask, profile, expectedVersion=version + 1)
    assert refusals(answer) == [("VERSION_CONFLICT", ["expectedVersion"])]
    assert f"version {version} now" in answer["userErrors"][0]["message"]
    answer = await add(ask, profile, expectedVersion=version)
    assert (refusals(answer), answer["profile"]["version"]) == ([], version + 1)
    assert len(await notes(ask, profile)) == 1


async def test_a_retry_gets_the_first_answer(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    first = await add(ask, profile, idempotencyKey="k")
    assert first["note"]["title"] == "Call"
    await update(ask, profile, first["note"], title="Changed since")
    assert await add(ask, profile, idempotencyKey="k") == first
    other = await add(ask, profile, idempotencyKey="k", text="Something else")
    assert (other["note"], refusals(other)) == (None, [("IDEMPOTENCY_MISMATCH", ["idempotencyKey"])])
    other = await update(ask, profile, first["note"], idempotencyKey="k", title="Call", text="Asked")
    assert refusals(other) == [("IDEMPOTENCY_MISMATCH", ["idempotencyKey"])]
    assert [note["title"] for note in await notes(ask, profile)] == ["Changed since"]


async def test_two_tries_at_the_same_moment_are_one(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    answers = await asyncio.gather(*(add(ask, profile, idempotencyKey="k") for _ in range(4)))
    assert all(answer == answers[0] for answer in answers)
    assert [note["id"] for note in await notes(ask, profile)] == [answers[0]["note"]["id"]]


async def test_a_dry_run_answers_and_writes_nothing(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    answer = await add(ask, profile, dryRun=True, idempotencyKey="k")
    assert (answer["note"]["title"], answer["note"]["author"]) == ("Call", "Test")
    assert (answer["profile"]["version"], len(answer["changes"])) == (profile["version"] + 1, 1)
    assert refusals(await add(ask, profile, dryRun=True, title="")) == [("BLANK", ["title"])]
    assert await notes(ask, profile) == []
    (stored,) = await workspace.find("profiles", {"_id": profile["_id"]})
    assert stored == profile
    assert (await add(ask, profile, idempotencyKey="k"))["note"]["id"] != answer["note"]["id"]
    assert len(await notes(ask, profile)) == 1


async def test_writing_needs_its_scope_and_reading_the_changes_another(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    given = {"profileId": public(profile), "title": "Call"}
    scopes = frozenset(Scope) - {Scope.PROFILES_WRITE}
    (error,) = await ask(ADD, scopes=scopes, failing=True, input=given)
    assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": "profiles:write"}
    assert await notes(ask, profile) == []
    scopes = frozenset(Scope) - {Scope.PERSONAL_READ}
    answer = (await ask(ADD, scopes=scopes, input=given))["noteCreate"]
    (change,) = answer["changes"]
    assert (change["before"], change["after"]) == (None, None)
    assert answer["note"]["title"] == "Call"
    at = {"profileId": public(profile), "noteId": answer["note"]["id"], "title": "Letter"}
    answer = (await ask(UPDATE, scopes=scopes, input=at))["noteUpdate"]
    assert (answer["note"], refusals(answer)) == (None, [])
    assert [note["title"] for note in await notes(ask, profile)] == ["Letter"]
