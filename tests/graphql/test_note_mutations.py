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
from tests.support.mutating import arguments_of, changed_fields, document, mutate, refusals

AUTHOR = "author { kind id name onBehalfOf }"
PAYLOAD = f"note {{ id title text version {AUTHOR} createdAt updatedAt }} profile {{ id version }}"
DELETED = "deletedNoteId profile { id version }"
NOTES = f"""query ($id: ID!) {{ profile(by: {{id: $id}}) {{
  notes {{ edges {{ node {{ id title text version {AUTHOR} }} }} }} }} }}"""
TESTER = {"kind": "API_KEY", "id": "pgk_test", "name": "Test", "onBehalfOf": None}


def public(profile: ProfileDoc) -> str:
    return to_public("prf", profile["_id"])


async def add(ask: Ask, profile: ProfileDoc, *, of: Workspace | None = None, **given: Any) -> Any:
    note = {"profileId": public(profile), "title": "Call", "text": "Asked", **given}
    return await mutate(ask, "noteCreate", note, selecting=PAYLOAD, **({"of": of} if of else {}))


async def update(ask: Ask, note: Any, *, of: Workspace | None = None, **given: Any) -> Any:
    return await mutate(ask, "noteUpdate", {"id": note["id"], **given}, selecting=PAYLOAD, **({"of": of} if of else {}))


async def delete(ask: Ask, note: Any, **given: Any) -> Any:
    return await mutate(ask, "noteDelete", {"id": note["id"], **given}, selecting=DELETED)


async def notes(ask: Ask, profile: ProfileDoc) -> list[Any]:
    found = (await ask(NOTES, id=public(profile)))["profile"]["notes"]["edges"]
    return [edge["node"] for edge in found]


async def stored(workspace: Workspace, profile: ProfileDoc) -> ProfileDoc:
    found: ProfileDoc = await workspace.find_one("profiles", {"_id": profile["_id"]})
    return found


async def test_a_note_is_added_and_read_back(ask: Ask, workspace: Workspace) -> None:  # R51
    profile = await a_profile(workspace)
    answer = await add(ask, profile)
    note = answer["note"]
    assert refusals(answer) == []
    assert (note["title"], note["text"], note["author"], note["version"]) == ("Call", "Asked", TESTER, 1)
    assert note["createdAt"] == note["updatedAt"]
    assert answer["profile"] == {"id": public(profile), "version": profile["version"]}
    assert await notes(ask, profile) == [{key: note[key] for key in ("id", "title", "text", "version", "author")}]


async def test_its_author_is_who_the_credential_acts_for(ask: Ask, workspace: Workspace) -> None:  # R51
    profile = await a_profile(workspace)
    answer = await add(ask, profile, onBehalfOf="Eve")
    assert answer["note"]["author"] == {"kind": "API_KEY", **answer["changes"][0]["actor"]}
    assert answer["note"]["author"] == {**TESTER, "onBehalfOf": "Eve"}
    (entry,) = await workspace.find("journal", {"profile": profile["_id"], "kind": "NOTE"})
    assert (entry["actor"], entry["source"]) == ({**TESTER, "onBehalfOf": "Eve"}, "CARD")


async def test_an_update_changes_what_is_given(ask: Ask, workspace: Workspace) -> None:  # R51
    profile = await a_profile(workspace)
    note = (await add(ask, profile, onBehalfOf="Eve"))["note"]
    answer = await update(ask, note, text="Asked twice")
    changed = answer["note"]
    assert changed["updatedAt"] > note["updatedAt"]
    assert {**changed, "updatedAt": ""} == {**note, "text": "Asked twice", "version": 2, "updatedAt": ""}
    assert (await notes(ask, profile))[0]["text"] == "Asked twice"
    again = await update(ask, note, text="Asked twice", title="Call")
    assert (again["note"], again["changes"], again["profile"]) == (changed, [], answer["profile"])


async def test_a_note_is_deleted(ask: Ask, workspace: Workspace) -> None:  # R51
    profile = await a_profile(workspace)
    kept, note = (await add(ask, profile, title="Kept"))["note"], (await add(ask, profile))["note"]
    answer = await delete(ask, note)
    assert (answer["deletedNoteId"], refusals(answer)) == (note["id"], [])
    assert [found["id"] for found in await notes(ask, profile)] == [kept["id"]]
    again = await delete(ask, note)
    assert (again["deletedNoteId"], refusals(again)) == (None, [("NOT_FOUND", ["id"])])
    assert refusals(await update(ask, note, title="x")) == [("NOT_FOUND", ["id"])]


