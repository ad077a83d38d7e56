"""Tasks: what somebody should do about a profile, by when."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from storage.actors import ActorDoc
from storage.conditions import TimeRange
from storage.credentials import Scope
from storage.declaration import Noun
from storage.journal import EntryKind
from storage.profiles import ProfileDoc
from storage.store.collections import OF_PROFILE, Collection, Erasure, Index
from storage.store.ids import milliseconds, time_id
from storage.store.mongo import Document
from storage.store.pages import Page, PageRequest, keyset
from storage.store.workspace import Workspace

UNDATED = b"\xff" * 6
KEY_LENGTH = 22


class TaskDoc(TypedDict):
    """A task (R52). `dueKey` is unique and sorts by the due date, tasks without one last."""

    _id: bytes
    workspace: str
    profile: bytes
    title: str
    text: str
    dueAt: datetime | None
    dueKey: bytes
    assignee: str | None
    author: ActorDoc
    version: int
    done: bool
    doneAt: datetime | None
    createdAt: datetime
    updatedAt: datetime


NOUN = Noun(
    type="Task",
    prefix="tsk",
    scope=Scope.PERSONAL_READ,
    kind=EntryKind.TASK,
    collection=Collection(
        name="tasks",
        erasure=Erasure.DELETED,
        required={
            "_id": "binData",
            "workspace": "string",
            "profile": "binData",
            "title": "string",
            "text": "string",
            "dueAt": ["date", "null"],
            "dueKey": "binData",
            "assignee": ["string", "null"],
            "author": "object",
            "version": ["int", "long"],
            "done": "bool",
            "doneAt": ["date", "null"],
            "createdAt": "date",
            "updatedAt": "date",
        },
        indexes=(
            Index([*OF_PROFILE, ("_id", -1)]),
            Index([*OF_PROFILE, ("done", 1), ("_id", -1)]),
            Index([("workspace", 1), ("dueKey", 1)]),
            Index([("workspace", 1), ("done", 1), ("dueKey", 1)]),
            Index([("workspace", 1), ("assignee", 1), ("dueKey", 1)]),
            Index([("workspace", 1), ("assignee", 1), ("done", 1), ("dueKey", 1)]),
        ),
    ),
)


def due_key(due_at: datetime | None, id: bytes) -> bytes:
    """Return what a task is ordered by: when it is due, then its id."""
    return (UNDATED if due_at is None else milliseconds(due_at).to_bytes(6, "big")) + id


def new_task(
    profile: ProfileDoc,
    *,
    title: str,
    author: ActorDoc,
    at: datetime,
    text: str = "",
    due_at: datetime | None = None,
    assignee: str | None = None,
) -> TaskDoc:
    """Return a task about a profile that is not done yet."""
    id = time_id(at)
    return {
        "_id": id,
        "workspace": profile["workspace"],
        "profile": profile["_id"],
        "title": title,
        "text": text,
        "dueAt": due_at,
        "dueKey": due_key(due_at, id),
        "assignee": assignee,
        "author": author,
        "version": 1,
        "done": False,
        "doneAt": None,
        "createdAt": at,
        "updatedAt": at,
    }


@dataclass(frozen=True, slots=True)
class TaskMatch:
    """Which tasks to list: all conditions that are given must hold."""

    assignee: str | None = None
    done: bool | None = None
    due: TimeRange | None = None

    def condition(self) -> Document:
        """Return the filter of what matches; due dates are one range over `dueKey`, which has no tasks without one."""
        given: Document = {"assignee": self.assignee, "done": self.done}
        if self.due is not None:
            lower = {} if self.due.since is None else {"$gte": due_key(self.due.since, bytes(16))}
            given["dueKey"] = {**lower, "$lt": due_key(self.due.until, bytes(16))}
        return {key: value for key, value in given.items() if value is not None}


async def list_tasks(workspace: Workspace, match: TaskMatch, page: PageRequest) -> Page[TaskDoc]:
    """Return one page of the workspace's tasks, by due date; those without one come last."""
    return await keyset(workspace, "tasks", match.condition(), key="dueKey", length=KEY_LENGTH, page=page)
