"""Imports that the API is asked for: queued or refused at once, read as jobs, and cancelled."""

from typing import Any

import pytest

from storage.credentials import Scope
from storage.imports import MOST_BYTES, MOST_ROWS
from storage.jobs import MOST_UNFINISHED, cancel_job, jobs_by_id
from storage.setup import prepare_workspace
from storage.store.ids import from_public, to_public
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.factories import CREATED
from tests.support.jobs import an_import, people, until_finished, working
from tests.support.mutating import mutate, refusals, traces

IMPORT = """import { id status done total version createdAt startedAt finishedAt error actor { id onBehalfOf }
  created updated unchanged skipped problems { line code field message } moreProblems }"""
JOB = "query ($id: ID!) { job(id: $id) { __typename id status done total error ... on Import { created skipped } } }"
NODE = "query ($id: ID!) { node(id: $id) { __typename ... on Job { status } } }"
LIST = """query ($first: Int, $after: String) { jobs(first: $first, after: $after) {
  edges { cursor node { id } } pageInfo { hasNextPage } } }"""
READER = frozenset({Scope.PROFILES_READ})


async def asked(ask: Ask, content: str = "customId\nC-1", *, format: str = "CSV", **how: Any) -> Any:
    return await mutate(ask, "importCreate", {"format": format, "content": content, **how}, selecting=IMPORT)


async def test_an_import_is_asked_for_and_done(ask: Ask, workspace: Workspace) -> None:
    columns = [{"column": "mail", "field": "email"}, {"column": " Vorname ", "field": "firstName"}]
    content = "mail,Vorname,custom_identify\na@example.com,Ann,C-1\nnobody,Bob,C-2\n"
    payload = await asked(ask, content, columns=columns, onBehalfOf="Eve")
    assert payload["userErrors"] == []
    made = payload["import"]
    assert (made["status"], made["done"], made["total"], made["finishedAt"]) == ("QUEUED", 0, 2, None)
    assert made["actor"] == {"id": "pgk_test", "onBehalfOf": "Eve"}
    (job,) = await jobs_by_id(workspace, [from_public(made["id"])[1]])
    async with working(workspace.database):
        await until_finished(workspace, job)
    expected = {"__typename": "Import", "id": made["id"], "status": "SUCCEEDED", "done": 2, "total": 2, "error": None}
    assert (await ask(JOB, id=made["id"], scopes=READER))["job"] == {**expected, "created": 1, "skipped": 1}
    assert (await ask(NODE, id=made["id"]))["node"] == {"__typename": "Import", "status": "SUCCEEDED"}
    found = await ask('{ profile(by: {email: "a@example.com"}) { personal { firstName } identities { customId } } }')
    assert found["profile"] == {"personal": {"firstName": "Ann"}, "identities": {"customId": "C-1"}}


