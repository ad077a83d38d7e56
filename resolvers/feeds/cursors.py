"""Cursors of live activity: where a subscriber is in the journal of a profile, or of a workspace."""

from storage.store.errors import BadInputError
from storage.store.pages import decode_cursor, encode_cursor

PROFILE, WORKSPACE = "live", "live-workspace"
ARGUMENT = "after"
NOT_ONE = "This is not a cursor of this feed; pass one that the feed, or liveCursor, gave you."


def profile_cursor(profile: bytes, seq: int) -> str:
    return encode_cursor(PROFILE, profile + seq.to_bytes(8, "big"))


def seq_after(profile: bytes, cursor: str) -> int:
    """Return the `seq` of a cursor of this profile."""
    raw = decode_cursor(PROFILE, cursor, argument=ARGUMENT)
    if not isinstance(raw, bytes) or len(raw) != 24 or raw[:16] != profile:
        raise BadInputError(NOT_ONE, argument=ARGUMENT)
    return int.from_bytes(raw[16:], "big")


def workspace_cursor(arrival: bytes) -> str:
    return encode_cursor(WORKSPACE, arrival)


def arrival_after(cursor: str) -> bytes:
    raw = decode_cursor(WORKSPACE, cursor, argument=ARGUMENT)
    if not isinstance(raw, bytes) or len(raw) != 16:
        raise BadInputError(NOT_ONE, argument=ARGUMENT)
    return raw
