"""Keyset pages: cursors that stand for one key of one order, and pages that make up their list, whatever their size."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.sources import ChangeSource
from storage.store.errors import BadInputError
from storage.store.pages import (
    DEFAULT_SIZE,
    MAX_SIZE,
    Page,
    PageRequest,
    beyond,
    decode_cursor,
    encode_cursor,
    keyset,
    newest_of_each,
    to_page,
)
from storage.store.workspace import Workspace
from storage.tags import ensure_tag
from tests.support.factories import CREATED, a_profile, visits

NAMES = [f"tag {number:02}" for number in range(11)]
SIZES = [1, 2, 3, len(NAMES) - 1, len(NAMES), len(NAMES) + 1]
ORDERS = st.sampled_from(["_id", "name", "orderKeys.name"])
KEYS = st.binary(max_size=24) | st.text(st.characters(codec="utf-8"), max_size=12)


@given(order=ORDERS, key=KEYS)
@example(order="_id", key=b"a:b:c")
@example(order="name", key=":s:")
def test_a_cursor_stands_for_its_key(order: str, key: bytes | str) -> None:
    assert decode_cursor(order, encode_cursor(order, key), argument="after") == key


@given(orders=st.permutations(["_id", "name", "orderKeys.name"]), key=KEYS)
def test_a_cursor_belongs_to_its_order(orders: Sequence[str], key: bytes | str) -> None:
    with pytest.raises(BadInputError, match="another order"):
        decode_cursor(orders[0], encode_cursor(orders[1], key), argument="before")


@given(text=st.text(max_size=30))
def test_what_is_no_cursor_is_refused_by_the_argument_it_came_in(text: str) -> None:
    try:
        key: object = decode_cursor("name", text, argument="after")
    except BadInputError as error:
        key = error.extensions["argument"]
    assert key == "after" or text.rstrip("=") == encode_cursor("name", key)  # type: ignore[arg-type]  # a key, then


@given(
    first=st.none() | st.integers(-1, MAX_SIZE + 1),
    last=st.none() | st.integers(-1, MAX_SIZE + 1),
    after=st.none() | st.just("x"),
    before=st.none() | st.just("x"),
)
def test_a_request_has_one_direction_and_a_size_within_bounds(
    first: int | None, last: int | None, after: str | None, before: str | None
) -> None:
    one_direction = not (
        (first is not None and last is not None)
        or (last is not None and after is not None)
        or (last is None and before is not None)
    )
    within = all(size is None or 0 <= size <= MAX_SIZE for size in (first, last))
    try:
        page = PageRequest(first, after, last, before)
    except BadInputError:
        assert not (one_direction and within)
    else:
        assert one_direction
        assert within
        assert page.backwards == (last is not None)
        assert page.size == next((size for size in (first, last) if size is not None), DEFAULT_SIZE)


@given(number=st.integers(0, 5), size=st.integers(0, 5), begun=st.booleans(), backwards=st.booleans())
def test_a_page_tells_what_there_is_at_each_end(number: int, size: int, begun: bool, backwards: bool) -> None:
    read = list(range(min(number, size + 1)))
    cursor = "x" if begun else None
    request = PageRequest(last=size, before=cursor) if backwards else PageRequest(first=size, after=cursor)
    page = to_page(read, request, key="_id")
    assert list(page.items) == (read[:size][::-1] if backwards else read[:size])
    ends = (page.has_previous, page.has_next) if backwards else (page.has_next, page.has_previous)
    assert ends == (number > size, begun)


@given(
    ranged=st.dictionaries(st.sampled_from(["$lt", "$gt", "$gte", "$lte"]), st.binary(max_size=2)),
    bound=st.binary(max_size=2),
    down=st.booleans(),
    key=st.binary(max_size=2),
)
def test_a_range_is_cut_where_a_page_begins(ranged: dict[str, bytes], bound: bytes, down: bool, key: bytes) -> None:
    within = holds(ranged, key) and (key < bound if down else key > bound)
    assert holds(beyond(ranged, bound, down=down), key) == within


def holds(ranged: dict[str, Any], key: bytes) -> bool:
    """Return whether a key is in a range, as MongoDB would."""
    compare = {"$lt": bytes.__lt__, "$lte": bytes.__le__, "$gt": bytes.__gt__, "$gte": bytes.__ge__}
    return all(compare[operator](key, bound) for operator, bound in ranged.items())


@pytest.fixture
async def tagged(workspace: Workspace) -> Workspace:
    for name in NAMES:
        await ensure_tag(workspace, name, source=ChangeSource.API, now=CREATED)
    return workspace


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("condition", [{}, {"name": {"$gt": NAMES[1], "$lt": NAMES[-2]}}])
async def test_pages_make_up_their_list(
    tagged: Workspace,
    backwards: bool,
    descending: bool,
    condition: dict[str, Any],
) -> None:
    within = NAMES[2:-2] if condition else NAMES
    expected = within[::-1] if descending else within
    for size in SIZES:
        found: list[str] = []
        cursor: str | None = None
        while True:
            request = PageRequest(last=size, before=cursor) if backwards else PageRequest(first=size, after=cursor)
            page: Page[Any] = await keyset(
                tagged, "tags", condition, key="name", length=None, page=request, descending=descending
            )
            names = [item["name"] for item in page.items]
            found = [*names, *found] if backwards else [*found, *names]
            assert (page.has_next if backwards else page.has_previous) == (cursor is not None)
            if not (page.has_previous if backwards else page.has_next):
                break
            cursor = encode_cursor("name", names[0 if backwards else -1])
        assert found == expected, size


async def test_a_projected_page_has_the_key_it_stands_by(tagged: Workspace) -> None:
    page = await keyset(
        tagged, "tags", {}, key="name", length=None, page=PageRequest(first=1), projection={"source": 1}
    )
    assert [{"name", "source"} <= item.keys() for item in page.items] == [True]
    assert all("createdAt" not in item for item in page.items)


@pytest.mark.parametrize("looks_up", [True, False])
@pytest.mark.parametrize("page", [PageRequest(first=2), PageRequest(last=2), PageRequest(first=9)])
async def test_the_page_of_each_profile_is_as_if_it_were_alone(
    workspace: Workspace, page: PageRequest, looks_up: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace.database, "_looks_up_ranges", looks_up)
    ids = [(await a_profile(workspace, events=visits(number)))["_id"] for number in (0, 1, 2, 3)]
    condition = {"kind": "EVENT"}
    together = await newest_of_each(workspace, "journal", ids, condition, page=page)
    assert list(together) == ids
    for number, id in enumerate(ids):
        alone = await newest_of_each(workspace, "journal", [id], condition, page=page)
        assert alone == {id: together[id]}
        assert len(together[id].items) == min(number, page.size)


@pytest.mark.parametrize("value", [b"short", b"x" * 17, b"x" * 22, b"", "text", "x" * 16])
@pytest.mark.parametrize("ranged", [{}, {"_id": {"$gte": bytes(16), "$lt": b"\xff" * 16}}])
async def test_a_key_of_another_length_or_type_is_no_cursor(
    workspace: Workspace, value: bytes | str, ranged: dict[str, Any]
) -> None:
    cursor = encode_cursor("_id", value)
    for page in (PageRequest(first=1, after=cursor), PageRequest(last=1, before=cursor)):
        with pytest.raises(BadInputError, match="not a cursor of this list"):
            await keyset(workspace, "profiles", ranged, key="_id", page=page)
    with pytest.raises(BadInputError, match="not a cursor of this list"):
        await keyset(
            workspace, "tags", {}, key="name", length=None, page=PageRequest(after=encode_cursor("name", b"x" * 16))
        )
