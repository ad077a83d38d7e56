"""Tasks about profiles; like notes they are about the person, so reading them is reading personal data."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypedDict

from loaders import BesideQuery
from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.mutations import Options, PayloadDoc, author_of, change_profile, key_of, not_found, titled
from resolvers.privacy import require_reading, shown, without_personal
from storage import tasks
from storage.credentials import Scope
from storage.profiles import ProfileDoc
from storage.rules import check_name
from storage.store.ids import whole_milliseconds
from storage.store.pages import PageRequest
from storage.tasks import NOUN, TaskDoc, TaskMatch, due_key, new_task
from storage.write.working_copy import Edit


class Plan(TypedDict, total=False):
    """When a task is due and who does it; None stands for no date or nobody, and a missing key for no change."""

    dueAt: datetime | None
    assignee: str | None


async def tasks_of(context: Context, profile: ProfileDoc, page: PageRequest, *, done: bool | None) -> ConnectionDoc:
    """Return one page of a profile's tasks, newest first (R52)."""
    require_reading(context, NOUN)
    conditions = () if done is None else (("done", done),)
    return connection(await context.loaders.beside.load((profile["_id"], BesideQuery(NOUN, page, conditions))))


async def list_tasks(context: Context, match: TaskMatch, page: PageRequest) -> ConnectionDoc:
    """Return one page of the workspace's tasks, by due date (R52)."""
    context.credential.require(Scope.PROFILES_READ)
    require_reading(context, NOUN)
    return connection(await tasks.list_tasks(context.workspace, match, page))


async def profile_of(context: Context, task: TaskDoc) -> ProfileDoc | None:
    """Return whom a task is about, as the credential may see them."""
    found = await context.loaders.profiles.load(task["profile"])
    return (await shown(context, [found]))[0] if found else None


async def add_task(
    context: Context, options: Options, profile_id: str, *, title: str, text: str, plan: Plan
) -> PayloadDoc:
    """Add a task; its author is the credential, or who it acts for."""

    def change(edit: Edit) -> None:
        checked_title, checked_text = titled(title, text)
        checked = checked_plan(plan)
        task = new_task(
            edit.profile,
            title=checked_title,
            text=checked_text,
            due_at=checked.get("dueAt"),
            assignee=checked.get("assignee"),
            author=author_of(context, options),
            at=edit.now,
        )
        edit.made["task"] = edit.put(NOUN, None, task)

    return await change_profile(context, options, profile_id, change)


async def update_task(
    context: Context,
    options: Options,
    profile_id: str,
    *,
    task_id: str,
    title: str | None,
    text: str | None,
    plan: Plan,
) -> PayloadDoc:
    """Change what a task says, when it is due, or who does it; what is not given stays."""

    def rewrite(task: TaskDoc, _: datetime) -> TaskDoc:
        new_title, new_text = titled(task["title"] if title is None else title, task["text"] if text is None else text)
        after: TaskDoc = {**task, "title": new_title, "text": new_text, **checked_plan(plan)}
        return {**after, "dueKey": due_key(after["dueAt"], task["_id"])}

    return await change_task(context, options, profile_id, task_id=task_id, rewrite=rewrite)


async def complete_task(context: Context, options: Options, profile_id: str, *, task_id: str) -> PayloadDoc:
    """Mark a task as done; one that is already done does not change."""

    def rewrite(task: TaskDoc, now: datetime) -> TaskDoc:
        return {**task, "done": True, "doneAt": task["doneAt"] or now}

    return await change_task(context, options, profile_id, task_id=task_id, rewrite=rewrite)


async def reopen_task(context: Context, options: Options, profile_id: str, *, task_id: str) -> PayloadDoc:
    """Mark a task as not done."""

    def rewrite(task: TaskDoc, _: datetime) -> TaskDoc:
        return {**task, "done": False, "doneAt": None}

    return await change_task(context, options, profile_id, task_id=task_id, rewrite=rewrite)


async def change_task(
    context: Context,
    options: Options,
    profile_id: str,
    *,
    task_id: str,
    rewrite: Callable[[TaskDoc, datetime], TaskDoc],
) -> PayloadDoc:
    """Change a task by `rewrite`, which gets the task and the time; what is the same afterwards is not written."""

    async def change(edit: Edit) -> None:
        task = await task_in(edit, task_id)
        after = rewrite(task, edit.now)
        edit.made["task"] = task if after == task else edit.put(NOUN, task, {**after, "updatedAt": edit.now})

    return without_personal(context, await change_profile(context, options, profile_id, change), "task")


async def delete_task(context: Context, options: Options, profile_id: str, *, task_id: str) -> PayloadDoc:
    """Delete a task; the history keeps what it was."""

    async def change(edit: Edit) -> None:
        edit.remove(NOUN, await task_in(edit, task_id))
        edit.made["deletedTaskId"] = task_id

    return await change_profile(context, options, profile_id, change)


async def task_in(edit: Edit, task_id: str) -> TaskDoc:
    """Return a task of the profile, or refuse its id."""
    found: Any = await edit.find_beside(NOUN, key_of(task_id, NOUN.prefix, ["taskId"]))
    if found is None:
        raise not_found(["taskId"])
    task: TaskDoc = found
    return task


def checked_plan(plan: Plan) -> Plan:
    """Return a plan as it is stored, or refuse its assignee."""
    checked = plan.copy()
    if due_at := plan.get("dueAt"):
        checked["dueAt"] = whole_milliseconds(due_at)
    if (assignee := plan.get("assignee")) is not None:
        check_name(assignee, ["assignee"])
    return checked
