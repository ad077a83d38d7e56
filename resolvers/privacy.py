"""Personal data for credentials that may not read it: masked in one place, before any field is resolved."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from resolvers.context import Context
from storage.attribute_definitions import AttributeDefinition
from storage.credentials import Scope
from storage.declaration import Noun
from storage.events import EventDoc
from storage.parts import SINGLE
from storage.profiles import ProfileDoc
from storage.store.errors import ForbiddenError
from storage.write.derived import pseudonym

MASK = "***"


def mask_email(email: str) -> str:
    """Return for example `a***@example.com`."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}{MASK}@{domain}"


def mask_phone(phone: str) -> str:
    """Return for example `***89`."""
    return f"{MASK}{phone[-2:]}"


MASKS: Mapping[str, Callable[[str], str]] = {"email": mask_email, "phone": mask_phone, "customId": lambda _: MASK}


def mask_value(name: str, value: Any) -> Any:
    """Return the value of a part as it is shown: a hint where the part has a mask, else nothing."""
    return value and MASKS[name](value) if name in MASKS else None


def mask_event(event: EventDoc) -> EventDoc:
    """Return the event without what it says about the person: address and parameters."""
    return {**event, "ip": None, "params": {}, "label": None}


def mask_profile(profile: ProfileDoc, definitions: Mapping[str, AttributeDefinition]) -> ProfileDoc:
    """Return a copy without personal data; keys that a projection left out stay out.

    An attribute is personal when its definition says so or when it has none.
    """
    masked: dict[str, Any] = dict(profile)
    if "displayName" in masked:
        masked["displayName"] = pseudonym(profile)
    if "identities" in masked:
        masked["identities"] = dict(masked["identities"])
    for name, part in SINGLE.items():
        holder = masked if part.within is None else masked.get(part.within, {})
        if part.personal and name in holder:
            holder[name] = mask_value(name, holder[name])
    if "attributes" in masked:
        masked["attributes"] = [
            {**attribute, "value": None, "masked": True} if is_personal(attribute["name"], definitions) else attribute
            for attribute in masked["attributes"]
        ]
    if "recent" in masked:
        masked["recent"] = [mask_event(event) for event in masked["recent"]]
    return masked  # type: ignore[return-value]  # a dict display of a TypedDict's own keys


def is_personal(name: str, definitions: Mapping[str, AttributeDefinition]) -> bool:
    return name not in definitions or definitions[name]["personal"]


async def shown(context: Context, profiles: Collection[ProfileDoc]) -> list[ProfileDoc]:
    """Return the profiles as the credential may see them."""
    if context.sees_personal:
        return list(profiles)
    definitions = await context.loaders.attribute_definitions.load(context.workspace.id)
    return [mask_profile(profile, definitions) for profile in profiles]


async def shown_one(context: Context, profile: ProfileDoc) -> ProfileDoc:
    return (await shown(context, [profile]))[0]


def require_reading(context: Context, noun: Noun) -> None:
    """Raise `ForbiddenError` when the credential may not read a noun's documents."""
    if noun.scope not in context.credential.scopes:
        message = f"Reading {noun.collection.name} needs the scope {noun.scope.value}."
        raise ForbiddenError(message, scope=noun.scope.value)


def require_personal(context: Context, what: str) -> None:
    """Raise `ForbiddenError`: what is masked can't be filtered, ordered or looked up by (X5)."""
    if not context.sees_personal:
        raise ForbiddenError(f"{what} needs the scope {Scope.PERSONAL_READ.value}.", scope=Scope.PERSONAL_READ.value)


def without_personal(context: Context, payload: dict[str, Any], part: str) -> dict[str, Any]:
    """Return a payload without a part that is personal, unless that may be read: a change is no way to read it."""
    return payload if context.sees_personal else {**payload, part: None}
