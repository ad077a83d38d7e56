"""How a body is cut into events: as ijson and the standard library read it, wherever its pieces happen to end."""

import io
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import ijson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.endpoints.splitters import Elements, Lines, Splitter
from storage.store.errors import GatewayError
from tests.support.ingesting import lines

LONGEST = 60  # bytes of an event
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
) | st.text(st.sampled_from('ab"\\[]{},: \u00e9\u2028\U0001f600\n'), max_size=8)
KEYS = st.text(st.sampled_from('a"\\,]}'), max_size=3)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
SPACES = st.text(st.sampled_from(" \t\r\n"), max_size=3)
SIZES = st.lists(st.integers(1, 12), min_size=1, max_size=5)
TEXTS = st.binary(max_size=LONGEST + 20).map(lambda text: text.replace(b"\n", b""))
JSON_LIKE = st.text(st.sampled_from('[]{},:"\\a1 \n'), max_size=16)


def split(splitter: Splitter, body: bytes, sizes: Sequence[int]) -> list[tuple[int, bytes | None]]:
    """Return what a splitter makes of a body that comes in pieces of these sizes, over and over again."""
    texts = []
    position = number = 0
    while position < len(body):
        size = sizes[number % len(sizes)]
        texts += splitter.feed(body[position : position + size])
        position, number = position + size, number + 1
    return [*texts, *splitter.close()]


@st.composite
def arrays(draw: st.DrawFn) -> bytes:
    """Return the text of an array, with spaces wherever there may be some, and with escapes or without."""
    ascii = draw(st.booleans())
    indent = draw(st.none() | st.integers(0, 2))
    texts = [json.dumps(value, ensure_ascii=ascii, indent=indent) for value in draw(st.lists(VALUES, max_size=6))]
    inner = ",".join(f"{draw(SPACES)}{text}{draw(SPACES)}" for text in texts) or draw(SPACES)
    return f"{draw(SPACES)}[{inner}]{draw(SPACES)}".encode()


def loads(text: bytes | None) -> Any:
    """Return what the standard library reads, with numbers as ijson has them."""
    return json.loads(text or b"", parse_float=Decimal)


def by_ijson(body: bytes) -> list[Any]:
    return list(ijson.items(io.BytesIO(body), "item"))


@given(body=arrays(), sizes=SIZES)
@example(body=b'["\\\\","\\"]",[[]],{"]":"["}]', sizes=[1])
@example(body=b"[ ]", sizes=[2])
def test_elements_are_those_of_ijson(body: bytes, sizes: list[int]) -> None:
    expected = by_ijson(body)
    texts = split(Elements(len(body)), body, sizes)
    assert [number for number, _ in texts] == [*range(1, len(expected) + 1)]
    assert [loads(text) for _, text in texts] == expected


@given(body=arrays(), sizes=SIZES)
def test_an_element_over_the_limit_is_left_out_alone(body: bytes, sizes: list[int]) -> None:
    whole = split(Elements(len(body)), body, [len(body)])
    expected = [(number, text if text is not None and len(text) <= LONGEST else None) for number, text in whole]
    assert split(Elements(LONGEST), body, sizes) == expected


@given(text=JSON_LIKE, sizes=SIZES)
@example(text="[1}", sizes=[1])
@example(text="[] []", sizes=[1])
@example(text='[]"', sizes=[1])
@example(text='["\\', sizes=[1])
def test_an_array_is_read_and_nothing_else_is(text: str, sizes: list[int]) -> None:
    """The splitter looks only at the array: what is wrong in an element is refused by who reads it."""
    body = text.encode()
    try:
        value = loads(body)
    except ValueError:
        value = None
    try:
        elements = [loads(element) for _, element in split(Elements(len(body)), body, sizes)]
    except (GatewayError, ValueError):
        assert not isinstance(value, list)
    else:
        assert elements == value


@given(
    texts=st.lists(st.binary(max_size=LONGEST + 20).map(lambda text: text.replace(b"\n", b"")), max_size=6), sizes=SIZES
)
def test_lines_are_those_between_line_feeds(texts: list[bytes], sizes: list[int]) -> None:
    expected = [
        (number, text if len(text) <= LONGEST else None)
        for number, text in enumerate(texts, 1)
        if text.strip(b" \t\r") or len(text) > LONGEST
    ]
    assert split(Lines(LONGEST), b"\n".join(texts), sizes) == expected


@pytest.mark.parametrize("body", [b"", b" ", b"[", b"[1,", b"{}", b"1", b"[]]", b"[]1", b"[1] ,", b"[1}"])
def test_a_body_that_is_no_array_is_refused(body: bytes) -> None:
    with pytest.raises(GatewayError):
        split(Elements(100), body, [1])


@pytest.mark.parametrize(("splitter", "text"), [(Lines, lines(*range(9))), (Elements, b'[ "a,]\\"" ,{"b":[1,2]}, 3]')])
def test_where_the_body_is_cut_does_not_matter(splitter: type[Lines] | type[Elements], text: bytes) -> None:
    whole = split(splitter(100), text, [len(text)])
    assert [json.loads(event or b"") for _, event in whole] in (list(range(9)), ['a,]"', {"b": [1, 2]}, 3])
    assert all(split(splitter(100), text, [size]) == whole for size in range(1, len(text)))
