"""Relay connections: plain generic types over the documents that resolvers return, and their four arguments."""

from typing import Annotated, Any, Generic, TypeVar

import strawberry
from strawberry import UNSET

from resolvers.connections import PageInfoDoc, cursor_of, end_cursor_of, start_cursor_of
from schema.documents import computed
from storage.pages import PageRequest

NodeT = TypeVar("NodeT")
GivenT = TypeVar("GivenT")

First = Annotated[int | None, strawberry.argument(description="Number of items from the start: 0 to 100, default 20")]
After = Annotated[str | None, strawberry.argument(description="Cursor that the page begins after")]
Last = Annotated[int | None, strawberry.argument(description="Number of items from the end: 0 to 100")]
Before = Annotated[str | None, strawberry.argument(description="Cursor that the page ends before")]


def start_cursor(root: strawberry.Parent[PageInfoDoc]) -> str | None:
    return start_cursor_of(root)


def end_cursor(root: strawberry.Parent[PageInfoDoc]) -> str | None:
    return end_cursor_of(root)


@strawberry.type(description="Where a page stands in its list")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Indicates whether there are more items after the page")
    has_previous_page: bool = strawberry.field(description="Indicates whether there are items before the page")
    start_cursor = strawberry.field(
        start_cursor, graphql_type=str | None, description="Cursor of the first item", metadata=computed("edges")
    )
    end_cursor = strawberry.field(
        end_cursor, graphql_type=str | None, description="Cursor of the last item", metadata=computed("edges")
    )


def cursor(root: strawberry.Parent[Any]) -> str:
    return cursor_of(root)


@strawberry.type(description="Item of a list and its place in it")
class Edge(Generic[NodeT]):
    cursor = strawberry.field(
        cursor, graphql_type=str, description="Place in the list, to page from", metadata=computed("order", "key")
    )
    node: NodeT = strawberry.field(description="Item itself")


@strawberry.type(description="Page of a list")
class Connection(Generic[NodeT]):
    edges: list[Edge[NodeT]] = strawberry.field(description="Items with their cursors")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list")


def page(first: int | None, after: str | None, last: int | None, before: str | None) -> PageRequest:
    """Return the page that four arguments ask for; one that was not given is as good as null."""
    return PageRequest(known(first), known(after), known(last), known(before))


def known(value: GivenT | None) -> GivenT | None:
    """Return an argument's value, and None for one that was not given."""
    return None if value is UNSET else value
