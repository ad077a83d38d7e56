"""API keys: what a client shows to be let in. Only the hash of a key is stored, so the store gives no key away."""

import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from string import ascii_lowercase, digits
from typing import NotRequired, TypedDict, cast

from storage.credentials import Credential, CredentialKind, Scope
from storage.store.collections import Collection, Erasure, Index
from storage.store.mongo import Database, DuplicateKeyError

MARK = "pgk_"
TOKEN = re.compile(r"(pgk_[a-z0-9]{8})_[A-Za-z0-9_-]{43}")
ATTEMPTS = 3
COLLECTION = Collection(
    name="api_keys",
    erasure=Erasure.OF_WORKSPACE,
    required={
        "_id": "string",
        "workspace": "string",
        "name": "string",
        "prefix": "string",
        "scopes": "array",
        "createdAt": "date",
    },
    indexes=[Index([("workspace", 1), ("prefix", 1)], unique=True)],
)


class ApiKey(TypedDict):
    """A key as it is listed: `prefix` is the visible part of the token, and nothing of the rest is here."""

    workspace: str
    name: str
    prefix: str
    scopes: list[str]
    createdAt: datetime
    expiresAt: NotRequired[datetime]
    revokedAt: NotRequired[datetime]


def new_token() -> str:
    """Return `pgk_`, 8 visible characters, and 256 random bits."""
    visible = "".join(secrets.choice(ascii_lowercase + digits) for _ in range(8))
    return f"{MARK}{visible}_{secrets.token_urlsafe(32)}"


def token_prefix(token: str) -> str | None:
    """Return the visible part of a token, and None when it cannot be one of ours."""
    match = TOKEN.fullmatch(token)
    return match[1] if match else None


def token_hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


async def create_key(
    database: Database,
    workspace: str,
    *,
    name: str,
    scopes: Iterable[Scope],
    expires_at: datetime | None = None,
) -> tuple[str, ApiKey]:
    """Store a new key and return its token, which nobody can learn again, with what is listed of it."""
    for attempt in range(1, ATTEMPTS + 1):
        token = new_token()
        key = described(token, workspace, name=name, scopes=scopes)
        if expires_at is not None:
            key["expiresAt"] = expires_at
        try:
            await database.insert(COLLECTION.name, [{"_id": token_hash(token), **key}])
        except DuplicateKeyError:
            # Another key of the workspace has the same visible part: one in 2.8 million million.
            if attempt == ATTEMPTS:
                raise
        else:
            break
    return token, key


async def ensure_key(database: Database, workspace: str, *, token: str, name: str, scopes: Iterable[Scope]) -> bool:
    """Store a key whose token is known already, or bring its name and scopes up to date.

    Returns whether the key may be used: one that was revoked, or that another workspace holds, stays as it is.
    """
    key = described(token, workspace, name=name, scopes=scopes)
    current = {"name": key["name"], "scopes": key["scopes"]}
    created = {"prefix": key["prefix"], "createdAt": key["createdAt"]}
    # A duplicate is another start that was faster, or a key of another workspace: reading tells which.
    with suppress(DuplicateKeyError):
        await database.update(
            COLLECTION.name,
            {"_id": token_hash(token), "workspace": workspace},
            {"$set": current, "$setOnInsert": created},
            upsert=True,
        )
    credential = await find_key(database, token)
    return credential is not None and credential.workspace == workspace


async def list_keys(database: Database, workspace: str) -> list[ApiKey]:
    """Return the workspace's keys, oldest first; the expired and revoked ones too."""
    found = await database.find(COLLECTION.name, {"workspace": workspace}, projection={"_id": 0})
    return cast("list[ApiKey]", sorted(found, key=lambda key: (key["createdAt"], key["prefix"])))


async def revoke_key(database: Database, workspace: str, prefix: str) -> bool:
    """Revoke a key for good and return whether the workspace has it; revoking twice keeps the first time."""
    own = {"workspace": workspace, "prefix": prefix}
    revoked = {"$set": {"revokedAt": datetime.now(UTC)}}
    if await database.update(COLLECTION.name, {**own, "revokedAt": None}, revoked):
        return True
    return await database.find_one(COLLECTION.name, own, projection={"_id": 1}) is not None


async def find_key(database: Database, token: str) -> Credential | None:
    """Return who shows this token; None when it is unknown, expired or revoked.

    What cannot be a token of ours never reaches the database, and every other one costs the same one read.
    """
    if token_prefix(token) is None:
        return None
    key = await database.find_one(COLLECTION.name, {"_id": token_hash(token)})
    if key is None or key.get("revokedAt") or has_expired(key.get("expiresAt")):
        return None
    return Credential(
        kind=CredentialKind.API_KEY,
        id=key["prefix"],
        name=key["name"],
        workspace=key["workspace"],
        scopes=frozenset(scope for scope in Scope if scope in key["scopes"]),
        expires_at=key.get("expiresAt"),
    )


def has_expired(moment: datetime | None) -> bool:
    return moment is not None and moment <= datetime.now(UTC)


def described(token: str, workspace: str, *, name: str, scopes: Iterable[Scope]) -> ApiKey:
    prefix = token_prefix(token)
    if prefix is None:
        raise ValueError("a token is pgk_, 8 lower-case letters or digits, _ and 43 URL-safe characters")
    return {
        "workspace": workspace,
        "name": name,
        "prefix": prefix,
        "scopes": sorted({scope.value for scope in scopes}),
        "createdAt": datetime.now(UTC),
    }
