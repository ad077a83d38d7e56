"""Authentication: the credential of every request, WebSocket and stream, and what it may do."""

import re
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from time import monotonic
from typing import NamedTuple

import httpx
from cachetools import TLRUCache, TTLCache

from gateway.concurrency.single_flight import SingleFlight
from gateway.credentials.issuer import Issuer
from gateway.credentials.tokens import TokenVerifier
from gateway.settings import Settings
from storage.api_keys import MARK, find_key
from storage.credentials import Credential
from storage.store.errors import UnauthenticatedError
from storage.store.mongo import Database

HEADER = re.compile(r"(?i:bearer) +([A-Za-z0-9._~+/-]+=*) *")
EXPECTED = "Expected: Authorization: Bearer <key>"
MAX_TOKEN_LENGTH = 8192
CACHE_SIZE = 10_000
REFUSAL_SECONDS = 2.0


def bearer(header: str | None) -> str:
    """Return the token of an `Authorization` header."""
    if not header:
        raise UnauthenticatedError(f"This needs a credential. {EXPECTED}")
    match = HEADER.fullmatch(header)
    if match is None:
        raise UnauthenticatedError(f"The Authorization header can't be read. {EXPECTED}")
    return match[1]


class Verified(NamedTuple):
    """A credential and until when it is cached, in seconds of the monotonic clock."""

    credential: Credential
    until: float


class Authenticator:
    """Verifies API keys and, where an issuer is configured, its tokens.

    A verified credential is cached for `credential_cache_seconds`, so that a revoked key stops working then at
    the latest, and so that MongoDB may be away for a moment. A refused one is cached for two seconds: a client
    that keeps sending a bad key costs the database one read in that time.
    """

    def __init__(self, database: Database, settings: Settings, *, client: httpx.AsyncClient | None = None) -> None:
        self._database = database
        self._seconds = settings.credential_cache_seconds
        self._verified: TLRUCache[bytes, Verified] = TLRUCache(CACHE_SIZE, lambda _key, verified, _now: verified.until)
        self._refused: TTLCache[bytes, bool] = TTLCache(CACHE_SIZE, REFUSAL_SECONDS)
        self._lookups = SingleFlight[Credential | None]()
        self._client: httpx.AsyncClient | None = None
        self._issuer: Issuer | None = None
        self._tokens: TokenVerifier | None = None
        if settings.oidc_issuer and settings.oidc_audience:
            self._client = client or httpx.AsyncClient()
            self._issuer = Issuer(settings.oidc_issuer, self._client, jwks_uri=settings.oidc_jwks_uri)
            self._tokens = TokenVerifier(
                database,
                self._issuer,
                audience=settings.oidc_audience,
                workspace_claim=settings.oidc_workspace_claim,
                scope_claim=settings.oidc_scope_claim,
            )

    async def authenticate(self, token: str) -> Credential:
        """Return the credential; raises `UnauthenticatedError`, or `UnavailableError` when it can't be verified now."""
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            raise refusal()
        digest = blake2b(token.encode(), digest_size=32).digest()
        try:
            return self._verified[digest].credential
        except KeyError:
            credential = None
        if digest not in self._refused:
            credential = await self._lookups.run(digest, partial(self._look_up, digest, token))
        if credential is None:
            raise refusal()
        return credential

    async def close(self) -> None:
        await self._lookups.close()
        if self._issuer and self._client:
            await self._issuer.close()
            await self._client.aclose()

    async def _look_up(self, digest: bytes, token: str) -> Credential | None:
        started = monotonic()
        credential = await self._verify(token)
        if credential is None:
            self._refused[digest] = True
        else:
            # From before it was read, so that a slow store does not keep a revoked key working for longer.
            until = started + min(self._seconds, seconds_left(credential))
            self._verified[digest] = Verified(credential, until)
        return credential

    async def _verify(self, token: str) -> Credential | None:
        if token.startswith(MARK):
            return await find_key(self._database, token)
        return await self._tokens.verify(token) if self._tokens else None


def refusal() -> UnauthenticatedError:
    return UnauthenticatedError(f"This credential is not valid: unknown, expired or revoked. {EXPECTED}")


def seconds_left(credential: Credential) -> float:
    if credential.expires_at is None:
        return float("inf")
    return (credential.expires_at - datetime.now(UTC)).total_seconds()
