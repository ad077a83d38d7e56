"""Confirmations: links that were sent to a person, each of which counts once (R26)."""

import os
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from storage.agreements import AgreementStatus, Channel
from storage.changes import Edit, find
from storage.identifiers import IdentifierKind, identifier_id
from storage.mongo import Collection, Index, Session
from storage.profiles import ProfileDoc
from storage.workspace import Workspace


class LinkState(StrEnum):
    """What a link is good for: it waits, its agreement is enabled, it is of no use any more, or it is none of ours."""

    WAITING = "WAITING"
    CONFIRMED = "CONFIRMED"
    VOID = "VOID"
    UNKNOWN = "UNKNOWN"


class Confirmation(TypedDict):
    """A link. `identifier` stands for the email address that it was made for, and does not tell it."""

    _id: bytes
    workspace: str
    profile: bytes
    identifier: bytes
    expiresAt: datetime
    usedAt: datetime | None


# MongoDB removes a link soon after `expiresAt`; its signature is of no use then.
COLLECTION = Collection(
    "confirmations",
    required={
        "_id": "binData",
        "workspace": "string",
        "profile": "binData",
        "identifier": "binData",
        "expiresAt": "date",
    },
    indexes=(Index([("expiresAt", 1)], expire_after=0),),
)


async def find_confirmation(workspace: Workspace, id: bytes, *, session: Session = None) -> Confirmation | None:
    found: Confirmation | None = await workspace.find_one("confirmations", {"_id": id}, session=session)
    return found


async def issue(edit: Edit, email: str, *, expires_at: datetime) -> bytes:
    """Make a link for an address of the profile, in the edit's transaction, and return its id."""
    link: Confirmation = {
        "_id": os.urandom(16),
        "workspace": edit.workspace.id,
        "profile": edit.profile["_id"],
        "identifier": identifier_id(edit.workspace, IdentifierKind.EMAIL, email),
        "expiresAt": expires_at,
        "usedAt": None,
    }
    await edit.workspace.database.insert("confirmations", [dict(link)], session=edit.session)
    return link["_id"]


async def use(edit: Edit, id: bytes) -> LinkState:
    """Enable the agreement of a link that waits, in the edit's transaction, and return what state it was in."""
    link = await find_confirmation(edit.workspace, id, session=edit.session)
    state = state_of(edit.workspace, link, edit.profile)
    if state is LinkState.WAITING:
        edit.set_agreement(Channel.EMAIL, AgreementStatus.ENABLED, source="LINK")
        own, used = edit.workspace.own({"_id": id}), {"$set": {"usedAt": edit.now}}
        await edit.workspace.database.update("confirmations", own, used, session=edit.session)
    return state


def state_of(workspace: Workspace, link: Confirmation | None, profile: ProfileDoc | None) -> LinkState:
    """Return the state of a link; one whose profile is gone or has another address by now is void."""
    if link is None or profile is None:
        return LinkState.VOID
    email = profile["identities"].get("email")
    if not email or identifier_id(workspace, IdentifierKind.EMAIL, email) != link["identifier"]:
        return LinkState.VOID
    agreement = find(profile["agreements"], "channel", Channel.EMAIL)
    match agreement and agreement["status"]:
        case AgreementStatus.ENABLED:
            return LinkState.CONFIRMED
        case AgreementStatus.CONFIRMATION if link["usedAt"] is None:
            return LinkState.WAITING
        case _:
            return LinkState.VOID
