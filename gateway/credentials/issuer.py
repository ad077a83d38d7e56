"""The public keys of an OpenID Connect issuer: discovered, fetched, rotated, and kept while it is away."""

import asyncio
from time import monotonic
from typing import Any

import httpx
import orjson
import structlog
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from gateway.concurrency.single_flight import SingleFlight
from gateway.settings import require_secure
from storage.store.errors import UnavailableError

DISCOVERY = "/.well-known/openid-configuration"
MAX_ANSWER_BYTES = 524_288
# What 2048 bits are in base64url; shorter keys can be factored.
MIN_RSA_LENGTH = 342

logger = structlog.get_logger(__name__)


class UnusableAnswerError(ValueError):
    """The issuer does not answer as OpenID Connect requires."""


class Issuer:
    """The keys of one issuer; times are in seconds.

    Keys older than `fresh` are fetched again in the background. An unknown key id fetches at once, but never sooner
    than `pause` after the last try, so that invented ids can't make the gateway flood the issuer. While the issuer
    does not answer the old keys are used until they are as old as `stale`.
    """

    def __init__(
        self,
        url: str,
        client: httpx.AsyncClient,
        *,
        jwks_uri: str | None = None,
        pause: float = 10.0,
        fresh: float = 600.0,
        stale: float = 86_400.0,
        timeout: float = 5.0,
    ) -> None:
        self.url = url
        self._client = client
        self._jwks_uri = jwks_uri
        self._pause = pause
        self._fresh = fresh
        self._stale = stale
        self._timeout = timeout
        self._keys: KeySet | None = None
        self._fetched_at = 0.0
        self._next_try = 0.0
        self._answers = False
        self._fetches = SingleFlight[None]()

    async def key(self, kid: str | None, algorithm: str) -> Key | None:
        """Return the key that signs so, and None when the issuer has none.

        Raises `UnavailableError` when the issuer, which may have the key, does not answer.
        """
        if self._age() > self._stale:
            self._keys = None
            await self._refresh()
        elif self._age() > self._fresh and monotonic() >= self._next_try:
            self._fetches.start(self.url, self._fetch)
        key = self._find(kid, algorithm)
        if key is None:
            await self._refresh()
            key = self._find(kid, algorithm)
        if key is None and not self._answers:
            raise UnavailableError("The issuer of this token does not answer; try again shortly.")
        return key

    async def close(self) -> None:
        await self._fetches.close()

    def _age(self) -> float:
        return monotonic() - self._fetched_at if self._keys is not None else float("inf")

    def _find(self, kid: str | None, algorithm: str) -> Key | None:
        if self._keys is None:
            return None
        try:
            return self._keys.get_by_kid(kid, {"use": "sig", "alg": algorithm})
        except InvalidKeyIdError:
            return None

    async def _refresh(self) -> None:
        if self._fetches.is_running(self.url) or monotonic() >= self._next_try:
            await self._fetches.run(self.url, self._fetch)

    async def _fetch(self) -> None:
        self._next_try = monotonic() + self._pause
        try:
            async with asyncio.timeout(self._timeout):
                jwks_uri = self._jwks_uri or await self._discover()
                self._keys = read_keys(await self._get(jwks_uri))
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            self._answers = False
            logger.warning("issuer_failed", issuer=self.url, error=str(error) or type(error).__name__)
        else:
            self._answers = True
            self._fetched_at = monotonic()

    async def _discover(self) -> str:
        discovered = await self._get(self.url.rstrip("/") + DISCOVERY)
        if discovered.get("issuer") != self.url:
            raise UnusableAnswerError(
                f"the issuer calls itself {discovered.get('issuer')!r}: GATEWAY_OIDC_ISSUER must be the same"
            )
        jwks_uri = discovered.get("jwks_uri")
        if not isinstance(jwks_uri, str):
            raise UnusableAnswerError("the discovery document has no jwks_uri")
        return require_secure(jwks_uri)

    async def _get(self, url: str) -> dict[str, Any]:
        headers = {"Accept": "application/json"}
        body = bytearray()
        async with self._client.stream("GET", url, headers=headers, follow_redirects=False) as response:
            response.raise_for_status()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise UnusableAnswerError(f"{url} answers with more than {MAX_ANSWER_BYTES} bytes")
        answer = orjson.loads(body)
        if not isinstance(answer, dict):
            raise UnusableAnswerError(f"{url} does not answer with a JSON object")
        return answer


def read_keys(answer: dict[str, Any]) -> KeySet:
    """Return the usable keys of a JWK set: asymmetric, strong enough, and readable."""
    listed = answer.get("keys")
    if not isinstance(listed, list):
        raise UnusableAnswerError("the issuer's key set has no list `keys`")
    keys = [key for key in map(read_key, listed) if key is not None]
    if not keys:
        raise UnusableAnswerError("the issuer's key set has no key that can be used")
    return KeySet(keys)


def read_key(data: Any) -> Key | None:
    """Return one key, and None for what we can't or won't use: such a key must not take the others along."""
    if not isinstance(data, dict) or data.get("kty") not in ("RSA", "EC", "OKP") or data.get("use", "sig") != "sig":
        return None
    if data["kty"] == "RSA" and len(str(data.get("n"))) < MIN_RSA_LENGTH:
        return None
    try:
        return JWKRegistry.import_key(data)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
