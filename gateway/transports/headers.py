"""Headers of a request as ASGI has them: pairs of bytes, with names in lower case."""

from collections.abc import Iterable

Headers = Iterable[tuple[bytes, bytes]]


def first(headers: Headers, wanted: bytes) -> str | None:
    """Return the first header of a name."""
    for name, value in headers:
        if name == wanted:
            return value.decode("latin-1")
    return None


def joined(headers: Headers, wanted: bytes) -> str:
    """Return all headers of a name as the one list that they mean; empty without any."""
    return b", ".join(value for name, value in headers if name == wanted).decode("latin-1")
