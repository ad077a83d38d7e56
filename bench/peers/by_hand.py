"""The two answers written by hand over the stored documents: what GraphQL is measured by, and what all must answer."""

from typing import Any

from bench.peers.documents import PROFILES
from resolvers.attributes import display
from storage.attributes import RECEIVES_WHATSAPP
from storage.events import EventDoc
from storage.profiles import Channel, ProfileDoc
from storage.store.ids import from_public, to_public
from storage.store.pages import encode_cursor

BY_ID = {profile["_id"]: profile for profile in PROFILES}
AGREED = {None: "NOT_SET", True: "ENABLED", False: "DISABLED"}
CHANNELS = [channel.value for channel in Channel if channel is not Channel.WHATSAPP]


def card(profile: ProfileDoc, values: dict[str, Any]) -> dict[str, Any]:
    agreements: dict[str, str] = {each["channel"]: each["status"] for each in profile["agreements"]}
    subscriptions = [{"channel": name, "status": agreements.get(name, "NOT_SET")} for name in CHANNELS]
    whatsapp = AGREED[values.get(RECEIVES_WHATSAPP)]
    return {
        "id": to_public("prf", profile["_id"]),
        "personal": {
            "firstName": values.get("firstName"),
            "lastName": values.get("lastName"),
            "city": values.get("city"),
        },
        "contact": {"email": profile["identities"].get("email")},
        "tags": [{"name": tag["name"]} for tag in profile["tags"]],
        "identities": {
            "uuids": [{"value": uuid["value"], "platform": uuid["platform"]} for uuid in profile["identities"]["uuids"]]
        },
        "subscriptions": [*subscriptions, {"channel": "WHATSAPP", "status": whatsapp}],
    }


def values_of(profile: ProfileDoc) -> dict[str, Any]:
    return {attribute["name"]: attribute["value"] for attribute in profile["attributes"]}


def full(profile: ProfileDoc, *, events: int) -> dict[str, Any]:
    values = values_of(profile)
    node = card(profile, values)
    node["attributes"] = [
        {"name": name, "display": value if type(value) is str else display(value)}
        for name, value in sorted(values.items())
    ]
    node["activity"] = {"events": {"edges": [{"node": event_of(event)} for event in profile["recent"][:events]]}}
    return {"cursor": encode_cursor("_id", profile["_id"]), "node": node}


def event_of(event: EventDoc) -> dict[str, Any]:
    return {
        "id": to_public("evt", event["_id"]),
        "action": event["action"],
        "occurredAt": event["occurredAt"],
        "label": event["label"],
        "params": event["params"],
    }


def answer(variables: dict[str, Any]) -> dict[str, Any]:
    if "first" in variables:
        return {"profiles": {"edges": [full(profile, events=10) for profile in PROFILES[: variables["first"]]]}}
    profile = BY_ID.get(from_public(variables["id"])[1])
    return {"profile": profile and card(profile, values_of(profile))}
