"""Identifiers: 16 bytes that sort by time, and the typed text that clients see."""

import os
import re
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from storage.store.errors import NotFoundError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHAPE = re.compile(r"([a-z]+)_([0-9a-f]{32})")


def whole_milliseconds(at: datetime) -> datetime:
    """Return `at` as MongoDB keeps it, so that what was written and what is read are the same."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def milliseconds(at: datetime) -> int:
    """Milliseconds from 1970 to `at`; never negative, since ids sort as unsigned bytes."""
    delta = at - EPOCH
    return max(0, (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000)


def time_id(at: datetime, *unique: str) -> bytes:
    """Return six bytes of milliseconds, then ten of a hash of `unique`, or random ones without it.

    Ids of different moments sort as the moments do; the same moment and `unique` give the same id, so that
    writing a thing twice meets itself.
    """
    tail = blake2b("\0".join(unique).encode(), digest_size=10).digest() if unique else os.urandom(10)
    return milliseconds(at).to_bytes(6, "big") + tail


def floor_id(at: datetime) -> bytes:
    """Return the smallest id of the moment `at`: the bound of a time range over ids."""
    return milliseconds(at).to_bytes(6, "big") + bytes(10)


def time_of(id: bytes) -> datetime:
    """Return the time of something from its id."""
    return EPOCH + timedelta(milliseconds=int.from_bytes(id[:6], "big"))


def to_public(prefix: str, id: bytes) -> str:
    """Return the id as clients see it, for example `prf_018f2c...`: opaque, and unique over all types."""
    return f"{prefix}_{id.hex()}"


def from_public(public: str, *, argument: str | None = None) -> tuple[str, bytes]:
    """Split a client's id into prefix and bytes; `NotFoundError` when it never was one of ours.

    The error names the `argument` that the id was given for.
    """
    match = SHAPE.fullmatch(public)
    if match is None:
        message = "This is not an id of this API; pass one that it gave you."
        raise NotFoundError(message) if argument is None else NotFoundError(message, argument=argument)
    return match[1], bytes.fromhex(match[2])
