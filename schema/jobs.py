"""Jobs: slow work that goes on after the answer, and that can be looked at, followed and listed."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from resolvers import jobs as resolve
from schema.connections import After, Before, Connection, First, Last, page
from schema.documents import Info
from schema.entries import Actor
from schema.enums import described
from schema.nodes import Node, public_id
from storage import jobs as stored

described(
    stored.JobStatus,
    "Where a job stands",
    QUEUED="Waits for a process that has time, the first or the next",
    RUNNING="Some process works on it",
    SUCCEEDED="Every step is done",
    FAILED="It broke off, and its error says why; what was done stays done",
    CANCELLED="Somebody ended it; what was done stays done",
)

JobId = Annotated[strawberry.ID, strawberry.argument(description="Id of the job")]


@strawberry.interface(description="Slow work that somebody asked for")
class Job(Node):
    id: strawberry.ID = public_id(stored.NOUN.prefix)
    status: stored.JobStatus = strawberry.field(description="Where it stands")
    done: int = strawberry.field(description="Number of steps that are done")
    total: int = strawberry.field(description="Number of steps that there are")
    actor: Actor = strawberry.field(description="Who asked for it")
    version: int = strawberry.field(description="Number of its versions so far, for expectedVersion; each step is one")
    created_at: datetime = strawberry.field(description="Timestamp of when it was asked for")
    started_at: datetime | None = strawberry.field(description="Timestamp of when work on it began")
    finished_at: datetime | None = strawberry.field(description="Timestamp of when it ended, however it did")
    error: str | None = strawberry.field(description="Why it failed, for people")


def job(info: Info, id: JobId) -> Any:
    return resolve.find_job(info.context, id)


def jobs(
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Any:
    return resolve.list_jobs(info.context, page(first, after, last, before))


JobConnection = Connection[Job]
