"""What happened to a customer, before it is an event of a workspace: data alone, the same in every run."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from gateway.datasets.choices import fraction
from gateway.datasets.devices import event_uuid
from storage.events import Direction, EventDoc


class Happening(NamedTuple):
    """Something that happened. The key is unique in a data set and stays the same: the event's UUID is made of it."""

    key: str
    at: datetime
    action: str
    label: str
    params: dict[str, Any]
    direction: Direction = Direction.BY_PROFILE
    sender: str = "API"
    ip: str | None = None


def event_of(dataset: str, happening: Happening) -> EventDoc:
    """Return the event that tells of a happening, without its id; it was received a moment after."""
    uuid = event_uuid(dataset, happening.key)
    return {
        "uuid": uuid,
        "action": happening.action,
        "label": happening.label,
        "occurredAt": happening.at,
        "receivedAt": happening.at + timedelta(milliseconds=20 + int(fraction(uuid, "delay") * 400)),
        "source": happening.sender,
        "ip": happening.ip,
        "direction": happening.direction,
        "params": happening.params,
    }


def until(happenings: Iterable[Happening], moment: datetime) -> list[Happening]:
    """Return what happened by then, in order of time; what would follow is left out."""
    return sorted((each for each in happenings if each.at <= moment), key=lambda each: each.at)


def message_id(key: str) -> str:
    return f"m-{blake2b(key.encode(), digest_size=8).hexdigest()}"
