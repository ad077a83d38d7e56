"""Idempotency keys: the answer that was given to each, kept for retries (X8)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from storage.store.collections import Collection, Erasure, Index
from storage.store.mongo import Document, Session
from storage.store.refusals import UserErrorCode, refuse
from storage.store.workspace import Workspace

LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Once:
    """An idempotency key as its client gave it; `fingerprint` tells one input from another."""

    key: str
    credential: str
    fingerprint: bytes
    keep: timedelta = timedelta(hours=24)

    def id(self, workspace: Workspace) -> bytes:
        return blake2b(f"{workspace.id}\0{self.credential}\0{self.key}".encode(), digest_size=16).digest()


# MongoDB removes a record soon after `expiresAt`.
COLLECTION = Collection(
    name="idempotency",
    erasure=Erasure.EXPIRES,
    required={
        "_id": "binData",
        "workspace": "string",
        "fingerprint": "binData",
        "answer": "object",
        "expiresAt": "date",
    },
    indexes=(Index([("expiresAt", 1)], expire_after=0),),
)


async def recall(workspace: Workspace, once: Once, session: Session) -> Document | None:
    """Return the answer that was given to this key; refuse the key with another input."""
    records = await workspace.by_id("idempotency", [once.id(workspace)], session=session)
    found = next((record for record in records if record["expiresAt"] > datetime.now(UTC)), None)
    if found is None:
        return None
    if found["fingerprint"] != once.fingerprint:
        raise refuse(
            UserErrorCode.IDEMPOTENCY_MISMATCH,
            ["options", "idempotencyKey"],
            "This key was used with another input; use a new key for a new change.",
        )
    answer: Document = found["answer"]
    return answer


async def keep(workspace: Workspace, once: Once, answer: Document, session: Session) -> None:
    record = {
        "_id": once.id(workspace),
        "workspace": workspace.id,
        "fingerprint": once.fingerprint,
        "answer": answer,
        "expiresAt": datetime.now(UTC) + once.keep,
    }
    await workspace.database.delete("idempotency", {"_id": record["_id"]}, session=session)
    await workspace.database.insert_first("idempotency", [record], session=session)
