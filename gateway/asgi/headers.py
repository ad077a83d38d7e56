"""Headers of a request as ASGI has them: pairs of bytes, with names in lower case."""

from collections.abc import Iterable

Headers = Iterable[tuple[bytes, bytes]]


def get_header(headers: Headers, name: bytes) -> str | None:
    """Return the first header of a name."""
    for key, value in headers:
        if key == name:
            return value.decode("latin-1")
    return None


def get_list_header(headers: Headers, name: bytes) -> str:
    """Return all headers of a name joined by commas, which means the same (RFC 9110, 5.3); empty without any."""
    return b", ".join(value for key, value in headers if key == name).decode("latin-1")
