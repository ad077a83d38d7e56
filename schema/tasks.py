"""Tasks about profiles, and their mutations."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import tasks as resolve
from resolvers.context import Context
from resolvers.mutations import Options
from resolvers.tasks import Plan
from schema.connections import After, Before, Connection, First, Last, or_none, page
from schema.documents import Info, reads
from schema.mutations import Answer, LazyProfile, Payload, ProfileMutationInput, as_it_is, mutation
from schema.nodes import Node, NodeDocument, public_id
from storage import tasks as stored
from storage.credentials import Scope
from storage.profiles import ProfileDoc
from storage.tasks import TaskMatch


def profile(root: strawberry.Parent[stored.TaskDoc], info: Info) -> Any:
    return resolve.profile_of(info.context, root)


@strawberry.type(description="Task about a profile; needs personal:read")
class Task(NodeDocument, Node):
    id: strawberry.ID = public_id(stored.NOUN.prefix)
    profile = strawberry.field(
        profile,
        graphql_type=LazyProfile | None,
        description="Profile that it is about",
        metadata=reads("profile"),
    )
    title: str = strawberry.field(description="Title")
    text: str = strawberry.field(description="Text")
    due_at: datetime | None = strawberry.field(description="Timestamp by which it should be done")
    assignee: str | None = strawberry.field(description="Who should do it")
    author: str = strawberry.field(description="Who wrote it")
    done: bool = strawberry.field(description="Indicates whether it is done")
    done_at: datetime | None = strawberry.field(description="Timestamp of when it was done")
    created_at: datetime = strawberry.field(description="Timestamp of its creation")
    updated_at: datetime = strawberry.field(description="Timestamp of its latest change")


@strawberry.input(description="Which tasks to list; all conditions that are given must hold")
class TaskFilter:
    assignee: str | None = strawberry.field(default=None, description="Who should do them")
    done: bool | None = strawberry.field(default=None, description="Whether they are done")
    due_from: datetime | None = strawberry.field(default=None, description="First timestamp at which they are due")
    due_to: datetime | None = strawberry.field(default=None, description="First timestamp at which they are not")

    def plain(self) -> TaskMatch:
        return TaskMatch(self.assignee, self.done, self.due_from, self.due_to)


TaskConnection = Connection[Task]
Filter = Annotated[TaskFilter | None, strawberry.argument(description="Which tasks to list; all without one")]
Done = Annotated[bool | None, strawberry.argument(description="Whether to list those that are done, or those not")]


def tasks_of(
    root: strawberry.Parent[ProfileDoc],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
    done: Done = UNSET,
) -> Any:
    return resolve.tasks_of(info.context, root, page(first, after, last, before), done=or_none(done))


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


@strawberry.input(description="Task to add")
class TaskAddInput(ProfileMutationInput):
    title: str = strawberry.field(description="Title")
    text: str = strawberry.field(default="", description="Text")
    due_at: datetime | None = strawberry.field(default=None, description="Timestamp by which it should be done")
    assignee: str | None = strawberry.field(default=None, description="Who should do it")

    def plan(self) -> Plan:
        return {"dueAt": self.due_at, "assignee": self.assignee}


@strawberry.input(description="Existing task")
class TaskInput(ProfileMutationInput):
    task_id: strawberry.ID = strawberry.field(description="Id of the task")


@strawberry.input(description="Task to change; what is not given stays")
class TaskUpdateInput(TaskInput):
    title: str | None = strawberry.field(default=None, description="New title")
    text: str | None = strawberry.field(default=None, description="New text")
    due_at: datetime | None = strawberry.field(default=UNSET, description="New due timestamp; null removes it")
    assignee: str | None = strawberry.field(default=UNSET, description="Who should do it now; null for nobody")

    def plan(self) -> Plan:
        plan: Plan = {"dueAt": self.due_at, "assignee": self.assignee}
        return {key: value for key, value in plan.items() if value is not UNSET}  # type: ignore[return-value]  # its keys


@strawberry.type(description="What came of adding or changing a task")
class TaskPayload(Payload):
    task: Task | None = strawberry.field(
        description="Task as it is now; null when refused, and changed without personal:read"
    )
    profile: LazyProfile | None = as_it_is("Profile")


@strawberry.type(description="What came of deleting a task")
class TaskDeletePayload(Payload):
    deleted_task_id: strawberry.ID | None = strawberry.field(description="Id that the task had; null when refused")
    profile: LazyProfile | None = as_it_is("Profile")


@mutation(TaskPayload, Scope.PROFILES_WRITE, "Add a task about a profile")
def task_add(context: Context, options: Options, input: TaskAddInput) -> Answer:
    return resolve.add_task(context, options, input.profile_id, title=input.title, text=input.text, plan=input.plan())


@mutation(TaskPayload, Scope.PROFILES_WRITE, "Change a task")
def task_update(context: Context, options: Options, input: TaskUpdateInput) -> Answer:
    return resolve.update_task(
        context, options, input.profile_id, task_id=input.task_id, title=input.title, text=input.text, plan=input.plan()
    )


@mutation(TaskPayload, Scope.PROFILES_WRITE, "Mark a task as done", argument="Task that is done")
def task_complete(context: Context, options: Options, input: TaskInput) -> Answer:
    return resolve.complete_task(context, options, input.profile_id, task_id=input.task_id)


@mutation(
    TaskPayload, Scope.PROFILES_WRITE, "Mark a task as not done after all", argument="Task that is not done after all"
)
def task_reopen(context: Context, options: Options, input: TaskInput) -> Answer:
    return resolve.reopen_task(context, options, input.profile_id, task_id=input.task_id)


@mutation(TaskDeletePayload, Scope.PROFILES_WRITE, "Delete a task", argument="Task to delete")
def task_delete(context: Context, options: Options, input: TaskInput) -> Answer:
    return resolve.delete_task(context, options, input.profile_id, task_id=input.task_id)
