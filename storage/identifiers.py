"""Identifiers: one document for each value that belongs to one profile only; the lock for identity."""

from collections.abc import Sequence
from enum import StrEnum
from hashlib import blake2b
from typing import TypedDict

from storage.store.collections import OF_PROFILE, Collection, Erasure, Index
from storage.store.mongo import Session
from storage.store.refusals import RefusedError, UserError, UserErrorCode
from storage.store.workspace import Workspace


class IdentifierKind(StrEnum):
    """Identifiers that are unique in a workspace. A phone is not among them (R8)."""

    UUID = "UUID"
    FIREBASE_ID = "FIREBASE_ID"
    EMAIL = "EMAIL"
    CUSTOM_ID = "CUSTOM_ID"


Claim = tuple[IdentifierKind, str, bytes]  # a value, and the profile that claims it


class Identifier(TypedDict):
    """Who a value belongs to."""

    _id: bytes
    workspace: str
    kind: IdentifierKind
    value: str
    profile: bytes


COLLECTION = Collection(
    name="identifiers",
    erasure=Erasure.DELETED,
    required={"_id": "binData", "workspace": "string", "kind": "string", "value": "string", "profile": "binData"},
    indexes=(Index(OF_PROFILE),),
)


def identifier_id(workspace: Workspace, kind: IdentifierKind, value: str) -> bytes:
    """Return the `_id` of a value: two profiles that claim it meet there."""
    return blake2b(f"{workspace.id}\0{kind}\0{value}".encode(), digest_size=16).digest()


def field_name(kind: StrEnum) -> str:
    """Return what inputs and documents call an identifier of a kind: `customId`."""
    first, *rest = kind.lower().split("_")
    return "".join([first, *(word.capitalize() for word in rest)])


async def free_claims(workspace: Workspace, claims: Sequence[Claim], *, session: Session) -> list[Identifier]:
    """Return the documents of those claims that nobody holds; refuse each that another profile holds."""
    documents: dict[bytes, Identifier] = {}
    for kind, value, profile in claims:
        id = identifier_id(workspace, kind, value)
        documents.setdefault(
            id, {"_id": id, "workspace": workspace.id, "kind": kind, "value": value, "profile": profile}
        )
    taken: list[Identifier] = await workspace.by_id("identifiers", documents, session=session)
    held = {identifier["_id"] for identifier in taken}
    documents.update({identifier["_id"]: identifier for identifier in taken})
    holders = [documents[identifier_id(workspace, kind, value)]["profile"] for kind, value, _ in claims]
    errors = [
        UserError(UserErrorCode.TAKEN, (field_name(kind),), "Another profile has this value.", owner=holder)
        for (kind, _, profile), holder in zip(claims, holders, strict=True)
        if holder != profile
    ]
    if errors:
        raise RefusedError(errors)
    return [document for id, document in documents.items() if id not in held]


async def owners(workspace: Workspace, claims: Sequence[tuple[IdentifierKind, str]]) -> list[Identifier]:
    """Return the identifiers that are taken among `claims`."""
    return await workspace.by_id("identifiers", (identifier_id(workspace, kind, value) for kind, value in claims))
