"""Tasks: of a profile, across the workspace, and their mutations."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from storage.credentials import Scope
from storage.profiles import ProfileDoc
from storage.setup import prepare_workspace
from storage.store.ids import to_public
from storage.store.workspace import Workspace
from storage.tasks import NOUN
from storage.write.working_copy import Edit
from tests.support.asking import Ask
from tests.support.factories import CREATED, a_profile, a_task, add_task
from tests.support.mutating import codes, document, mutate, refusals

AUTHOR = "author { kind id name onBehalfOf }"
TASK = f"id title text dueAt assignee {AUTHOR} done doneAt version createdAt updatedAt"
PAYLOAD = f"task {{ {TASK} }} profile {{ version }}"
DELETED = "deletedTaskId profile { version }"
OF_PROFILE = """
query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $filter: TaskFilter) {
  profile(by: {id: $id}) { tasks(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
    edges { node { title } } pageInfo { hasNextPage startCursor endCursor } } } }
"""
ACROSS = """
query ($first: Int, $after: String, $last: Int, $before: String, $filter: TaskFilter) {
  tasks(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
    edges { cursor node { title profile { displayName } } } pageInfo { hasNextPage hasPreviousPage } } }
"""


def days(number: int) -> datetime:
    return CREATED + timedelta(days=number)


def public(profile: ProfileDoc) -> str:
    return to_public("prf", profile["_id"])


def titles(connection: Any) -> list[str]:
    return [edge["node"]["title"] for edge in connection["edges"]]


def some_tasks(edit: Edit) -> None:
    """Add four tasks, due in another order than they were made."""
    for number, (title, due, assignee, done) in enumerate(
        [("late", 9, "Eve", False), ("soon", 1, "Eve", True), ("never", None, "Bob", False), ("then", 5, None, False)]
    ):
        task = a_task(edit, title, due_at=due and days(due), assignee=assignee)
        later = {"_id": (1000 + number).to_bytes(6, "big") + task["_id"][6:], "done": done}
        edit.put(NOUN, None, {**task, **later})


async def add(ask: Ask, profile: ProfileDoc, **given: Any) -> Any:
    return await mutate(ask, "taskCreate", {"profileId": public(profile), "title": "Call", **given}, selecting=PAYLOAD)


async def change(ask: Ask, name: str, id: str, *, of: Workspace | None = None, **given: Any) -> Any:
    selecting = DELETED if name == "taskDelete" else PAYLOAD
    return await mutate(ask, name, {"id": id, **given}, selecting=selecting, **({"of": of} if of else {}))


async def test_a_task_is_added_and_read_back(ask: Ask, workspace: Workspace) -> None:  # R52
    profile = await a_profile(workspace)
    given = {"title": "Call back", "text": "About the order", "dueAt": days(3).isoformat(), "assignee": "Eve"}
    answer = await add(ask, profile, onBehalfOf="Ann", **given)
    assert refusals(answer) == []
    task = answer["task"]
    assert {key: task[key] for key in given} == given
    assert task["author"] == {"kind": "API_KEY", "id": "pgk_test", "name": "Test", "onBehalfOf": "Ann"}
    assert (task["done"], task["doneAt"], task["version"]) == (False, None, 1)
    assert task["createdAt"] == task["updatedAt"]
    assert answer["profile"]["version"] == profile["version"]
    node = await ask(f"query ($id: ID!) {{ node(id: $id) {{ ... on Task {{ {TASK} }} }} }}", id=task["id"])
    assert node["node"] == task
    (change,) = answer["changes"]
    assert (change["__typename"], change["became"], change["taskId"]) == ("TaskChange", "CREATED", task["id"])
    assert (change["fields"], change["once"]) == ([f"tasks.{task['id']}"], None)
    assert change["now"] == {"title": "Call back", "text": "About the order", "done": False}
    (entry,) = await workspace.find("journal", {"profile": profile["_id"], "kind": "TASK"})
    assert entry["changes"][0]["field"] == f"tasks.{task['id'].removeprefix('tsk_')}"


@pytest.mark.parametrize("moment", ["soon", "2026-01-01T00:00:00"])
async def test_a_due_time_that_is_no_timestamp_is_told_with_its_path(
    ask: Ask, workspace: Workspace, moment: str
) -> None:
    profile = await a_profile(workspace)
    input = {"title": "Call", "dueAt": moment}
    (error,) = await ask(document("taskCreate", PAYLOAD), profileId=public(profile), input=input, failing=True)
    assert error.message.startswith("Variable '$input' has invalid value at .dueAt: ")
    assert await workspace.find("tasks", {}) == []


async def test_what_is_not_given_stays_and_null_removes(ask: Ask, workspace: Workspace) -> None:  # R52
    profile = await a_profile(workspace)
    task = (await add(ask, profile, text="x", dueAt=days(3).isoformat(), assignee="Eve"))["task"]
    changed = (await change(ask, "taskUpdate", task["id"], title="Write"))["task"]
    assert changed["updatedAt"] > task["updatedAt"]
    assert {**changed, "updatedAt": ""} == {**task, "title": "Write", "version": 2, "updatedAt": ""}
    changed = (await change(ask, "taskUpdate", task["id"], dueAt=None, assignee=None))["task"]
    assert (changed["title"], changed["dueAt"], changed["assignee"]) == ("Write", None, None)
    again = await change(ask, "taskUpdate", task["id"], assignee=None)
    assert (again["task"], again["changes"]) == (changed, [])


async def test_done_and_not_done_after_all(ask: Ask, workspace: Workspace) -> None:  # R52
    profile = await a_profile(workspace)
    id = (await add(ask, profile))["task"]["id"]
    answer = await change(ask, "taskComplete", id)
    done = answer["task"]
    assert (done["done"], done["doneAt"]) == (True, done["updatedAt"])
    assert [(told["once"]["done"], told["now"]["done"]) for told in answer["changes"]] == [(False, True)]
    again = await change(ask, "taskComplete", id)
    assert (again["task"], again["changes"]) == (done, [])
    reopened = await change(ask, "taskReopen", id)
    assert (reopened["task"]["done"], reopened["task"]["doneAt"]) == (False, None)
    assert reopened["profile"]["version"] == profile["version"]


async def test_a_deleted_task_is_gone_and_told_of(ask: Ask, workspace: Workspace) -> None:  # R52
    profile = await a_profile(workspace)
    task = (await add(ask, profile))["task"]
    answer = await change(ask, "taskDelete", task["id"], idempotencyKey="k")
    assert answer["deletedTaskId"] == task["id"]
    (told,) = answer["changes"]
    assert (told["became"], told["once"]["title"], told["now"]) == ("DELETED", "Call", None)
    assert (await ask(ACROSS))["tasks"]["edges"] == []
    for name in ("taskDelete", "taskUpdate", "taskComplete", "taskReopen"):
        assert refusals(await change(ask, name, task["id"])) == [("NOT_FOUND", ["id"])]
    assert await change(ask, "taskDelete", task["id"], idempotencyKey="k") == answer
    entries = await workspace.find("journal", {"profile": profile["_id"], "kind": "TASK"}, sort=[("seq", 1)])
    assert [(entry["changes"][0]["before"] is None, entry["actor"]["id"]) for entry in entries] == [
        (True, "pgk_test"),
        (False, "pgk_test"),
    ]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"title": " "}, "BLANK", "input.title"),
        ({"title": "x" * 201}, "TOO_LONG", "input.title"),
        ({"title": "x", "text": "x" * 20_001}, "TOO_LONG", "input.text"),
        ({"title": "x", "assignee": ""}, "BLANK", "input.assignee"),
        ({"title": "x", "assignee": "a\nb"}, "FORBIDDEN_CHARACTER", "input.assignee"),
        ({"title": "x", "expectedVersion": 1}, "INVALID_VALUE", "options.expectedVersion"),
    ],
)
async def test_what_a_task_may_not_be(
    ask: Ask, workspace: Workspace, given: dict[str, Any], code: str, field: str
) -> None:
    profile = await a_profile(workspace)
    answer = await add(ask, profile, **given)
    assert answer["task"] is None
    assert codes(answer) == [(code, field.split("."))]
    assert await workspace.find("tasks", {}) == []


async def test_tasks_of_others_are_not_found(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace)
    id = (await add(ask, profile))["task"]["id"]
    elsewhere = await prepare_workspace(workspace.database, f"{workspace.id}-other", name="Other")
    for of, unknown in (
        (elsewhere, id),
        (workspace, to_public("tsk", bytes(16))),
        (workspace, public(profile)),
        (workspace, id.replace("tsk", "nte")),
    ):
        for name in ("taskUpdate", "taskComplete", "taskReopen", "taskDelete"):
            assert refusals(await change(ask, name, unknown, of=of)) == [("NOT_FOUND", ["id"])]
    node = await ask("query ($id: ID!) { node(id: $id) { id } }", of=elsewhere, id=id)
    assert node == {"node": None}
    assert titles((await ask(ACROSS))["tasks"]) == ["Call"]


async def test_tasks_of_a_profile_page_newest_first(ask: Ask, workspace: Workspace) -> None:  # R52
    id = public(await a_profile(workspace, change=some_tasks))
    first = (await ask(OF_PROFILE, id=id, first=3))["profile"]["tasks"]
    assert titles(first) == ["then", "never", "soon"]
    rest = (await ask(OF_PROFILE, id=id, after=first["pageInfo"]["endCursor"]))["profile"]["tasks"]
    assert (titles(rest), first["pageInfo"]["hasNextPage"]) == (["late"], True)
    back = (await ask(OF_PROFILE, id=id, last=1, before=rest["pageInfo"]["startCursor"]))["profile"]["tasks"]
    assert titles(back) == ["soon"]
    for done, found in ((True, ["soon"]), (False, ["then", "never", "late"])):
        assert titles((await ask(OF_PROFILE, id=id, filter={"done": done}))["profile"]["tasks"]) == found


async def test_tasks_of_the_workspace_come_by_due_date(ask: Ask, workspace: Workspace) -> None:  # R52
    await a_profile(workspace, firstName="Ann", change=some_tasks)
    await a_profile(workspace, firstName="Bo", change=lambda edit: add_task(edit, due_at=days(5)))
    found = (await ask(ACROSS))["tasks"]
    assert titles(found)[::4] == ["soon", "never"]
    assert set(titles(found)[1:3]) == {"then", "Call back"}
    assert [edge["node"]["profile"]["displayName"] for edge in found["edges"]].count("Bo") == 1
    assert [edge["node"]["profile"]["displayName"] for edge in found["edges"]].count("Ann") == 4
    seen: list[str] = []
    cursor = None
    for _ in titles(found):
        page = (await ask(ACROSS, first=1, after=cursor))["tasks"]
        cursor = page["edges"][0]["cursor"]
        seen += titles(page)
    assert (seen, page["pageInfo"]["hasNextPage"]) == (titles(found), False)
    back = (await ask(ACROSS, last=2, before=cursor))["tasks"]
    assert (titles(back), back["pageInfo"]["hasPreviousPage"]) == (titles(found)[2:4], True)


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ({"assignee": "Eve"}, ["soon", "late"]),
        ({"assignee": "Eve", "done": False}, ["late"]),
        ({"done": False}, ["then", "late", "never"]),
        ({"due": {"from": days(1).isoformat()}}, ["soon", "then", "late"]),
        ({"due": {"from": days(2).isoformat(), "to": days(9).isoformat()}}, ["then"]),
        ({"due": {"to": days(9).isoformat()}}, ["soon", "then"]),
        ({"assignee": "Nobody"}, []),
    ],
)
async def test_tasks_by_assignee_and_due_date(
    ask: Ask, workspace: Workspace, filter: dict[str, Any], found: list[str]
) -> None:  # R52
    await a_profile(workspace, change=some_tasks)
    assert titles((await ask(ACROSS, filter=filter))["tasks"]) == found
    assert titles((await ask(ACROSS, filter=filter, last=10))["tasks"]) == found
    if found:
        first = (await ask(ACROSS, filter=filter, first=1))["tasks"]
        rest = (await ask(ACROSS, filter=filter, after=first["edges"][0]["cursor"]))["tasks"]
        assert titles(first) + titles(rest) == found


async def test_tasks_are_personal(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace, change=some_tasks)
    scopes = frozenset({Scope.PROFILES_READ})
    for query, variables in ((ACROSS, {}), (OF_PROFILE, {"id": public(profile)})):
        (error,) = await ask(query, scopes=scopes, failing=True, **variables)
        assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": "personal:read"}
    query, given = document("taskCreate", PAYLOAD), {"profileId": public(profile), "input": {"title": "Call"}}
    (error,) = await ask(query, scopes=frozenset({Scope.PERSONAL_READ}), failing=True, **given)
    assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": "profiles:write"}


async def test_changing_a_task_is_no_way_to_read_it(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace, firstName="Ann")
    scopes = frozenset(Scope) - {Scope.PERSONAL_READ}
    given = {"profileId": public(profile), "title": "Call"}
    selecting = "task { id title profile { displayName } }"
    added = (await mutate(ask, "taskCreate", given, selecting=selecting, scopes=scopes))["task"]
    assert (added["title"], added["profile"]["displayName"][:8]) == ("Call", "Profile ")
    answer = await mutate(ask, "taskComplete", {"id": added["id"]}, selecting=selecting, scopes=scopes)
    assert (answer["task"], answer["userErrors"]) == (None, [])
    assert [(told["once"], told["now"]) for told in answer["changes"]] == [(None, None)]
    assert titles((await ask(ACROSS, filter={"done": True}))["tasks"]) == ["Call"]
