"""What types of things beside profiles share: the profile that each is about, and what an entry tells of."""

from collections.abc import Sequence
from typing import Any

import strawberry

from resolvers import beside as resolve
from schema.documents import Info, batched, one
from schema.mutations import LazyProfile
from storage.declaration import Noun


def profiles_of(info: Info, documents: Sequence[Any]) -> Any:
    return resolve.profiles_of(info.context, documents)


def profile(root: strawberry.Parent[Any], info: Info) -> Any:
    return one(profiles_of(info, [root]))


def about() -> Any:
    """Return the field that leads to the profile."""
    return strawberry.field(
        profile,
        graphql_type=LazyProfile | None,
        description="Profile that it is about",
        metadata=batched(profiles_of, "profile"),
    )


def told_of(noun: Noun, type: Any, description: str) -> Any:
    """Return the field of a change that leads to the document beside the profile."""

    def documents_of(info: Info, entries: Sequence[Any]) -> Any:
        return resolve.documents_of(info.context, noun, entries)

    def document(root: strawberry.Parent[Any], info: Info) -> Any:
        return one(documents_of(info, [root]))

    return strawberry.field(
        document, graphql_type=type | None, description=description, metadata=batched(documents_of, "changes")
    )
