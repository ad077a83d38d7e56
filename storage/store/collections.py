"""How a collection is declared: its name, its indexes, what its documents must have, and what erasure does to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

# How an index of what hangs on profiles begins. Every query names the workspace as well, and one that the index has in
# full is a single range everywhere.
OF_PROFILE = (("profile", 1), ("workspace", 1))


class Erasure(StrEnum):
    """What the erasure of a person does to the documents of a collection (X6)."""

    DELETED = "DELETED"
    """Those of the profile are deleted with it."""
    ANONYMIZED = "ANONYMIZED"
    """Those of the profile are kept without anything that is about the person."""
    EXPIRES = "EXPIRES"
    """They may hold what was answered about the person, and MongoDB removes them when they expire."""
    OF_WORKSPACE = "OF_WORKSPACE"
    """They belong to the workspace and say nothing about a person."""


@dataclass(frozen=True, slots=True)
class Index:
    """One index: its keys in order, whether values repeat, and seconds after which documents go by themselves.

    With `where` it holds the documents that have this field, and serves queries that compare it.
    """

    keys: Sequence[tuple[str, int]]
    unique: bool = False
    expire_after: int | None = None
    where: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Collection:
    """A collection; `required` are the fields of its documents that must be there, with their BSON types."""

    name: str
    erasure: Erasure
    required: Mapping[str, str | Sequence[str]]
    indexes: Sequence[Index] = ()

    @property
    def validator(self) -> dict[str, Any]:
        properties = {
            key: {"bsonType": list(kind) if not isinstance(kind, str) else kind} for key, kind in self.required.items()
        }
        return {"$jsonSchema": {"bsonType": "object", "required": list(self.required), "properties": properties}}
