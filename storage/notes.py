"""Notes: what people wrote down about a profile."""

from datetime import datetime
from typing import TypedDict

from storage.actors import ActorDoc
from storage.credentials import Scope
from storage.declaration import Noun
from storage.journal import EntryKind
from storage.profiles import ProfileDoc
from storage.store.collections import OF_PROFILE, Collection, Erasure, Index
from storage.store.ids import time_id


class NoteDoc(TypedDict):
    """A note (R51)."""

    _id: bytes
    workspace: str
    profile: bytes
    title: str
    text: str
    author: ActorDoc
    version: int
    createdAt: datetime
    updatedAt: datetime


NOUN = Noun(
    type="Note",
    prefix="nte",
    scope=Scope.PERSONAL_READ,
    kind=EntryKind.NOTE,
    collection=Collection(
        name="notes",
        erasure=Erasure.DELETED,
        required={
            "_id": "binData",
            "workspace": "string",
            "profile": "binData",
            "title": "string",
            "text": "string",
            "author": "object",
            "version": ["int", "long"],
            "createdAt": "date",
            "updatedAt": "date",
        },
        indexes=(Index([*OF_PROFILE, ("_id", -1)]),),
    ),
)


def new_note(profile: ProfileDoc, *, title: str, author: ActorDoc, at: datetime, text: str = "") -> NoteDoc:
    """Return a note about a profile that was written at `at`."""
    return {
        "_id": time_id(at),
        "workspace": profile["workspace"],
        "profile": profile["_id"],
        "title": title,
        "text": text,
        "author": author,
        "version": 1,
        "createdAt": at,
        "updatedAt": at,
    }
