"""Relay connections: plain generic types over the documents that resolvers return, and their four arguments."""

from collections.abc import Mapping
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from strawberry import UNSET

from resolvers.connections import ConnectionDoc, counted, cursor_of, end_cursor_of, node_of, start_cursor_of
from schema.documents import computed, reads, through
from storage.store.pages import PageRequest

NodeT = TypeVar("NodeT")
GivenT = TypeVar("GivenT")

First = Annotated[int | None, strawberry.argument(description="Number of items from the start: 0 to 100, default 20")]
After = Annotated[str | None, strawberry.argument(description="Cursor that the page begins after")]
Last = Annotated[int | None, strawberry.argument(description="Number of items from the end: 0 to 100")]
Before = Annotated[str | None, strawberry.argument(description="Cursor that the page ends before")]


@strawberry.type(description="Where a page stands in its list")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Indicates whether there are more items after the page")
    has_previous_page: bool = strawberry.field(description="Indicates whether there are items before the page")
    start_cursor = computed(start_cursor_of, str | None, "Cursor of the first item", "edges")
    end_cursor = computed(end_cursor_of, str | None, "Cursor of the last item", "edges")


@strawberry.type(description="Item of a list and its place in it")
class Edge(Generic[NodeT]):
    cursor = computed(cursor_of, str, "Place in the list, to page from")
    node: NodeT = computed(node_of, None, "Item itself")


@strawberry.type(description="Page of a list")
class Connection(Generic[NodeT]):
    edges: list[Edge[NodeT]] = strawberry.field(description="Items with their cursors")
    page_info = through(PageInfo, "Where the page stands in the list")


def total(description: str) -> Any:
    """Return the field that counts the whole list: by a command of its own, when it is selected."""

    def total_count(root: strawberry.Parent[ConnectionDoc]) -> Any:
        return counted(root)

    return strawberry.field(total_count, graphql_type=int | None, description=description, metadata=reads())


def page(first: int | None, after: str | None, last: int | None, before: str | None) -> PageRequest:
    """Return the page that four arguments ask for; one that was not given is as good as null."""
    return PageRequest(or_none(first), or_none(after), or_none(last), or_none(before))


def only_given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of an input's fields that were given, null or not."""
    return {name: value for name, value in fields.items() if value is not UNSET}


def or_none(value: GivenT | None) -> GivenT | None:
    """Return an argument's value, and None for one that was not given."""
    return None if value is UNSET else value
