"""Invented browsers and apps of a visitor: a UUID for each platform, and Firebase ids of those who take pushes."""

import base64
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from gateway.datasets.choices import choose, fraction, happens
from gateway.datasets.places import Place
from storage.attributes import HAS_MOBILE_PUSH, HAS_WEB_PUSH
from storage.profiles import FormFactor, Platform
from storage.sources import ChangeSource
from storage.write.working_copy import Edit

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "datasets.profile-gateway.example")
NETWORKS = ("192.0.2", "198.51.100", "203.0.113")  # RFC 5737: for documentation only

# What the sources call a platform is the form of the device. On phones and tablets the shop's app was used.
FORM_FACTORS = {"desktop": FormFactor.DESKTOP, "mobile": FormFactor.PHONE, "tablet": FormFactor.TABLET}
APPS = Platform.ANDROID, Platform.IOS
PLATFORMS = {"desktop": (Platform.WEB,), "mobile": APPS, "tablet": APPS}


@dataclass(frozen=True, slots=True)
class Seen:
    """When a platform was used first and last."""

    first: datetime
    last: datetime


def device_uuid(subject: str, platform: str) -> str:
    return str(uuid.uuid5(NAMESPACE, f"{subject}:{platform}"))


def event_uuid(dataset: str, key: str) -> str:
    """Return the UUID of an event of a data set, by the number of its row or the key of what was invented."""
    return str(uuid.uuid5(NAMESPACE, f"{dataset}:{key}"))


def takes_pushes(subject: str, platform: str) -> bool:
    """Return whether the browser or app on a platform is registered for pushes."""
    return happens(0.6, subject, platform, "push")


def ip_address(subject: str, platform: str) -> str:
    return f"{choose(NETWORKS, subject, platform, 'network')}.{1 + int(fraction(subject, platform, 'host') * 254)}"


def registration(subject: str, platform: str) -> str:
    """Return text of the shape that Firebase gives its registrations."""
    halves = [
        base64.urlsafe_b64encode(blake2b(f"{subject}:{platform}:{part}".encode(), digest_size=size).digest())
        for part, size in (("instance", 16), ("token", 60))
    ]
    return ":APA91b".join(half.decode().rstrip("=") for half in halves)


def register(working: Edit, subject: str, seen: Mapping[str, Seen]) -> None:
    """Add the devices of a visitor, with what follows for pushes (R28)."""
    for platform, times in seen.items():
        device, kind = device_uuid(subject, platform), choose(PLATFORMS[platform], subject, platform, "system")
        seen_on = {"platform": kind, "formFactor": FORM_FACTORS[platform]}
        seen_at = {"firstSeenAt": times.first, "lastSeenAt": times.last}
        working.add_uuid({"value": device, **seen_on, **seen_at})  # type: ignore[typeddict-item]
        if takes_pushes(subject, platform):
            token = registration(subject, platform)
            working.add_firebase_id({"value": token, "uuid": device, **seen_on, **seen_at})  # type: ignore[typeddict-item]
            attribute = HAS_WEB_PUSH if kind is Platform.WEB else HAS_MOBILE_PUSH
            working.set_attribute(attribute, value=True, source=ChangeSource.SDK, at=times.first)


def locate(working: Edit, subject: str, place: Place, *, at: datetime) -> None:
    """Add a last known location near the centre of a city."""
    north, east = (fraction(subject, direction) / 10 - 0.05 for direction in ("north", "east"))
    working.set(
        "geo",
        {
            "latitude": round(place.latitude + north, 4),
            "longitude": round(place.longitude + east, 4),
            "measuredAt": at,
            "source": "SDK",
        },
    )
