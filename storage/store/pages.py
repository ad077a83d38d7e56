"""Keyset pages: one range over one index, forwards and backwards, and the cursors that stand for its ends."""

import asyncio
import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from storage.store.errors import BadInputError
from storage.store.mongo import Document, Filter, Projection
from storage.store.workspace import Workspace

DocT = TypeVar("DocT")
DEFAULT_SIZE = 20
MAX_SIZE = 100
ID_LENGTH = 16
NO_CURSOR = "{argument} is not a cursor of this list; pass one that a page gave you."


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Relay's four arguments, checked: one direction, at most 100 items, 20 when nothing is said."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def __post_init__(self) -> None:
        if self.first is not None and self.last is not None:
            raise BadInputError("Give either first or last, not both.", argument="last")
        if self.last is not None and self.after is not None:
            raise BadInputError("last goes with before; after goes with first.", argument="after")
        if self.last is None and self.before is not None:
            raise BadInputError("before goes with last; after goes with first.", argument="before")
        for argument in ("first", "last"):
            size = getattr(self, argument)
            if size is not None and not 0 <= size <= MAX_SIZE:
                raise BadInputError(f"{argument} must be from 0 to {MAX_SIZE}, and is {size}.", argument=argument)

    @property
    def backwards(self) -> bool:
        return self.last is not None

    @property
    def size(self) -> int:
        if self.first is not None:
            return self.first
        return DEFAULT_SIZE if self.last is None else self.last

    def bound(self, order: str, *, length: int | None = ID_LENGTH) -> Any:
        """Return the key after (or before) which the page begins, or None at the start.

        It has as many bytes as the keys of the list, or is a text where `length` is None: what is shorter or of another
        type would sort before or after all of them.
        """
        argument, cursor = ("before", self.before) if self.backwards else ("after", self.after)
        if cursor is None:
            return None
        key = decode_cursor(order, cursor, argument=argument)
        if isinstance(key, str) != (length is None) or (length is not None and len(key) != length):
            raise BadInputError(NO_CURSOR.format(argument=argument), argument=argument)
        return key


@dataclass(slots=True)
class Page(Generic[DocT]):
    """Documents in the list's order, whether there are more at each end, and the name of the key they stand by."""

    items: Sequence[DocT]
    has_next: bool
    has_previous: bool
    key: str


def encode_cursor(order: str, key: bytes | str) -> str:
    """Return an opaque cursor. It names its order, so that it can't be used with another."""
    kind, raw = ("b", key) if isinstance(key, bytes) else ("s", key.encode())
    return base64.urlsafe_b64encode(f"{order}:{kind}:".encode() + raw).decode().rstrip("=")


def decode_cursor(order: str, cursor: str, *, argument: str) -> bytes | str:
    """Return the key a cursor stands for; `BadInputError` when it is none of this list's."""
    try:
        text = base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        named, kind, raw = text.split(b":", 2)
        if named.decode() != order:
            raise BadInputError(
                f"This cursor belongs to a list in another order ({argument}); begin again without it.",
                argument=argument,
            )
        return raw if kind == b"b" else raw.decode()
    except (binascii.Error, ValueError) as error:
        raise BadInputError(NO_CURSOR.format(argument=argument), argument=argument) from error


def value_at(document: Any, key: str) -> Any:
    """Return the value under a dotted key."""
    for part in key.split("."):
        document = document[part]
    return document


def beyond(ranged: Filter, bound: bytes | str, *, down: bool) -> Document:
    """Return a range of the key that a list is ordered by, cut where a page begins."""
    operator, tighter = ("$lt", min) if down else ("$gt", max)
    return {**ranged, operator: tighter([bound, *([ranged[operator]] if operator in ranged else [])])}


def newest_first(page: PageRequest, ranged: Filter | None = None) -> Document:
    """Return the filter of a page of documents by `_id`, the newest first, within a range of `_id`."""
    bound = page.bound("_id")
    cut = (ranged or {}) if bound is None else beyond(ranged or {}, bound, down=not page.backwards)
    return {"_id": cut} if cut else {}


async def keyset(
    workspace: Workspace,
    collection: str,
    condition: Filter,
    *,
    key: str,
    page: PageRequest,
    length: int | None = ID_LENGTH,
    descending: bool = False,
    projection: Projection | None = None,
    naive: bool = False,
) -> Page[Any]:
    """Return one page of a collection in the order of `key`, which is unique, with one query over one range.

    `condition` may have a range of the key already. `length` is that of the key in bytes, None where it is a text.
    For `naive` see `Database.find`.
    """
    bound = page.bound(key, length=length)
    down = descending != page.backwards
    ranged = condition if bound is None else {**condition, key: beyond(condition.get(key, {}), bound, down=down)}
    found = await workspace.find(
        collection,
        ranged,
        projection=None if projection is None else {**projection, key: 1},
        sort=[(key, -1 if down else 1)],
        limit=page.size + 1,
        naive=naive,
    )
    return to_page(found, page, key=key)


async def newest_of_each(
    workspace: Workspace,
    collection: str,
    profiles: Sequence[bytes],
    condition: Filter,
    *,
    page: PageRequest,
    projection: Projection | None = None,
) -> dict[bytes, Page[Any]]:
    """Return the same page of each profile's documents, newest first, with one command.

    `condition` has the range of `_id` already. The server looks up the range of each profile by itself, so that none
    is read further than its page. A single profile's page is plainly found, and so is each one on a stand-in that would
    look up by reading the whole collection.
    """
    direction = 1 if page.backwards else -1
    sort, limit = [("_id", direction)], page.size + 1

    async def page_of(profile: bytes) -> Page[Any]:
        own = {"profile": profile, **condition}
        return to_page(
            await workspace.find(collection, own, projection=projection, sort=sort, limit=limit), page, key="_id"
        )

    if len(profiles) == 1 or not await workspace.database.looks_up_ranges():
        return dict(zip(profiles, await asyncio.gather(*map(page_of, profiles)), strict=True))
    stages: list[Document] = [
        {"$match": workspace.own(condition)},
        {"$sort": dict(sort)},
        {"$limit": limit},
    ]
    if projection is not None:
        stages.append({"$project": dict(projection)})
    lookup = {
        "from": collection,
        "localField": "_id",
        "foreignField": "profile",
        "pipeline": stages,
        "as": "found",
    }
    found = await workspace.aggregate(
        "profiles", {"_id": {"$in": list(profiles)}}, [{"$project": {"_id": 1}}, {"$lookup": lookup}]
    )
    pages = {row["_id"]: to_page(row["found"], page, key="_id") for row in found}
    return {profile: pages.get(profile) or to_page([], page, key="_id") for profile in profiles}


def to_page(found: list[Any], page: PageRequest, *, key: str) -> Page[Any]:
    """Turn up to `size + 1` documents, in the direction they were read, into a page."""
    more, items = len(found) > page.size, found[: page.size]
    beyond = (page.before if page.backwards else page.after) is not None
    if page.backwards:
        return Page(items[::-1], has_next=beyond, has_previous=more, key=key)
    return Page(items, has_next=more, has_previous=beyond, key=key)
