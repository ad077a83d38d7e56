"""The data of the measurements in memory: 100 profiles as they would come from the store, the same in every run."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, cast

import bson
from bson.codec_options import CodecOptions

from storage.api_keys import described, token_hash
from storage.attribute_definitions import SYSTEM_DEFINITIONS, AttributeDefinition, definition_fields
from storage.attributes import HAS_WEB_PUSH, RECEIVES_WHATSAPP
from storage.credentials import Scope
from storage.events import RECENT, Direction, EventDoc
from storage.profiles import Agreement, AgreementStatus, Channel, ProfileDoc
from storage.sources import ChangeSource
from storage.store.ids import time_id, to_public
from storage.write.derived import derive

WORKSPACE = "peers"
TOKEN = f"pgk_peerspee_{'0' * 43}"
PROFILES_MADE, EVENTS, TAGS = 100, 25, 5
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_NAMES = ("Ada", "Grace", "Linus", "Guido", "Margaret", "Ken", "Barbara", "Alan", "Edsger", "Donald")
LAST_NAMES = ("Lovelace", "Hopper", "Torvalds", "Rossum", "Hamilton", "Thompson", "Liskov", "Turing", "Dijkstra")
CITIES = ("Utrecht", "Lisbon", "Porto", "Gent", "Lyon", "Turin", "Kraków", "Brno", "Graz", "Malmö", None)
PLATFORMS = ("WEB", "ANDROID", "IOS", None)
ACTIONS = ("page.visit", "product.view", "cart.add", "message.open", "login")
random = Random(42)  # noqa: S311 - the same data in every run


def some_id(*unique: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(unique)))


def a_profile(number: int) -> ProfileDoc:
    created_at = BEGAN + timedelta(hours=number)
    active_at = created_at + timedelta(days=60)
    profile: ProfileDoc = {
        "_id": time_id(created_at, WORKSPACE, str(number)),
        "workspace": WORKSPACE,
        "createdAt": created_at,
        "version": 7,
        "seq": EVENTS + 7,
        "eventCount": EVENTS,
        "description": None,
        "identities": {
            "email": f"user{number}@example.com",
            "phone": f"+4791{number:06}",
            "customId": f"customer-{number}",
            "uuids": [
                {
                    "value": some_id(str(number), "uuid", str(each)),
                    "platform": platform,
                    "firstSeenAt": created_at,
                    "lastSeenAt": active_at - timedelta(days=each),
                }
                for each, platform in enumerate(PLATFORMS)
            ],
            "firebaseIds": [],
        },
        "attributes": [
            {"name": name, "value": value, "source": ChangeSource.SDK, "updatedAt": created_at}
            for name, value in attribute_values(number).items()
        ],
        "tags": [
            {"name": f"segment-{tag}", "source": ChangeSource.API, "addedAt": created_at}
            for tag in random.sample(range(100), TAGS)
        ],
        "agreements": [an_agreement(channel, created_at) for channel in Channel if channel is not Channel.WHATSAPP],
        "geo": None,
        "lastActivityAt": active_at,
        "recent": [an_event(number, each, active_at - timedelta(minutes=each)) for each in range(RECENT)],
    }
    derive(profile)
    return profile


def attribute_values(number: int) -> dict[str, Any]:
    return {
        "firstName": random.choice(FIRST_NAMES),
        "lastName": random.choice(LAST_NAMES),
        "city": random.choice(CITIES),
        "province": f"Province {number % 12}",
        "zipCode": f"{random.randrange(10_000, 99_999)}",
        "country": "NL",
        "company": f"Company {number % 30}",
        "birthDate": datetime(1950 + number % 50, 1 + number % 12, 1 + number % 28, tzinfo=UTC),
        HAS_WEB_PUSH: number % 2 == 0,
        RECEIVES_WHATSAPP: number % 3 == 0,
    }


def an_agreement(channel: Channel, at: datetime) -> Agreement:
    status = random.choice((AgreementStatus.ENABLED, AgreementStatus.DISABLED))
    return {"channel": channel, "status": status, "updatedAt": at, "source": "API"}


def an_event(number: int, each: int, at: datetime) -> EventDoc:
    event_id = some_id(str(number), "event", str(each))
    return {
        "_id": time_id(at, WORKSPACE, event_id),
        "uuid": event_id,
        "action": random.choice(ACTIONS),
        "label": f"Event number {each}",
        "occurredAt": at,
        "originalOccurredAt": None,
        "receivedAt": at,
        "arrival": time_id(at, WORKSPACE, event_id),
        "source": "SDK",
        "ip": "192.0.2.7",
        "direction": Direction.BY_PROFILE,
        "params": {"page": f"/{random.randrange(1_000)}"},
    }


def a_definition(number: int) -> AttributeDefinition:
    fields = definition_fields(SYSTEM_DEFINITIONS[number])
    own = {"_id": time_id(BEGAN, WORKSPACE, str(number)), "workspace": WORKSPACE, "createdAt": BEGAN}
    return cast("AttributeDefinition", {**own, **fields})


def from_store(document: Any) -> Any:
    """Return a document as the driver would: enums are texts, and timestamps have the driver's time zone."""
    return bson.decode(bson.encode(document), CodecOptions(tz_aware=False))


PROFILES: list[ProfileDoc] = sorted(
    (from_store(a_profile(each)) for each in range(PROFILES_MADE)), key=lambda profile: profile["_id"], reverse=True
)
SEVENTH = to_public("prf", PROFILES[7]["_id"])
DEFINITIONS: list[AttributeDefinition] = sorted(
    (from_store(a_definition(each)) for each in range(len(SYSTEM_DEFINITIONS))),
    key=lambda definition: definition["name"],
)
API_KEY: dict[str, Any] = {"_id": token_hash(TOKEN), **described(TOKEN, WORKSPACE, name="Peers", scopes=Scope)}


def write_documents(file: Path) -> None:
    """Write all documents as BSON, within one of their own."""
    file.write_bytes(bson.encode({"profiles": PROFILES, "definitions": DEFINITIONS}))