WRONG = {
    "blank": ("CSV", " \n ", "BLANK", None),
    "no rows": ("CSV", "customId\n", "BLANK", None),
    "no rows in NDJSON": ("NDJSON", "\n\n", "BLANK", None),
    "columns twice": ("CSV", "customId,customId\nC-1,C-1", "INVALID_VALUE", "each once"),
    "columns twice by their meaning": ("CSV", "customId,custom_identify\nC-1,C-1", "INVALID_VALUE", "each once"),
    "no header": ("CSV", "C-1,a@example.com\nC-2,b@example.com", "INVALID_VALUE", "must name the columns"),
    "no CSV": ("CSV", 'customId\n"C-1"x', "INVALID_VALUE", "Line 2 is not CSV"),
    "no CSV in its header": ("CSV", '"customId"x\nC-1', "INVALID_VALUE", "not CSV"),
    "a null": ("NDJSON", '{"customId": "a"}\n\0', "FORBIDDEN_CHARACTER", "U+0000 at position 18"),
    "too many rows": ("NDJSON", "x\n" * (MOST_ROWS + 1), "TOO_MANY", "10001"),
    "too long": ("NDJSON", "\u00e9" * (MOST_BYTES // 2 + 1), "TOO_LONG", "8,000,002 bytes"),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_can_not_be_read_as_a_whole_is_refused_at_once(ask: Ask, workspace: Workspace, wrong: str) -> None:
    format, content, code, message = WRONG[wrong]
    before = await traces(workspace)
    payload = await asked(ask, content, format=format)
    assert refusals(payload) == [(code, ["input", "content"])]
    assert message is None or message in payload["userErrors"][0]["message"]
    assert payload["import"] is None
    assert await traces(workspace) == before


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ([{"column": " ", "field": "email"}], ["0", "column"]),
        ([{"column": "mail", "field": "a\nb"}], ["0", "field"]),
        ([{"column": "a", "field": "email"}, {"column": " a", "field": "phone"}], ["1", "column"]),
    ],
)
async def test_columns_that_can_not_be_are_refused(ask: Ask, columns: Any, field: list[str]) -> None:
    payload = await asked(ask, columns=columns)
    assert [refused[1] for refused in refusals(payload)] == [["input", "columns", *field]]


async def test_as_many_rows_as_are_allowed(ask: Ask) -> None:
    payload = await asked(ask, "x\n" * MOST_ROWS, format="NDJSON")
    assert payload["import"]["total"] == MOST_ROWS


async def test_a_byte_order_mark_is_no_part_of_the_first_column(ask: Ask) -> None:
    assert (await asked(ask, "\ufeffcustomId\r\nC-1\r\n"))["import"]["total"] == 1


async def test_a_retry_gets_the_same_import_and_a_dry_run_none(ask: Ask, workspace: Workspace) -> None:
    before = await traces(workspace)
    assert (await asked(ask, dryRun=True))["import"]["status"] == "QUEUED"
    assert await traces(workspace) == before
    first = await asked(ask, idempotencyKey="key")
    assert await asked(ask, idempotencyKey="key") == first
    assert refusals(await asked(ask, "customId\nC-2", idempotencyKey="key"))[0][0] == "IDEMPOTENCY_MISMATCH"
    assert len(await workspace.find("jobs", {})) == 1
    assert "C-1" not in repr(await workspace.find("idempotency", {}))


async def test_too_many_at_a_time_are_refused(ask: Ask, workspace: Workspace) -> None:
    one = await an_import(workspace, people(1))
    others = [{**one, "_id": one["_id"][:-1] + bytes([number])} for number in range(MOST_UNFINISHED)]
    await workspace.database.insert("jobs", [other for other in others if other["_id"] != one["_id"]])
    assert [code for code, _ in refusals(await asked(ask))] == ["TOO_MANY"]


async def test_an_import_is_cancelled(ask: Ask, workspace: Workspace) -> None:
    made = (await asked(ask))["import"]
    dry = await mutate(ask, "importCancel", {"id": made["id"], "dryRun": True}, selecting=IMPORT)
    assert dry["import"]["status"] == "CANCELLED"
    done = await mutate(ask, "importCancel", {"id": made["id"]}, selecting=IMPORT)
    assert (done["import"]["status"], done["import"]["done"], done["userErrors"]) == ("CANCELLED", 0, [])
    assert done["import"]["finishedAt"] is not None
    again = await mutate(ask, "importCancel", {"id": made["id"]}, selecting=IMPORT)
    assert again == done
    assert "C-1" not in repr(await workspace.find("jobs", {}))
    stale = await mutate(ask, "importCancel", {"id": made["id"], "expectedVersion": 1}, selecting=IMPORT)
    assert refusals(stale) == [("VERSION_CONFLICT", ["options", "expectedVersion"])]


async def test_only_an_import_of_the_workspace_can_be_cancelled_or_seen(ask: Ask, workspace: Workspace) -> None:
    other = await prepare_workspace(workspace.database, f"{workspace.id}-other", name="Other")
    theirs = await an_import(other, people(1))
    for id in (to_public("job", theirs["_id"]), to_public("prf", theirs["_id"]), to_public("job", bytes(16))):
        payload = await mutate(ask, "importCancel", {"id": id}, selecting=IMPORT)
        assert refusals(payload) == [("NOT_FOUND", ["id"])]
        assert (await ask(JOB, id=id))["job"] is None
    assert (await ask(LIST))["jobs"]["edges"] == []
    (unchanged,) = await jobs_by_id(other, [theirs["_id"]])
    assert unchanged == theirs


async def test_reading_needs_the_right_to_read(ask: Ask, workspace: Workspace) -> None:
    made = await an_import(workspace, people(1))
    for query in (JOB, LIST, NODE):
        (error,) = await ask(query, id=to_public("job", made["_id"]), scopes=frozenset(), failing=True)
        assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": "profiles:read"}


async def test_jobs_are_listed_newest_first(ask: Ask, workspace: Workspace) -> None:
    made = [to_public("job", (await an_import(workspace, people(1)))["_id"]) for _ in range(5)]
    ids, after, more = [], None, True
    while more:
        page = (await ask(LIST, first=2, after=after))["jobs"]
        ids += [edge["node"]["id"] for edge in page["edges"]]
        after, more = page["edges"][-1]["cursor"], page["pageInfo"]["hasNextPage"]
    assert ids == sorted(made, reverse=True)


async def test_no_reader_gets_the_content(workspace: Workspace) -> None:
    made = await an_import(workspace, "customId\nverysecret")
    (job,) = await jobs_by_id(workspace, [made["_id"]])
    assert "verysecret" in repr(await workspace.find("jobs", {}))
    assert "verysecret" not in repr(job)
    await cancel_job(workspace, made["_id"], now=CREATED, session=None)
    assert "verysecret" not in repr(await workspace.find("jobs", {}))
