"""Notes: what people wrote down about a profile."""

from datetime import datetime
from typing import TypedDict

from storage.credentials import Scope
from storage.declaration import Noun
from storage.journal import EntryKind
from storage.profiles import ProfileDoc
from storage.store.collections import OF_PROFILE, Collection, Erasure, Index
from storage.store.ids import time_id


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
            "author": "string",
            "createdAt": "date",
            "updatedAt": "date",
        },
        indexes=(Index([*OF_PROFILE, ("_id", -1)]),),
    ),
)


def new_note(profile: ProfileDoc, *, title: str, author: str, at: datetime, text: str = "") -> NoteDoc:
    """Return a note about a profile that was written at `at`."""
    return {
        "_id": time_id(at),
        "workspace": profile["workspace"],
        "profile": profile["_id"],
        "title": title,
        "text": text,
        "author": author,
        "createdAt": at,
        "updatedAt": at,
    }
