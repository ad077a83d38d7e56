"""Identifiers: one document for each value that belongs to one profile only; the lock for identity."""

from collections.abc import Sequence
from enum import StrEnum
from hashlib import blake2b
from typing import TypedDict

from storage.mongo import Collection, Index
from storage.workspace import Workspace


class IdentifierKind(StrEnum):
    """Identifiers that are unique in a workspace. A phone is not among them (R8)."""

    UUID = "UUID"
    FIREBASE_ID = "FIREBASE_ID"
    EMAIL = "EMAIL"
    CUSTOM_ID = "CUSTOM_ID"


class Identifier(TypedDict):
    """Who a value belongs to."""

    _id: bytes
    workspace: str
    kind: IdentifierKind
    value: str
    profile: bytes


COLLECTION = Collection(
    "identifiers",
    required={"_id": "binData", "workspace": "string", "kind": "string", "value": "string", "profile": "binData"},
    indexes=(Index([("profile", 1)]),),
)


def identifier_id(workspace: Workspace, kind: IdentifierKind, value: str) -> bytes:
    """Return the `_id` of a value: two profiles that claim it meet there."""
    return blake2b(f"{workspace.id}\0{kind}\0{value}".encode(), digest_size=16).digest()


async def owners(workspace: Workspace, claims: Sequence[tuple[IdentifierKind, str]]) -> list[Identifier]:
    """Return the identifiers that are taken among `claims`."""
    return await workspace.find(
        "identifiers", {"_id": {"$in": [identifier_id(workspace, kind, value) for kind, value in claims]}}
    )
