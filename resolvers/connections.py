"""Relay connections as documents."""

from collections.abc import Sequence
from typing import Any, TypedDict

from storage.pages import Page, encode_cursor, value_at


class EdgeDoc(TypedDict):
    """An item; its cursor is made from `order` and `key` only when somebody asks."""

    node: Any
    order: str
    key: bytes | str


class PageInfoDoc(TypedDict):
    """Relay's PageInfo."""

    hasNextPage: bool
    hasPreviousPage: bool
    startCursor: str | None
    endCursor: str | None


class ConnectionDoc(TypedDict):
    """A page of a list. `totalCount` is None where counting would not be cheap."""

    edges: list[EdgeDoc]
    pageInfo: PageInfoDoc
    totalCount: int | None


def connection(page: Page[Any], *, items: Sequence[Any] | None = None, total: int | None = None) -> ConnectionDoc:
    """Return a page as a connection; `items` are shown in place of the page's own, one for one."""
    shown = page.items if items is None else items
    edges: list[EdgeDoc] = [
        {"node": item, "order": page.key, "key": value_at(stored, page.key)}
        for item, stored in zip(shown, page.items, strict=True)
    ]
    return {
        "edges": edges,
        "pageInfo": {
            "hasNextPage": page.has_next,
            "hasPreviousPage": page.has_previous,
            "startCursor": cursor_of(edges[0]) if edges else None,
            "endCursor": cursor_of(edges[-1]) if edges else None,
        },
        "totalCount": total,
    }


def cursor_of(edge: EdgeDoc) -> str:
    return encode_cursor(edge["order"], edge["key"])
