"""The working copy of a profile, which an edit changes step by step."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from storage.attributes import Attribute
from storage.declaration import Noun
from storage.events import EventDoc
from storage.parts import SINGLE, holder_of
from storage.profiles import AgreementStatus, Channel, FirebaseId, ProfileDoc, Uuid
from storage.sources import ChangeSource
from storage.store.ids import time_id, whole_milliseconds
from storage.store.mongo import Session
from storage.store.workspace import Workspace
from storage.write.comparing import find, same
from storage.write.stored_events import StoredEvents

DocumentT = TypeVar("DocumentT", bound=Mapping[str, Any])


@dataclass(slots=True)
class Edit:
    """A profile while it is changed, in the transaction of `session`: as it was `before`, and as it becomes.

    `beside` are the documents beside the profile, such as notes, as (noun, before, after); `made` is what the
    mutation answers with besides the profile; `stored_events` is shared by all edits of the transaction. One that is
    abandoned is not written: without that, a new profile to which nothing was added would be an empty one.
    """

    workspace: Workspace
    session: Session
    before: ProfileDoc
    now: datetime
    stored_events: StoredEvents
    profile: ProfileDoc = field(init=False)
    events: list[EventDoc] = field(default_factory=list)
    beside: list[tuple[Noun, Mapping[str, Any] | None, Mapping[str, Any] | None]] = field(default_factory=list)
    made: dict[str, Any] = field(default_factory=dict)
    is_abandoned: bool = False

    def __post_init__(self) -> None:
        self.profile = deepcopy(self.before)

    def attribute(self, name: str) -> Attribute | None:
        return find(self.profile["attributes"], "name", name)

    def set_attribute(self, name: str, value: Any, *, source: ChangeSource, at: datetime | None = None) -> None:
        """Set a value; the same value again changes nothing, not even its time."""
        current = self.attribute(name)
        if current is not None and same(current["value"], value):
            return
        self.unset_attribute(name)
        self.profile["attributes"].append({"name": name, "value": value, "source": source, "updatedAt": at or self.now})

    def unset_attribute(self, name: str) -> None:
        """Remove a value, which is not the same as setting it to null (R22)."""
        self.profile["attributes"] = [each for each in self.profile["attributes"] if each["name"] != name]

    def set(self, name: str, value: Any) -> None:
        """Set a single part of the profile, such as its email, by its name in `SINGLE`; None removes it."""
        holder_of(self.profile, SINGLE[name])[name] = value

    def add_uuid(self, uuid: Uuid) -> None:
        """Add a UUID, or widen the time in which one that the profile has was seen."""
        uuids = self.profile["identities"].setdefault("uuids", [])
        current = find(uuids, "value", uuid["value"])
        if current is None:
            uuids.append(uuid)
        else:
            current["firstSeenAt"] = min(current["firstSeenAt"], uuid["firstSeenAt"])
            current["lastSeenAt"] = max(current["lastSeenAt"], uuid["lastSeenAt"])

    def add_firebase_id(self, firebase: FirebaseId) -> None:
        """Add a registration in place of an earlier one with its value."""
        self.remove_firebase_id(firebase["value"])
        self.profile["identities"].setdefault("firebaseIds", []).append(firebase)

    def remove_firebase_id(self, value: str) -> None:
        kept = [each for each in self.profile["identities"].get("firebaseIds", []) if each["value"] != value]
        self.profile["identities"]["firebaseIds"] = kept

    def add_tag(self, name: str, *, source: ChangeSource, at: datetime | None = None) -> None:
        """Add a tag unless the profile carries it."""
        if find(self.profile["tags"], "name", name) is None:
            self.profile["tags"].append({"name": name, "source": source, "addedAt": at or self.now})

    def remove_tag(self, name: str) -> None:
        self.profile["tags"] = [tag for tag in self.profile["tags"] if tag["name"] != name]

    def set_agreement(
        self, channel: Channel, status: AgreementStatus, *, source: ChangeSource, at: datetime | None = None
    ) -> None:
        """Set the state of an agreement; the same state again changes nothing."""
        current = find(self.profile["agreements"], "channel", channel)
        if current is not None and current["status"] == status:
            return
        kept = [agreement for agreement in self.profile["agreements"] if agreement["channel"] != channel]
        self.profile["agreements"] = [
            *kept,
            {"channel": channel, "status": status, "updatedAt": at or self.now, "source": source},
        ]

    def put(self, noun: Noun, before: DocumentT | None, after: DocumentT) -> DocumentT:
        """Write a document beside the profile: a new one, or the changed form of `before`, with its next version."""
        if before is not None:
            moved: Any = {**after, "version": before["version"] + 1, "updatedAt": self.now}
            after = moved
        self.beside.append((noun, before, after))
        return after

    def remove(self, noun: Noun, before: Mapping[str, Any]) -> None:
        self.beside.append((noun, before, None))

    def add_event(self, event: EventDoc) -> EventDoc:
        """Record an event; one whose UUID the workspace has already is left out when the edit is written."""
        at = whole_milliseconds(event["occurredAt"])
        added: EventDoc = {
            **event,
            "_id": time_id(at, self.profile["workspace"], event["uuid"]),
            "occurredAt": at,
            "receivedAt": whole_milliseconds(event["receivedAt"]),
        }
        self.events.append(added)
        return added
