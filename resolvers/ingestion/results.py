"""The result of an incoming event, as clients see it."""

from typing import TypedDict

from resolvers.context import Context
from resolvers.mutations import user_error
from storage.events import NOUN, EventDoc, EventResult, is_repeated
from storage.store.ids import to_public
from storage.store.refusals import UserError, UserErrorCode


class EventResultDoc(TypedDict):
    """Result of an event. `field` is the path within it; `id` is that of the event that has its UUID."""

    status: EventResult
    id: str | None
    code: UserErrorCode | None
    field: list[str]
    message: str | None


def result(status: EventResult, event: EventDoc) -> EventResultDoc:
    return {"status": status, "id": to_public(NOUN.prefix, event["_id"]), "code": None, "field": [], "message": None}


def repeated(earlier: EventDoc, event: EventDoc, profile: bytes) -> EventResultDoc:
    """Return the result of an event of `profile` whose UUID an earlier one has."""
    if is_repeated(earlier, event, profile):
        return result(EventResult.DUPLICATE, earlier)
    return {
        **result(EventResult.CONFLICT, earlier),
        "code": UserErrorCode.ALREADY_EXISTS,
        "field": ["uuid"],
        "message": "Another event has this UUID; a different event needs a UUID of its own.",
    }


def rejected(context: Context, error: UserError) -> EventResultDoc:
    return {"status": EventResult.REJECTED, "id": None, **user_error(context, error)}
