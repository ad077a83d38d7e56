"""`Node`: everything with an id."""

from typing import Any

import strawberry

from schema.documents import computed
from storage.store.ids import to_public

TYPENAME = "__typename"


@strawberry.interface(description="Object with an id that `node` finds")
class Node:
    id: strawberry.ID = strawberry.field(description="Unique over all types; opaque")

    @classmethod
    def resolve_type(cls, document: Any, *_: Any) -> str:
        """Return the type that the finder marked the document with."""
        name: str = document[TYPENAME]
        return name


class NodeDocument:
    """Base of types that implement an interface and are documents: one without a mark is what its field says.

    The schema has all of them, since only an interface leads to some.
    """

    @classmethod
    def is_type_of(cls, document: Any, *_: Any) -> bool:
        definition = cls.__strawberry_definition__  # type: ignore[attr-defined]  # strawberry sets it
        return bool(document.get(TYPENAME, definition.name) == definition.name)


def public_id(prefix: str) -> Any:
    """Return the `id` field of a type whose ids begin with `prefix`."""
    start = to_public(prefix, b"")  # once: there are many ids in an answer

    def public(document: Any) -> str:
        id: bytes = document["_id"]
        return start + id.hex()

    return computed(public, strawberry.ID, "Unique over all types; opaque", "_id")
