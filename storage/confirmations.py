"""Confirmations: the link that was sent to a person last, which counts once (R26)."""

import os
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import TypedDict

from storage.profiles import AgreementStatus, Channel, ProfileDoc
from storage.store.collections import Collection, Erasure, Index
from storage.store.mongo import Session
from storage.store.workspace import Workspace


class LinkState(StrEnum):
    """What a link is good for: it waits, its agreement is enabled, it is of no use any more, or it is none of ours."""

    WAITING = "WAITING"
    CONFIRMED = "CONFIRMED"
    VOID = "VOID"
    UNKNOWN = "UNKNOWN"


class Confirmation(TypedDict):
    """The newest link of a profile: a new one takes its place, so that earlier ones are void for good.

    `nonce` tells it from those. `seq` is the profile's when it was made: a change of the address after that voids it,
    even one that is taken back.
    """

    _id: bytes
    workspace: str
    profile: bytes
    nonce: bytes
    seq: int
    expiresAt: datetime
    usedAt: datetime | None


# MongoDB removes a link soon after `expiresAt`; its signature is of no use then.
COLLECTION = Collection(
    name="confirmations",
    erasure=Erasure.DELETED,
    required={
        "_id": "binData",
        "workspace": "string",
        "profile": "binData",
        "nonce": "binData",
        "seq": ["int", "long"],
        "expiresAt": "date",
    },
    indexes=(Index([("expiresAt", 1)], expire_after=0),),
)


async def find_confirmation(workspace: Workspace, id: bytes, *, session: Session = None) -> Confirmation | None:
    return next(iter(await workspace.by_id("confirmations", [id], session=session)), None)


async def replace_confirmation(
    workspace: Workspace, profile: bytes, *, seq: int, expires_at: datetime, session: Session
) -> Confirmation:
    """Make a link for the address that a profile has at `seq`, in place of any earlier one."""
    said = f"{workspace.id}\0{profile.hex()}\0{Channel.EMAIL}"
    link: Confirmation = {
        "_id": blake2b(said.encode(), digest_size=16).digest(),
        "workspace": workspace.id,
        "profile": profile,
        "nonce": os.urandom(16),
        "seq": seq,
        "expiresAt": expires_at,
        "usedAt": None,
    }
    await workspace.database.delete("confirmations", {"_id": link["_id"]}, session=session)
    await workspace.database.insert_first("confirmations", [dict(link)], session=session)
    return link


async def mark_used(workspace: Workspace, id: bytes, *, at: datetime, session: Session) -> None:
    used = {"$set": {"usedAt": at}}
    await workspace.database.update("confirmations", workspace.own({"_id": id}), used, session=session)


async def state_of(
    workspace: Workspace,
    link: Confirmation | None,
    nonce: bytes,
    profile: ProfileDoc | None,
    *,
    session: Session = None,
) -> LinkState:
    """Return the state of the link with a nonce; one that is not the newest, or whose profile is gone, is void."""
    if link is None or profile is None or link["nonce"] != nonce:
        return LinkState.VOID
    moved = {"profile": profile["_id"], "seq": {"$gt": link["seq"]}, "changes.field": "email"}
    if await workspace.find_one("journal", moved, projection={"seq": 1}, session=session) is not None:
        return LinkState.VOID
    agreement = next((agreed for agreed in profile["agreements"] if agreed["channel"] == Channel.EMAIL), None)
    match agreement and agreement["status"]:
        case AgreementStatus.ENABLED:
            return LinkState.CONFIRMED
        case AgreementStatus.CONFIRMATION if link["usedAt"] is None:
            return LinkState.WAITING
        case _:
            return LinkState.VOID
