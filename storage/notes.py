"""Notes: what people wrote down about a profile."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from storage.store.collections import Collection, Index
from storage.store.pages import Page, PageRequest, newest_of_each
from storage.store.workspace import Workspace

PREFIX = "nte"


class NoteDoc(TypedDict):
    """A note (R51). `author` is the name of the person or credential that wrote it."""

    _id: bytes
    workspace: str
    profile: bytes
    title: str
    text: str
    author: str
    createdAt: datetime
    updatedAt: datetime


COLLECTION = Collection(
    "notes",
    required={
        "_id": "binData",
        "workspace": "string",
        "profile": "binData",
        "title": "string",
        "text": "string",
        "author": "string",
        "createdAt": "date",
        "updatedAt": "date",
    },
    indexes=(Index([("profile", 1), ("workspace", 1), ("_id", -1)]),),
)


async def notes_by_id(workspace: Workspace, ids: Sequence[bytes]) -> list[NoteDoc]:
    """Return those of the notes that exist, in no order."""
    return await workspace.by_id("notes", ids)


async def list_notes(workspace: Workspace, profiles: Sequence[bytes], page: PageRequest) -> dict[bytes, Page[NoteDoc]]:
    """Return the same page of the notes of each profile, newest first, with one command."""
    bound = page.bound("_id")
    condition = {} if bound is None else {"_id": {"$gt" if page.backwards else "$lt": bound}}
    return await newest_of_each(workspace, "notes", profiles, condition, page=page)
