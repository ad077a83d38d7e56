"""What stands beside profiles, such as notes: whom it is about, and how entries lead to it."""

from collections.abc import Callable, Sequence
from typing import Any

from resolvers.context import Context
from resolvers.entries import EntryDoc, only_change
from resolvers.privacy import shown
from storage.credentials import Scope
from storage.declaration import Noun
from storage.profiles import ProfileDoc
from storage.store.ids import to_public


async def profiles_of(context: Context, documents: Sequence[Any]) -> list[ProfileDoc | None]:
    """Return whom each document is about, as the credential may see them."""
    context.credential.require(Scope.PROFILES_READ)
    found = await context.loaders.profiles.load_many([document["profile"] for document in documents])
    seen = iter(await shown(context, [profile for profile in found if profile]))
    return [next(seen) if profile else None for profile in found]


async def documents_of(context: Context, entries: Sequence[EntryDoc], *, noun: Noun) -> list[Any | None]:
    """Return what each entry tells of, as it is now; None for what has been deleted since, or may not be read."""
    if noun.scope not in context.credential.scopes:
        return [None] * len(entries)
    return await context.loaders.documents.load_many([(noun, key_in(entry)) for entry in entries])


def key_in(entry: EntryDoc) -> bytes:
    """Return the id of the document that an entry tells of."""
    return bytes.fromhex(only_change(entry)["field"].partition(".")[2])


def id_in(noun: Noun) -> Callable[[EntryDoc], str]:
    """Return the function that gives the public id of the document that an entry tells of."""
    return lambda entry: to_public(noun.prefix, key_in(entry))
