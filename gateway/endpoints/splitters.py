"""Splitters cut a body into the texts of its events while it arrives, without keeping the body."""

import re
from collections.abc import Iterator
from typing import Protocol

from gateway.asgi.bodies import bad_request

STRUCTURE = re.compile(rb'["{}\[\],]')
IN_STRING = re.compile(rb'["\\]')
SPACE = b" \t\r\n"
Text = tuple[int, bytes | None]  # the number of an event, from 1, and its text: None for one over the limit


class Splitter(Protocol):
    """Cuts a body into the texts of its events."""

    def feed(self, piece: bytes) -> Iterator[Text]: ...

    def close(self) -> Iterator[Text]: ...


class Lines:
    """NDJSON: one event a line; blank lines are counted and skipped."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._text = bytearray()
        self._is_too_long = False
        self._number = 0

    def feed(self, piece: bytes) -> Iterator[Text]:
        *ended, rest = piece.split(b"\n")
        for text in ended:
            self._add(text)
            yield from self._take()
        self._add(rest)

    def close(self) -> Iterator[Text]:
        return self._take()

    def _add(self, text: bytes) -> None:
        self._is_too_long = self._is_too_long or len(self._text) + len(text) > self._longest
        if self._is_too_long:
            self._text.clear()
        else:
            self._text += text

    def _take(self) -> Iterator[Text]:
        self._number += 1
        if self._is_too_long or self._text.strip(SPACE):
            yield self._number, None if self._is_too_long else bytes(self._text)
        self._text.clear()
        self._is_too_long = False


class Elements:
    """A JSON array: one event an element. Only where elements begin and end matters here; they are parsed later."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._text = bytearray()
        self._is_too_long = False
        self._depth = 0
        self._in_string = False
        self._is_escaped = False
        self._is_complete = False
        self._number = 0

    def feed(self, piece: bytes) -> Iterator[Text]:
        position = 0
        while position < len(piece):
            if self._is_escaped:
                self._is_escaped = False
                self._add(piece[position : position + 1])
                position += 1
                continue
            found = (IN_STRING if self._in_string else STRUCTURE).search(piece, position)
            end = found.start() if found else len(piece)
            self._add(piece[position:end])
            position = end + 1
            if found:
                yield from self._mark(found[0])

    def close(self) -> Iterator[Text]:
        if not self._is_complete:
            raise bad_request("The array does not end; the events before this were read.")
        return iter(())

    def _mark(self, mark: bytes) -> Iterator[Text]:
        """Take one structural character; it belongs to an element unless it is the array's own."""
        if self._in_string:
            self._in_string = mark != b'"'
            self._is_escaped = mark == b"\\"
        elif mark == b'"':
            self._in_string = True
        elif mark in b"[{":
            self._depth += 1
            if self._depth == 1:
                return self._open(mark)
        elif mark in b"]}" and self._depth:
            self._depth -= 1
            if self._depth == 0:
                return self._end(mark)
        elif self._depth == 1:
            return iter((self._take(),))
        self._add(mark)
        return iter(())

    def _open(self, mark: bytes) -> Iterator[Text]:
        if mark != b"[" or self._is_complete:
            raise bad_request("The body must be one JSON array of events.")
        return iter(())

    def _end(self, mark: bytes) -> Iterator[Text]:
        if mark != b"]":
            raise bad_request("The array ends with a brace.")
        self._is_complete = True
        is_empty = not self._number and not self._is_too_long and not self._text.strip(SPACE)
        return iter(() if is_empty else (self._take(),))

    def _add(self, text: bytes) -> None:
        if self._depth == 0 and text.strip(SPACE):
            raise bad_request("The body must be one JSON array of events.")
        self._is_too_long = self._is_too_long or len(self._text) + len(text) > self._longest
        if self._is_too_long:
            self._text.clear()
        elif self._depth:
            self._text += text

    def _take(self) -> Text:
        self._number += 1
        text = None if self._is_too_long else bytes(self._text)
        self._text.clear()
        self._is_too_long = False
        return self._number, text