async def test_the_journal_tells_of_each(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    added = await add(ask, profile)
    note = added["note"]
    changed = await update(ask, note, title="Letter")
    deleted = await delete(ask, note)
    entries = await workspace.find("journal", {"profile": profile["_id"], "kind": "NOTE"}, sort=[("seq", 1)])
    assert [entry["seq"] for entry in entries] == [profile["seq"] + number for number in (1, 2, 3)]
    told = [change for entry in entries for change in entry["changes"]]
    assert {change["field"] for change in told} == {f"notes.{note['id'].removeprefix('nte_')}"}
    assert [[side and side["title"] for side in (change["before"], change["after"])] for change in told] == [
        [None, "Call"],
        ["Call", "Letter"],
        ["Letter", None],
    ]
    call, letter = ({"title": title, "text": "Asked"} for title in ("Call", "Letter"))
    shown = [change for payload in (added, changed, deleted) for change in payload["changes"]]
    assert [(change["__typename"], change["action"], change["became"]) for change in shown] == [
        ("NoteChange", "note.create", "CREATED"),
        ("NoteChange", "note.update", "UPDATED"),
        ("NoteChange", "note.delete", "DELETED"),
    ]
    assert [(change["old"], change["new"]) for change in shown] == [(None, call), (call, letter), (letter, None)]
    assert {(change["noteId"], *change["fields"]) for change in shown} == {(note["id"], f"notes.{note['id']}")}


async def test_what_a_colleague_writes_down_is_no_edit_of_the_profile(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    note = (await add(ask, profile))["note"]
    await update(ask, note, title="Letter")
    await delete(ask, note)
    now = await stored(workspace, profile)
    assert (now["version"], now["seq"]) == (profile["version"], profile["seq"] + 3)
    edited = await mutate(
        ask, "profileUpdate", {"id": public(profile), "firstName": "Ann", "expectedVersion": profile["version"]}
    )
    assert (refusals(edited), edited["profile"]["version"]) == ([], profile["version"] + 1)


async def test_what_does_not_exist_here_is_not_found(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    note = (await add(ask, profile))["note"]
    elsewhere = await prepare_workspace(workspace.database, f"{workspace.id}-other", name="Other")
    foreign = await a_profile(elsewhere)
    for answer, field in (
        (await update(ask, note, title="x", of=elsewhere), "id"),
        (await add(ask, profile, of=elsewhere), "profileId"),
        (await add(ask, foreign), "profileId"),
        (await update(ask, {"id": to_public("nte", bytes(16))}, title="x"), "id"),
        (await update(ask, {"id": public(profile)}, title="x"), "id"),
        (await update(ask, {"id": note["id"].replace("nte", "tsk")}, title="x"), "id"),
        (await update(ask, {"id": "nonsense"}, title="x"), "id"),
        (await add(ask, profile, profileId="nonsense"), "profileId"),
        (await add(ask, profile, profileId=note["id"]), "profileId"),
        (await add(ask, profile, profileId=to_public("prf", bytes(16))), "profileId"),
    ):
        assert (answer["note"], refusals(answer)) == (None, [("NOT_FOUND", [field])])
    assert [found["title"] for found in await notes(ask, profile)] == ["Call"]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"title": " \n"}, "BLANK", "input.title"),
        ({"title": "x" * 201}, "TOO_LONG", "input.title"),
        ({"text": "x" * 20_001}, "TOO_LONG", "input.text"),
        ({"onBehalfOf": ""}, "BLANK", "options.onBehalfOf"),
        ({"onBehalfOf": "a\rb"}, "FORBIDDEN_CHARACTER", "options.onBehalfOf"),
        ({"idempotencyKey": ""}, "BLANK", "options.idempotencyKey"),
        ({"idempotencyKey": "x" * 201}, "TOO_LONG", "options.idempotencyKey"),
        ({"expectedVersion": 1}, "INVALID_VALUE", "options.expectedVersion"),
    ],
)
async def test_what_is_refused_leaves_no_trace(
    ask: Ask, workspace: Workspace, given: dict[str, Any], code: str, field: str
) -> None:
    profile = await a_profile(workspace)
    answer = await add(ask, profile, **given)
    assert (answer["note"], answer["profile"], answer["changes"]) == (None, None, [])
    assert refusals(answer) == [(code, field.split("."))]
    assert await notes(ask, profile) == []
    assert len(await workspace.find("journal", {"profile": profile["_id"]})) == profile["seq"]


