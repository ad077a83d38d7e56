"""Confirmations: the link that was sent to a person last, which counts once (R26)."""

import os
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import TypedDict

from storage.agreements import AgreementStatus, Channel
from storage.profiles import ProfileDoc
from storage.store.collections import Collection, Index
from storage.store.mongo import DuplicateKeyError, Session, write_conflict
from storage.store.workspace import Workspace
from storage.write.comparing import find
from storage.write.working_copy import Edit


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
    "confirmations",
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


async def issue(edit: Edit, *, expires_at: datetime) -> Confirmation:
    """Make a link for the profile's address in place of any earlier one, in the edit's transaction."""
    workspace, profile = edit.workspace, edit.profile["_id"]
    said = f"{workspace.id}\0{profile.hex()}\0{Channel.EMAIL}"
    link: Confirmation = {
        "_id": blake2b(said.encode(), digest_size=16).digest(),
        "workspace": workspace.id,
        "profile": profile,
        "nonce": os.urandom(16),
        "seq": edit.before["seq"],
        "expiresAt": expires_at,
        "usedAt": None,
    }
    try:
        await workspace.database.delete("confirmations", {"_id": link["_id"]}, session=edit.session)
        await workspace.database.insert("confirmations", [dict(link)], session=edit.session)
    except DuplicateKeyError as error:
        raise write_conflict() from error  # another process was faster: start over, and take the place of its link
    return link


async def use(edit: Edit, id: bytes, nonce: bytes) -> LinkState:
    """Enable the agreement of a link that waits, in the edit's transaction, and return what state it was in."""
    link = await find_confirmation(edit.workspace, id, session=edit.session)
    state = await state_of(edit.workspace, link, nonce, edit.profile, session=edit.session)
    if state is LinkState.WAITING:
        edit.set_agreement(Channel.EMAIL, AgreementStatus.ENABLED, source="LINK")
        used = {"$set": {"usedAt": edit.now}}
        await edit.workspace.database.update("confirmations", {"_id": id}, used, session=edit.session)
    return state


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
    agreement = find(profile["agreements"], "channel", Channel.EMAIL)
    match agreement and agreement["status"]:
        case AgreementStatus.ENABLED:
            return LinkState.CONFIRMED
        case AgreementStatus.CONFIRMATION if link["usedAt"] is None:
            return LinkState.WAITING
        case _:
            return LinkState.VOID
