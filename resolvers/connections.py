"""Relay connections as documents."""

from collections.abc import Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any, TypedDict

from storage.store.pages import Page, encode_cursor, value_at

# An item as it is shown, as it is stored, and the key that the list is in the order of. A page has many, and tuples
# take a fraction of the time of dicts.
EdgeDoc = tuple[Any, Any, str]


class ConnectionDoc(TypedDict):
    """A page of a list. `totalCount` is None where counting would not be cheap."""

    edges: list[EdgeDoc]
    hasNextPage: bool
    hasPreviousPage: bool
    totalCount: int | None


def connection(page: Page[Any], *, items: Sequence[Any] | None = None, total: int | None = None) -> ConnectionDoc:
    """Return a page as a connection; `items` are shown in place of the page's own, one for one."""
    shown = page.items if items is None else items
    return {
        "edges": list(zip(shown, page.items, repeat(page.key))),
        "hasNextPage": page.has_next,
        "hasPreviousPage": page.has_previous,
        "totalCount": total,
    }


node_of = itemgetter(0)


def start_cursor_of(page: ConnectionDoc) -> str | None:
    return cursor_of(page["edges"][0]) if page["edges"] else None


def end_cursor_of(page: ConnectionDoc) -> str | None:
    return cursor_of(page["edges"][-1]) if page["edges"] else None


def cursor_of(edge: EdgeDoc) -> str:
    """Return the place of an item in its list."""
    _, stored, order = edge
    return encode_cursor(order, value_at(stored, order))
