"""How a noun declares its collection: a name, the indexes, and what its documents must have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# How an index of what hangs on profiles begins. Every query names the workspace as well, and one that the index has in
# full is a single range everywhere.
OF_PROFILE = (("profile", 1), ("workspace", 1))


@dataclass(frozen=True, slots=True)
class Index:
    """One index: its keys in order, whether values repeat, and seconds after which documents go by themselves.

    With `where` it holds the documents that have this field, and serves queries that compare it.
    """

    keys: Sequence[tuple[str, int]]
    unique: bool = False
    expire_after: int | None = None
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection as its noun declares it: name, indexes, and the JSON schema that guards its documents."""

    name: str
    required: Mapping[str, str | Sequence[str]]
    indexes: Sequence[Index] = ()

    @property
    def validator(self) -> dict[str, Any]:
        properties = {
            key: {"bsonType": list(kind) if not isinstance(kind, str) else kind} for key, kind in self.required.items()
        }
        return {"$jsonSchema": {"bsonType": "object", "required": list(self.required), "properties": properties}}
