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
    """Relay's PageInfo; its cursors are those of its edges."""

    hasNextPage: bool
    hasPreviousPage: bool
    edges: list[EdgeDoc]


class ConnectionDoc(TypedDict):
    """A page of a list. `totalCount` is None where counting would not be cheap."""

    edges: list[EdgeDoc]
    pageInfo: PageInfoDoc
    totalCount: int | None


def connection(page: Page[Any], *, items: Sequence[Any] | None = None, total: int | None = None) -> ConnectionDoc:
    """Return a page as a connection; `items` are shown in place of the page's own, one for one."""
    order = page.key
    shown = page.items if items is None else items
    edges: list[EdgeDoc] = [
        {"node": item, "order": order, "key": key} for item, key in zip(shown, keys_of(page), strict=True)
    ]
    return {
        "edges": edges,
        "pageInfo": {
            "hasNextPage": page.has_next,
            "hasPreviousPage": page.has_previous,
            "edges": edges,
        },
        "totalCount": total,
    }


def keys_of(page: Page[Any]) -> list[Any]:
    """Return what each item of a page stands by."""
    key = page.key
    return [value_at(item, key) for item in page.items] if "." in key else [item[key] for item in page.items]


def start_cursor_of(page: PageInfoDoc) -> str | None:
    return cursor_of(page["edges"][0]) if page["edges"] else None


def end_cursor_of(page: PageInfoDoc) -> str | None:
    return cursor_of(page["edges"][-1]) if page["edges"] else None


def cursor_of(edge: EdgeDoc) -> str:
    return encode_cursor(edge["order"], edge["key"])
