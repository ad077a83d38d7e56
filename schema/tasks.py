"""Tasks about profiles, their changes, and their mutations."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import entries
from resolvers import tasks as resolve
from resolvers.beside import id_in
from resolvers.context import Context
from resolvers.entries import ChangeKind
from resolvers.mutations import Options
from resolvers.tasks import Plan
from schema.beside import about, became, told_of, was
from schema.connections import After, Before, Connection, First, Last, only_given, or_none, page
from schema.documents import Info, computed
from schema.entries import Actor, ChangeEntry, titled
from schema.filters import TimeRangeInput
from schema.mutations import Answer, ProfileId, ProfilePayload, mutation
from schema.nodes import Node, NodeDocument, public_id
from storage import tasks as stored
from storage.credentials import Scope
from storage.profiles import ProfileDoc
from storage.tasks import TaskMatch


@strawberry.type(description="Task about a profile; needs personal:read")
class Task(NodeDocument, Node):
    id: strawberry.ID = public_id(stored.NOUN.prefix)
    profile = about()
    title: str = strawberry.field(description="Title")
    text: str = strawberry.field(description="Text")
    due_at: datetime | None = strawberry.field(description="Timestamp by which it should be done")
    assignee: str | None = strawberry.field(description="Who should do it")
    author: Actor = strawberry.field(description="Who wrote it")
    done: bool = strawberry.field(description="Indicates whether it is done")
    done_at: datetime | None = strawberry.field(description="Timestamp of when it was done")
    version: int = strawberry.field(description="Number of its versions so far, for expectedVersion")
    created_at: datetime = strawberry.field(description="Timestamp of its creation")
    updated_at: datetime = strawberry.field(description="Timestamp of its latest change")


@strawberry.type(description="What a task said")
class TaskContent:
    title: str = strawberry.field(description="Title")
    text: str = strawberry.field(description="Text")
    due_at: datetime | None = strawberry.field(description="Timestamp by which it should be done")
    assignee: str | None = strawberry.field(description="Who should do it")
    done: bool = strawberry.field(description="Indicates whether it was done")


@strawberry.type(description="Change of a task")
class TaskChange(NodeDocument, ChangeEntry):
    title = titled(resolve.change_title)
    kind = computed(entries.kind_of, ChangeKind, "What became of the task", "action")
    task_id = computed(id_in(stored.NOUN), strawberry.ID, "Id of the task", "changes")
    task = told_of(stored.NOUN, Task)
    before = was(stored.NOUN, TaskContent)
    after = became(stored.NOUN, TaskContent)


@strawberry.input(description="Which tasks to list; all conditions that are given must hold")
class TaskFilter:
    assignee: str | None = strawberry.field(default=None, description="Who should do them")
    done: bool | None = strawberry.field(default=None, description="Whether they are done")
    due: TimeRangeInput | None = strawberry.field(default=None, description="When they are due")

    def plain(self) -> TaskMatch:
        return TaskMatch(self.assignee, self.done, self.due.plain() if self.due else None)


TaskConnection = Connection[Task]
Filter = Annotated[TaskFilter | None, strawberry.argument(description="Which tasks to list; all without one")]
TaskId = Annotated[strawberry.ID, strawberry.argument(description="Id of the task")]


def tasks_of(
    root: strawberry.Parent[ProfileDoc],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
    filter: Filter = UNSET,
) -> Any:
    match = (or_none(filter) or TaskFilter()).plain()
    return resolve.tasks_of(info.context, root, page(first, after, last, before), match)


def tasks(
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
    filter: Filter = UNSET,
) -> Any:
    match = (or_none(filter) or TaskFilter()).plain()
    return resolve.list_tasks(info.context, match, page(first, after, last, before))


@strawberry.input(description="Task to create")
class TaskCreateInput:
    title: str = strawberry.field(description="Title")
    text: str = strawberry.field(default="", description="Text")
    due_at: datetime | None = strawberry.field(default=None, description="Timestamp by which it should be done")
    assignee: str | None = strawberry.field(default=None, description="Who should do it")

    def plan(self) -> Plan:
        return {"dueAt": self.due_at, "assignee": self.assignee}


@strawberry.input(description="Task to change; what is not given stays")
class TaskUpdateInput:
    title: str | None = strawberry.field(default=UNSET, description="New title")
    text: str | None = strawberry.field(default=UNSET, description="New text")
    due_at: datetime | None = strawberry.field(default=UNSET, description="New due timestamp; null removes it")
    assignee: str | None = strawberry.field(default=UNSET, description="Who should do it now; null for nobody")

    def plain(self) -> dict[str, Any]:
        said = {"title": self.title, "text": self.text}
        return only_given({**said, "dueAt": self.due_at, "assignee": self.assignee})


@strawberry.type
class TaskPayload(ProfilePayload):
    task: Task | None = strawberry.field(
        description="Task as it is now; null when refused, or when changed without personal:read"
    )


@strawberry.type
class DeletedTaskPayload(ProfilePayload):
    deleted_task_id: strawberry.ID | None = strawberry.field(description="Id that the task had; null when refused")


@mutation(TaskPayload, Scope.PROFILES_WRITE, "Create a task about a profile")
def task_create(context: Context, options: Options, profile_id: ProfileId, input: TaskCreateInput) -> Answer:
    return resolve.create_task(context, options, profile_id, title=input.title, text=input.text, plan=input.plan())


@mutation(TaskPayload, Scope.PROFILES_WRITE, "Change a task")
def task_update(context: Context, options: Options, id: TaskId, input: TaskUpdateInput) -> Answer:
    return resolve.update_task(context, options, id, fields=input.plain())


@mutation(TaskPayload, Scope.PROFILES_WRITE, "Mark a task as done")
def task_complete(context: Context, options: Options, id: TaskId) -> Answer:
    return resolve.complete_task(context, options, id)


@mutation(TaskPayload, Scope.PROFILES_WRITE, "Mark a task as not done after all")
def task_reopen(context: Context, options: Options, id: TaskId) -> Answer:
    return resolve.reopen_task(context, options, id)


@mutation(DeletedTaskPayload, Scope.PROFILES_WRITE, "Delete a task")
def task_delete(context: Context, options: Options, id: TaskId) -> Answer:
    return resolve.delete_task(context, options, id)
