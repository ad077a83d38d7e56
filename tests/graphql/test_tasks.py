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

TASK = "id title text dueAt assignee author done doneAt createdAt updatedAt"
ERRORS = "userErrors { code field message } changes { field before after }"
ADD = f"mutation ($input: TaskCreateInput!) {{ taskCreate(input: $input) {{ task {{ {TASK} }} {ERRORS} }} }}"
UPDATE = f"mutation ($input: TaskUpdateInput!) {{ taskUpdate(input: $input) {{ task {{ {TASK} }} {ERRORS} }} }}"
COMPLETE = f"mutation ($input: TaskInput!) {{ taskComplete(input: $input) {{ task {{ {TASK} }} {ERRORS} }} }}"
REOPEN = f"mutation ($input: TaskInput!) {{ taskReopen(input: $input) {{ task {{ {TASK} }} {ERRORS} }} }}"
DELETE = f"mutation ($input: TaskInput!) {{ taskDelete(input: $input) {{ deletedTaskId {ERRORS} }} }}"
OF_PROFILE = """
query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $done: Boolean) { profile(by: {id: $id}) {
  tasks(first: $first, after: $after, last: $last, before: $before, done: $done) {
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


async def test_a_task_is_added_and_read_back(ask: Ask, workspace: Workspace) -> None:  # R52
    profile = await a_profile(workspace)
    given = {"title": "Call back", "text": "About the order", "dueAt": days(3).isoformat(), "assignee": "Eve"}
    answer = (await ask(ADD, input={"profileId": public(profile), "onBehalfOf": "Ann", **given}))["taskCreate"]
    assert answer["userErrors"] == []
    task = answer["task"]
    assert {key: task[key] for key in given} == given
    assert (task["author"], task["done"], task["doneAt"]) == ("Ann", False, None)
    assert task["createdAt"] == task["updatedAt"]
    node = await ask(f"query ($id: ID!) {{ node(id: $id) {{ ... on Task {{ {TASK} }} }} }}", id=task["id"])
    assert node["node"] == task
    (change,) = answer["changes"]
    assert (change["field"], change["before"]) == (f"tasks.{task['id'].removeprefix('tsk_')}", None)
    assert change["after"].keys() == task.keys() - {"id"}


@pytest.mark.parametrize("moment", ["soon", "2026-01-01T00:00:00"])
async def test_a_due_time_that_is_no_timestamp_is_told_with_its_path(
    ask: Ask, workspace: Workspace, moment: str
) -> None:
    profile = await a_profile(workspace)
    (error,) = await ask(ADD, input={"profileId": public(profile), "title": "Call", "dueAt": moment}, failing=True)
    assert error.message.startswith("Variable '$input' has invalid value at .dueAt: ")
    assert await workspace.find("tasks", {}) == []


async def test_what_is_not_given_stays_and_null_removes(ask: Ask, workspace: Workspace) -> None:  # R52
    profile = await a_profile(workspace)
    given = {
        "profileId": public(profile),
        "title": "Call",
        "text": "x",
        "dueAt": days(3).isoformat(),
        "assignee": "Eve",
    }
    task = (await ask(ADD, input=given))["taskCreate"]["task"]
    at = {"profileId": public(profile), "taskId": task["id"]}
    changed = (await ask(UPDATE, input={**at, "title": "Write"}))["taskUpdate"]["task"]
    assert changed["updatedAt"] > task["updatedAt"]
    assert {**changed, "updatedAt": ""} == {**task, "title": "Write", "updatedAt": ""}
    changed = (await ask(UPDATE, input={**at, "dueAt": None, "assignee": None}))["taskUpdate"]["task"]
    assert (changed["title"], changed["dueAt"], changed["assignee"]) == ("Write", None, None)
    again = (await ask(UPDATE, input={**at, "assignee": None}))["taskUpdate"]
    assert (again["task"], again["changes"]) == (changed, [])


async def test_done_and_not_done_after_all(ask: Ask, workspace: Workspace) -> None:  # R52
    profile = await a_profile(workspace)
    task = (await ask(ADD, input={"profileId": public(profile), "title": "Call"}))["taskCreate"]["task"]
    at = {"profileId": public(profile), "taskId": task["id"]}
    done = (await ask(COMPLETE, input=at))["taskComplete"]["task"]
    assert (done["done"], done["doneAt"]) == (True, done["updatedAt"])
    again = (await ask(COMPLETE, input=at))["taskComplete"]
    assert (again["task"], again["changes"]) == (done, [])
    reopened = (await ask(REOPEN, input=at))["taskReopen"]["task"]
    assert (reopened["done"], reopened["doneAt"]) == (False, None)


async def test_a_deleted_task_is_gone_and_told_of(ask: Ask, workspace: Workspace) -> None:  # R52
    profile = await a_profile(workspace)
    task = (await ask(ADD, input={"profileId": public(profile), "title": "Call"}))["taskCreate"]["task"]
    at = {"profileId": public(profile), "taskId": task["id"]}
    answer = (await ask(DELETE, input=at))["taskDelete"]
    assert answer["deletedTaskId"] == task["id"]
    assert (answer["changes"][0]["before"]["title"], answer["changes"][0]["after"]) == ("Call", None)
    assert (await ask(ACROSS))["tasks"]["edges"] == []
    (error,) = (await ask(DELETE, input=at))["taskDelete"]["userErrors"]
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["taskId"])
    entries = await workspace.find("journal", {"profile": profile["_id"], "kind": "TASK"}, sort=[("seq", 1)])
    assert [(entry["changes"][0]["before"] is None, entry["actor"]) for entry in entries] == [
        (True, "pgk_test"),
        (False, "pgk_test"),
    ]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"title": " "}, "BLANK", "title"),
        ({"title": "x" * 201}, "TOO_LONG", "title"),
        ({"title": "x", "text": "x" * 20_001}, "TOO_LONG", "text"),
        ({"title": "x", "assignee": ""}, "BLANK", "assignee"),
        ({"title": "x", "assignee": "a\nb"}, "FORBIDDEN_CHARACTER", "assignee"),
    ],
)
async def test_what_a_task_may_not_be(
    ask: Ask, workspace: Workspace, given: dict[str, Any], code: str, field: str
) -> None:
    profile = await a_profile(workspace)
    answer = (await ask(ADD, input={"profileId": public(profile), **given}))["taskCreate"]
    assert answer["task"] is None
    assert [(error["code"], error["field"]) for error in answer["userErrors"]] == [(code, [field])]
    assert await workspace.find("tasks", {}) == []


async def test_tasks_of_others_are_not_found(ask: Ask, workspace: Workspace) -> None:
    profile, other = await a_profile(workspace), await a_profile(workspace)
    task = (await ask(ADD, input={"profileId": public(profile), "title": "Call"}))["taskCreate"]["task"]
    elsewhere = await prepare_workspace(workspace.database, f"{workspace.id}-other", name="Other")
    foreign = await a_profile(elsewhere)
    for of, owner in ((workspace, other), (elsewhere, foreign)):
        for mutation, name in ((UPDATE, "taskUpdate"), (COMPLETE, "taskComplete"), (DELETE, "taskDelete")):
            at = {"profileId": public(owner), "taskId": task["id"]}
            (error,) = (await ask(mutation, of=of, input=at))[name]["userErrors"]
            assert (error["code"], error["field"]) == ("NOT_FOUND", ["taskId"])
    node = await ask("query ($id: ID!) { node(id: $id) { id } }", of=elsewhere, id=task["id"])
    assert node == {"node": None}


async def test_tasks_of_a_profile_page_newest_first(ask: Ask, workspace: Workspace) -> None:  # R52
    id = public(await a_profile(workspace, change=some_tasks))
    first = (await ask(OF_PROFILE, id=id, first=3))["profile"]["tasks"]
    assert titles(first) == ["then", "never", "soon"]
    rest = (await ask(OF_PROFILE, id=id, after=first["pageInfo"]["endCursor"]))["profile"]["tasks"]
    assert (titles(rest), first["pageInfo"]["hasNextPage"]) == (["late"], True)
    back = (await ask(OF_PROFILE, id=id, last=1, before=rest["pageInfo"]["startCursor"]))["profile"]["tasks"]
    assert titles(back) == ["soon"]
    for done, found in ((True, ["soon"]), (False, ["then", "never", "late"])):
        assert titles((await ask(OF_PROFILE, id=id, done=done))["profile"]["tasks"]) == found


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
        ({"dueFrom": days(1)}, ["soon", "then", "late"]),
        ({"dueFrom": days(2), "dueTo": days(9)}, ["then"]),
        ({"dueTo": days(9)}, ["soon", "then"]),
        ({"assignee": "Nobody"}, []),
    ],
)
async def test_tasks_by_assignee_and_due_date(
    ask: Ask, workspace: Workspace, filter: dict[str, Any], found: list[str]
) -> None:  # R52
    await a_profile(workspace, change=some_tasks)
    given = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in filter.items()}
    assert titles((await ask(ACROSS, filter=given))["tasks"]) == found
    assert titles((await ask(ACROSS, filter=given, last=10))["tasks"]) == found
    if found:
        first = (await ask(ACROSS, filter=given, first=1))["tasks"]
        rest = (await ask(ACROSS, filter=given, after=first["edges"][0]["cursor"]))["tasks"]
        assert titles(first) + titles(rest) == found


async def test_tasks_are_personal(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace, change=some_tasks)
    scopes = frozenset({Scope.PROFILES_READ})
    for query, variables in ((ACROSS, {}), (OF_PROFILE, {"id": public(profile)})):
        (error,) = await ask(query, scopes=scopes, failing=True, **variables)
        assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": "personal:read"}
    written = {"input": {"profileId": public(profile), "title": "Call"}}
    (error,) = await ask(ADD, scopes=frozenset({Scope.PERSONAL_READ}), failing=True, **written)
    assert error.original_error.extensions == {"code": "FORBIDDEN", "scope": "profiles:write"}


async def test_changing_a_task_is_no_way_to_read_it(ask: Ask, workspace: Workspace) -> None:
    profile = await a_profile(workspace, firstName="Ann")
    scopes = frozenset(Scope) - {Scope.PERSONAL_READ}
    query = ADD.replace("task {", "task { profile { displayName }")
    added = (await ask(query, scopes=scopes, input={"profileId": public(profile), "title": "Call"}))["taskCreate"][
        "task"
    ]
    assert (added["title"], added["profile"]["displayName"][:8]) == ("Call", "Profile ")
    at = {"profileId": public(profile), "taskId": added["id"]}
    answer = (await ask(COMPLETE, scopes=scopes, input=at))["taskComplete"]
    assert (answer["task"], answer["userErrors"], answer["changes"][0]["before"]) == (None, [], None)
    assert titles((await ask(ACROSS, filter={"done": True}))["tasks"]) == ["Call"]
