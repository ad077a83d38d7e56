"""Tasks about profiles."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import tasks as resolve
from schema.connections import After, Before, Connection, First, Last, known, page
from schema.documents import Info, reads
from schema.nodes import Node, NodeDocument, public_id
from storage import tasks as stored
from storage.profiles import ProfileDoc
from storage.tasks import TaskMatch

if TYPE_CHECKING:
    from schema.profiles import Profile


def profile(root: strawberry.Parent[stored.TaskDoc], info: Info) -> Any:
    return resolve.profile_of(info.context, root)


@strawberry.type(description="Task about a profile; needs personal:read")
class Task(NodeDocument, Node):
    id: strawberry.ID = public_id(stored.NOUN.prefix)
    profile = strawberry.field(
        profile,
        graphql_type=Annotated["Profile", strawberry.lazy("schema.profiles")] | None,
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
    return resolve.tasks_of(info.context, root, page(first, after, last, before), done=known(done))


def tasks(
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
    filter: Filter = UNSET,
) -> Any:
    match = (known(filter) or TaskFilter()).plain()
    return resolve.list_tasks(info.context, match, page(first, after, last, before))