async def test_an_update_is_checked_likewise(ask: Ask, workspace: Workspace) -> None:
    note = (await add(ask, await a_profile(workspace)))["note"]
    assert refusals(await update(ask, note, title="")) == [("BLANK", ["input", "title"])]
    assert refusals(await update(ask, note, text="x" * 20_001)) == [("TOO_LONG", ["input", "text"])]
    assert (await update(ask, note, text=""))["note"]["text"] == ""


async def test_a_retry_gets_the_first_answer(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    first = await add(ask, profile, idempotencyKey="k")
    assert first["note"]["title"] == "Call"
    await update(ask, first["note"], title="Changed since")
    assert await add(ask, profile, idempotencyKey="k") == first
    other = await add(ask, profile, idempotencyKey="k", text="Something else")
    assert (other["note"], refusals(other)) == (None, [("IDEMPOTENCY_MISMATCH", ["options", "idempotencyKey"])])
    other = await update(ask, first["note"], idempotencyKey="k", title="Call", text="Asked")
    assert refusals(other) == [("IDEMPOTENCY_MISMATCH", ["options", "idempotencyKey"])]
    assert [note["title"] for note in await notes(ask, profile)] == ["Changed since"]


async def test_a_retry_of_a_deletion_gets_the_first_answer_though_the_note_is_gone(
    ask: Ask, workspace: Workspace
) -> None:
    profile = await a_profile(workspace)
    note, other = (await add(ask, profile))["note"], (await add(ask, profile))["note"]
    first = await delete(ask, note, idempotencyKey="k")
    assert (first["deletedNoteId"], [change["became"] for change in first["changes"]]) == (note["id"], ["DELETED"])
    for retry in ({}, {"dryRun": True}):
        assert await delete(ask, note, idempotencyKey="k", **retry) == first
    mismatch = [("IDEMPOTENCY_MISMATCH", ["options", "idempotencyKey"])]
    assert refusals(await delete(ask, other, idempotencyKey="k")) == mismatch
    assert refusals(await update(ask, note, idempotencyKey="k", title="x")) == mismatch
    assert refusals(await delete(ask, note, idempotencyKey="k-2")) == [("NOT_FOUND", ["id"])]
    assert [found["id"] for found in await notes(ask, profile)] == [other["id"]]
    assert (await stored(workspace, profile))["seq"] == profile["seq"] + 3


async def test_two_tries_at_the_same_moment_are_one(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    answers = await asyncio.gather(*(add(ask, profile, idempotencyKey="k") for _ in range(4)))
    assert all(answer == answers[0] for answer in answers)
    assert [note["id"] for note in await notes(ask, profile)] == [answers[0]["note"]["id"]]


async def test_a_dry_run_answers_and_writes_nothing(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    answer = await add(ask, profile, dryRun=True, idempotencyKey="k")
    assert (answer["note"]["title"], answer["note"]["author"]) == ("Call", TESTER)
    assert (answer["profile"]["version"], len(changed_fields(answer))) == (profile["version"], 1)
    assert refusals(await add(ask, profile, dryRun=True, title="")) == [("BLANK", ["input", "title"])]
    assert await notes(ask, profile) == []
    assert await stored(workspace, profile) == profile
    assert (await add(ask, profile, idempotencyKey="k"))["note"]["id"] != answer["note"]["id"]
    assert len(await notes(ask, profile)) == 1


async def test_writing_needs_its_scope_and_reading_the_changes_another(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    given = {"profileId": public(profile), "title": "Call"}
    scopes = frozenset(Scope) - {Scope.PROFILES_WRITE}
    query = document("noteCreate", PAYLOAD)
    (error,) = await ask(query, scopes=scopes, failing=True, **arguments_of("noteCreate", given))
    assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": "profiles:write"}
    assert await notes(ask, profile) == []
    scopes = frozenset(Scope) - {Scope.PERSONAL_READ}
    answer = await mutate(ask, "noteCreate", given, selecting=PAYLOAD, scopes=scopes)
    (change,) = answer["changes"]
    assert (change["became"], change["old"], change["new"]) == ("CREATED", None, None)
    assert answer["note"]["title"] == "Call"
    at = {"id": answer["note"]["id"], "title": "Letter"}
    answer = await mutate(ask, "noteUpdate", at, selecting=PAYLOAD, scopes=scopes)
    assert (answer["note"], refusals(answer)) == (None, [])
    assert [(change["became"], change["old"], change["new"]) for change in answer["changes"]] == [
        ("UPDATED", None, None)
    ]
    assert [note["title"] for note in await notes(ask, profile)] == ["Letter"]
