"""Mutations of tasks."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import tasks as resolve
from resolvers.tasks import Plan
from schema.documents import Info
from schema.mutations import Payload, ProfileMutationInput
from schema.profiles import Profile
from schema.tasks import Task


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
    profile: Profile | None = strawberry.field(description="Profile as it is now; null when refused")


@strawberry.type(description="What came of deleting a task")
class TaskDeletePayload(Payload):
    deleted_task_id: strawberry.ID | None = strawberry.field(description="Id that the task had; null when refused")
    profile: Profile | None = strawberry.field(description="Profile as it is now; null when refused")


AddInput = Annotated[TaskAddInput, strawberry.argument(description="Task to add")]
UpdateInput = Annotated[TaskUpdateInput, strawberry.argument(description="Task to change")]
CompleteInput = Annotated[TaskInput, strawberry.argument(description="Task that is done")]
ReopenInput = Annotated[TaskInput, strawberry.argument(description="Task that is not done after all")]
DeleteInput = Annotated[TaskInput, strawberry.argument(description="Task to delete")]


def task_add(info: Info, input: AddInput) -> Any:
    options = input.options("taskAdd")
    return resolve.add_task(
        info.context, input.profile_id, options, title=input.title, text=input.text, plan=input.plan()
    )


def task_update(info: Info, input: UpdateInput) -> Any:
    return resolve.update_task(
        info.context,
        input.profile_id,
        input.options("taskUpdate"),
        task_id=input.task_id,
        title=input.title,
        text=input.text,
        plan=input.plan(),
    )


def task_complete(info: Info, input: CompleteInput) -> Any:
    return resolve.complete_task(info.context, input.profile_id, input.options("taskComplete"), task_id=input.task_id)


def task_reopen(info: Info, input: ReopenInput) -> Any:
    return resolve.reopen_task(info.context, input.profile_id, input.options("taskReopen"), task_id=input.task_id)


def task_delete(info: Info, input: DeleteInput) -> Any:
    return resolve.delete_task(info.context, input.profile_id, input.options("taskDelete"), task_id=input.task_id)


@strawberry.type
class TaskMutations:
    task_add = strawberry.field(task_add, graphql_type=TaskPayload | None, description="Add a task about a profile")
    task_update = strawberry.field(task_update, graphql_type=TaskPayload | None, description="Change a task")
    task_complete = strawberry.field(task_complete, graphql_type=TaskPayload | None, description="Mark a task as done")
    task_reopen = strawberry.field(
        task_reopen, graphql_type=TaskPayload | None, description="Mark a task as not done after all"
    )
    task_delete = strawberry.field(task_delete, graphql_type=TaskDeletePayload | None, description="Delete a task")
