"""Relay connections as documents."""

from collections.abc import Awaitable, Callable, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any, TypedDict

from storage.store.pages import Page, encode_cursor, value_at

# An item as it is shown, as it is stored, and the key that the list is in the order of. A page has many, and tuples
# take a fraction of the time of dicts.
EdgeDoc = tuple[Any, Any, str]


# Counts a list when it is asked to, no further than it is told.
Count = Callable[[int], Awaitable[int]]
MOST_COUNTED = 10_000


class ConnectionDoc(TypedDict):
    """A page of a list. `totalCount` is None where the number is not at hand, and `count` where it is not cheap."""

    edges: list[EdgeDoc]
    hasNextPage: bool
    hasPreviousPage: bool
    totalCount: int | None
    count: Count | None


def connection(
    page: Page[Any], *, items: Sequence[Any] | None = None, total: int | None = None, count: Count | None = None
) -> ConnectionDoc:
    """Return a page as a connection; `items` are shown in place of the page's own, one for one."""
    shown = page.items if items is None else items
    return {
        "edges": list(zip(shown, page.items, repeat(page.key))),
        "hasNextPage": page.has_next,
        "hasPreviousPage": page.has_previous,
        "totalCount": total,
        "count": count,
    }


node_of = itemgetter(0)


def start_cursor_of(page: ConnectionDoc) -> str | None:
    return cursor_of(page["edges"][0]) if page["edges"] else None


def end_cursor_of(page: ConnectionDoc) -> str | None:
    return cursor_of(page["edges"][-1]) if page["edges"] else None


async def counted(page: ConnectionDoc) -> int | None:
    """Return how many items the list has, all pages together; None where they are too many to be counted each time."""
    found = await page["count"](MOST_COUNTED + 1) if page["count"] else None
    return None if found is None or found > MOST_COUNTED else found


def cursor_of(edge: EdgeDoc) -> str:
    """Return the place of an item in its list."""
    _, stored, order = edge
    return encode_cursor(order, value_at(stored, order))
