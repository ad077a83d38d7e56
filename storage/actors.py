"""Actors: who made a change, or wrote something down, kept as they were then."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NotRequired, TypedDict

from storage.credentials import Credential
from storage.sources import ChangeSource


class ActorKind(StrEnum):
    """What acted: a credential, a click on a link, or a program of the operator's."""

    API_KEY = "API_KEY"
    TOKEN = "TOKEN"  # noqa: S105 - the name of a kind
    LINK = "LINK"
    GATEWAY = "GATEWAY"


class ActorDoc(TypedDict):
    """An actor as stored. `id` is the prefix of a key, or the subject of a token; `onBehalfOf` who was acted for."""

    kind: ActorKind
    id: str
    name: str
    onBehalfOf: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a change, and by which way."""

    kind: ActorKind
    id: str
    name: str
    source: ChangeSource
    on_behalf_of: str | None = None

    def document(self) -> ActorDoc:
        document: ActorDoc = {"kind": self.kind, "id": self.id, "name": self.name}
        if self.on_behalf_of is not None:
            document["onBehalfOf"] = self.on_behalf_of
        return document


def acting(credential: Credential, source: ChangeSource, *, on_behalf_of: str | None = None) -> Actor:
    """Return a credential as the actor of a change."""
    return Actor(ActorKind(credential.kind.value), credential.id, credential.name, source, on_behalf_of)


def acted_by(document: ActorDoc, source: ChangeSource) -> Actor:
    """Return a stored actor as that of a change."""
    return Actor(document["kind"], document["id"], document["name"], source, document.get("onBehalfOf"))
