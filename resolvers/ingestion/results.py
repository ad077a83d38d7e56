"""The result of an incoming event, as clients see it."""

from typing import TypedDict

from resolvers.context import Context
from storage import profiles
from storage.credentials import Scope
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
        "code": UserErrorCode.TAKEN,
        "field": ["uuid"],
        "message": "Another event has this UUID; a different event needs a UUID of its own.",
    }


def rejected(context: Context, error: UserError) -> EventResultDoc:
    """Return the result of an event that is refused; who may look the other profile up is told which it is."""
    message = error.message
    if error.owner is not None and context.sees_personal and Scope.PROFILES_READ in context.credential.scopes:
        message = f"{message} It is {to_public(profiles.NOUN.prefix, error.owner)}."
    return {
        "status": EventResult.REJECTED,
        "id": None,
        "code": error.code,
        "field": list(error.field),
        "message": message,
    }
