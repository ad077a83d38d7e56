"""The loader that all relations use: aiodataloader, safe against waiters that are cancelled."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from aiodataloader import DataLoader

from storage.store.pages import Page

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")
QueryT = TypeVar("QueryT", bound=Hashable)
ItemT = TypeVar("ItemT")


class Loader(Generic[KeyT, ValueT]):
    """Loads each key once an operation, many keys at a time; `missing` stands for keys that have nothing."""

    def __init__(self, fetch: Callable[[Sequence[KeyT]], Awaitable[Mapping[KeyT, ValueT]]], missing: ValueT) -> None:
        async def batch(keys: list[KeyT]) -> list[ValueT]:
            found = await fetch(keys)
            return [found.get(key, missing) for key in keys]

        self._loader: DataLoader[KeyT, ValueT] = DataLoader(batch)

    def prime(self, key: KeyT, value: ValueT) -> None:
        """Give the value of a key that need not be loaded."""
        self._loader.prime(key, value)

    async def load(self, key: KeyT) -> ValueT:
        # One waiter that is cancelled must not cancel the future that the others share.
        return await asyncio.shield(self._loader.load(key))

    async def load_many(self, keys: Iterable[KeyT]) -> list[ValueT]:
        """Load keys for one waiter, in their order."""
        return list(await asyncio.shield(asyncio.gather(*(self._loader.load(key) for key in keys))))


def paged(
    fetch: Callable[[Sequence[bytes], QueryT], Awaitable[Mapping[bytes, Page[ItemT]]]],
) -> Loader[tuple[bytes, QueryT], Page[ItemT]]:
    """Return the loader of a relation of profiles; `fetch` reads the same page of many profiles with one command."""
    nothing: Page[ItemT] = Page([], has_next=False, has_previous=False, key="_id")
    return Loader(lambda keys: grouped(keys, fetch), nothing)


async def grouped(
    keys: Sequence[tuple[bytes, QueryT]],
    fetch: Callable[[Sequence[bytes], QueryT], Awaitable[Mapping[bytes, ValueT]]],
) -> dict[tuple[bytes, QueryT], ValueT]:
    """Fetch keys of (profile, query) with one call for each distinct query."""
    profiles: defaultdict[QueryT, list[bytes]] = defaultdict(list)
    for profile, query in keys:
        profiles[query].append(profile)
    pages = await asyncio.gather(*(fetch(ids, query) for query, ids in profiles.items()))
    return {
        (profile, query): page
        for query, page_of in zip(profiles, pages, strict=True)
        for profile, page in page_of.items()
    }
