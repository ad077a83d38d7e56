"""Tasks about profiles; like notes they are about the person, so reading them is reading personal data."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypedDict

from loaders.queries import BesideQuery
from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.entries import EntryDoc, after_of, before_of, title_of
from resolvers.filters import check_range
from resolvers.mutations import Options, PayloadDoc, actor_of, change_beside, create_beside, titled
from resolvers.privacy import require_reading, without_personal
from storage import tasks
from storage.credentials import Scope
from storage.profiles import ProfileDoc
from storage.rules import check_kept, check_name
from storage.store.ids import to_public, whole_milliseconds
from storage.store.pages import PageRequest
from storage.tasks import NOUN, TaskDoc, TaskMatch, due_key, new_task
from storage.write.working_copy import Edit


class Plan(TypedDict, total=False):
    """When a task is due and who does it; None stands for no date or nobody, and a missing key for no change."""

    dueAt: datetime | None
    assignee: str | None


async def tasks_of(context: Context, profile: ProfileDoc, page: PageRequest, match: TaskMatch) -> ConnectionDoc:
    """Return one page of a profile's tasks, newest first (R52)."""
    context.credential.require(Scope.PROFILES_READ)
    require_reading(context, NOUN)
    check_range(match.due, "filter.due")
    return connection(await context.loaders.beside.load((profile["_id"], BesideQuery(NOUN, page, match))))


async def list_tasks(context: Context, match: TaskMatch, page: PageRequest) -> ConnectionDoc:
    """Return one page of the workspace's tasks, by due date (R52)."""
    context.credential.require(Scope.PROFILES_READ)
    require_reading(context, NOUN)
    check_range(match.due, "filter.due")
    return connection(await tasks.list_tasks(context.workspace, match, page))


def change_title(entry: EntryDoc) -> str:
    """Return what became of a task; that it was done, or is not done after all, is told as that where it is shown."""
    before, after = before_of(entry), after_of(entry)
    if before and after and before["done"] != after["done"]:
        return "Task completed" if after["done"] else "Task reopened"
    return title_of("Task")(entry)


async def create_task(
    context: Context, options: Options, profile_id: str, *, title: str, text: str, plan: Plan
) -> PayloadDoc:
    """Add a task; its author is the credential, and who it acts for."""

    def change(edit: Edit) -> None:
        checked_title, checked_text = titled(title, text)
        checked = checked_plan(plan)
        task = new_task(
            edit.profile,
            title=checked_title,
            text=checked_text,
            due_at=checked.get("dueAt"),
            assignee=checked.get("assignee"),
            author=actor_of(context, options).document(),
            at=edit.now,
        )
        edit.made["task"] = edit.put(NOUN, None, task)

    return await create_beside(context, options, profile_id, change)


async def update_task(context: Context, options: Options, task_id: str, *, fields: Mapping[str, Any]) -> PayloadDoc:
    """Change what a task says, when it is due, or who does it; what is not given stays."""

    def rewrite(task: TaskDoc, _: datetime) -> TaskDoc:
        check_kept(fields, "title", "text")
        after: TaskDoc = {**task, **checked_plan(fields)}  # type: ignore[typeddict-item]  # its keys
        titled(after["title"], after["text"])
        return {**after, "dueKey": due_key(after["dueAt"], task["_id"])}

    return await change_task(context, options, task_id, rewrite)


async def complete_task(context: Context, options: Options, task_id: str) -> PayloadDoc:
    """Mark a task as done; one that is already done does not change."""

    def rewrite(task: TaskDoc, now: datetime) -> TaskDoc:
        return {**task, "done": True, "doneAt": task["doneAt"] or now}

    return await change_task(context, options, task_id, rewrite)


async def reopen_task(context: Context, options: Options, task_id: str) -> PayloadDoc:
    """Mark a task as not done."""

    def rewrite(task: TaskDoc, _: datetime) -> TaskDoc:
        return {**task, "done": False, "doneAt": None}

    return await change_task(context, options, task_id, rewrite)


async def change_task(
    context: Context, options: Options, task_id: str, rewrite: Callable[[TaskDoc, datetime], TaskDoc]
) -> PayloadDoc:
    """Change a task by `rewrite`, which gets the task and the time; what is the same afterwards is not written."""

    def change(edit: Edit, task: TaskDoc) -> None:
        after = rewrite(task, edit.now)
        edit.made["task"] = task if after == task else edit.put(NOUN, task, after)

    return without_personal(context, await change_beside(context, options, NOUN, task_id, change), "task")


async def delete_task(context: Context, options: Options, task_id: str) -> PayloadDoc:
    """Delete a task; the history keeps what it was."""

    def change(edit: Edit, task: TaskDoc) -> None:
        edit.remove(NOUN, task)
        edit.made["deletedTaskId"] = to_public(NOUN.prefix, task["_id"])

    return await change_beside(context, options, NOUN, task_id, change)


def checked_plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a plan is among as it is stored, or refuse its assignee."""
    checked = dict(plan)
    if due_at := plan.get("dueAt"):
        checked["dueAt"] = whole_milliseconds(due_at)
    if (assignee := plan.get("assignee")) is not None:
        check_name(assignee, ["assignee"])
    return checked
