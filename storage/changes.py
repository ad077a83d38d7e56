"""What an edit does to a profile: a working copy, changed step by step, that tells what it was and what it became."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage.agreements import AgreementStatus, Channel
from storage.attributes import Attribute, AttributeSource
from storage.identifiers import IdentifierKind
from storage.identities import FirebaseId, Uuid
from storage.ids import time_id, whole_milliseconds
from storage.journal import Change, EntryKind, EventDoc
from storage.notes import NoteDoc
from storage.profiles import Geo, ProfileDoc
from storage.tags import TagSource


@dataclass(slots=True)
class Edit:
    """A profile while it is changed: a working copy, and what is told about the changes."""

    profile: ProfileDoc
    now: datetime
    events: list[EventDoc] = field(default_factory=list)
    notes: list[NoteDoc] = field(default_factory=list)
    changes: dict[EntryKind, list[Change]] = field(default_factory=dict)
    claims: list[tuple[IdentifierKind, str]] = field(default_factory=list)

    def tell(self, kind: EntryKind, name: str, before: Any, after: Any) -> None:
        if before != after:
            self.changes.setdefault(kind, []).append({"field": name, "before": before, "after": after})

    def set_attribute(self, name: str, value: Any, *, source: AttributeSource, at: datetime | None = None) -> None:
        found = next((known for known in self.profile["attributes"] if known["name"] == name), None)
        self.tell(EntryKind.ATTRIBUTE, name, found and found["value"], value)
        attribute: Attribute = {"name": name, "value": value, "source": source, "updatedAt": at or self.now}
        if found is None:
            self.profile["attributes"].append(attribute)
        else:
            found.update(attribute)

    def set_email(self, value: str) -> None:
        self.tell(EntryKind.IDENTIFIER, "email", self.profile["identities"].get("email"), value)
        self.profile["identities"]["email"] = value
        self.claims.append((IdentifierKind.EMAIL, value))

    def set_phone(self, value: str) -> None:
        self.tell(EntryKind.IDENTIFIER, "phone", self.profile["identities"].get("phone"), value)
        self.profile["identities"]["phone"] = value

    def set_custom_id(self, value: str) -> None:
        self.tell(EntryKind.IDENTIFIER, "customId", self.profile["identities"].get("customId"), value)
        self.profile["identities"]["customId"] = value
        self.claims.append((IdentifierKind.CUSTOM_ID, value))

    def add_uuid(self, uuid: Uuid) -> None:
        self.tell(EntryKind.IDENTIFIER, "uuid", None, uuid["value"])
        self.profile["identities"].setdefault("uuids", []).append(uuid)
        self.claims.append((IdentifierKind.UUID, uuid["value"]))

    def add_firebase_id(self, firebase: FirebaseId) -> None:
        self.tell(EntryKind.IDENTIFIER, "firebaseId", None, firebase["value"])
        self.profile["identities"].setdefault("firebaseIds", []).append(firebase)
        self.claims.append((IdentifierKind.FIREBASE_ID, firebase["value"]))

    def add_tag(self, name: str, *, source: TagSource, at: datetime | None = None) -> None:
        if all(tag["name"] != name for tag in self.profile["tags"]):
            self.tell(EntryKind.TAG, name, None, name)
            self.profile["tags"].append({"name": name, "source": source, "addedAt": at or self.now})

    def set_agreement(
        self, channel: Channel, status: AgreementStatus, *, source: str, at: datetime | None = None
    ) -> None:
        agreements = self.profile["agreements"]
        found = next((known for known in agreements if known["channel"] == channel), None)
        self.tell(EntryKind.AGREEMENT, channel, found and found["status"], status)
        kept = [known for known in agreements if known["channel"] != channel]
        self.profile["agreements"] = [
            *kept,
            {"channel": channel, "status": status, "updatedAt": at or self.now, "source": source},
        ]

    def set_geo(self, geo: Geo) -> None:
        self.profile["geo"] = geo

    def describe(self, text: str) -> None:
        self.tell(EntryKind.PROFILE, "description", self.profile.get("description"), text)
        self.profile["description"] = text

    def add_note(self, title: str, text: str, *, author: str, at: datetime) -> None:
        note: NoteDoc = {
            "_id": time_id(at),
            "workspace": self.profile["workspace"],
            "profile": self.profile["_id"],
            "title": title,
            "text": text,
            "author": author,
            "createdAt": at,
            "updatedAt": at,
        }
        self.notes.append(note)
        self.tell(EntryKind.NOTE, note["_id"].hex(), None, {"title": title, "text": text})

    def add_event(self, event: EventDoc) -> None:
        """Record an event; one whose UUID this profile has already is left out when the edit is written."""
        at = whole_milliseconds(event["occurredAt"])
        self.events.append(
            {
                **event,
                "_id": time_id(at, self.profile["workspace"], event["uuid"]),
                "occurredAt": at,
                "receivedAt": whole_milliseconds(event["receivedAt"]),
            }
        )
