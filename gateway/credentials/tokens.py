"""Tokens of an OpenID Connect issuer (JWT): signature, claims, and the credential that they make."""

from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from joserfc import jws
from joserfc.errors import (
    BadSignatureError,
    ClaimError,
    DecodeError,
    InvalidClaimError,
    InvalidKeyIdError,
    JoseError,
    UnsupportedAlgorithmError,
)
from joserfc.jwa import JWSAlgModel
from joserfc.jwt import JWTClaimsRegistry

from gateway.credentials.issuer import Issuer
from storage.credentials import Credential, CredentialKind, Scope
from storage.store.mongo import Database
from storage.workspaces import workspace_name

ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
LEEWAY = 30
LATEST = 253_402_300_799  # the last second of the year 9999, where datetime ends

logger = structlog.get_logger(__name__)


class Signatures(jws.JWSRegistry):
    """Signatures by private keys: never `none`, never a shared secret. Headers we don't know are ignored (RFC 7515)."""

    max_header_length = 4096

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


SIGNATURES = Signatures(strict_check_header=False)


class TokenVerifier:
    """Verifies tokens of one issuer and makes credentials of them."""

    def __init__(
        self, database: Database, issuer: Issuer, *, audience: str, workspace_claim: str, scope_claim: str
    ) -> None:
        self._database = database
        self._issuer = issuer
        self._workspace_claim = workspace_claim
        self._scope_claim = scope_claim
        self._expected = JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": issuer.url},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    async def verify(self, token: str) -> Credential | None:
        """Return the credential of a token; None, with the reason in the log, when it is not to be trusted.

        Raises `UnavailableError` when the issuer does not answer and none of its cached keys has signed the token.
        """
        try:
            claims = await self._signed_claims(token)
            self._expected.validate(claims)
            workspace = await self._workspace(claims)
        except JoseError as error:
            # The description is left out: it quotes the token.
            logger.info("token_refused", reason=error.error, claim=error.claim if isinstance(error, ClaimError) else "")
            return None
        return Credential(
            kind=CredentialKind.TOKEN,
            id=claims["sub"],
            name=next(name for name in map(claims.get, ("client_id", "azp", "sub")) if name and isinstance(name, str)),
            workspace=workspace,
            scopes=read_scopes(claims.get(self._scope_claim)),
            expires_at=datetime.fromtimestamp(min(claims["exp"], LATEST), UTC),
        )

    async def _signed_claims(self, token: str) -> dict[str, Any]:
        signed = read_signed(token)
        header = signed.headers()
        key = await self._issuer.key(header.get("kid"), header["alg"])
        if key is None:
            raise InvalidKeyIdError
        if not jws.validate_compact(signed, key, registry=SIGNATURES):
            raise BadSignatureError
        return read_claims(signed.payload)

    async def _workspace(self, claims: dict[str, Any]) -> str:
        workspace = claims.get(self._workspace_claim)
        if not isinstance(workspace, str) or await workspace_name(self._database, workspace) is None:
            raise InvalidClaimError(self._workspace_claim)
        return workspace


def read_signed(token: str) -> jws.CompactSignature:
    """Parse a token without trusting it; raises `JoseError` for one that can't be accepted."""
    try:
        signed = jws.extract_compact(token.encode(), registry=SIGNATURES)
        header: Any = signed.headers()
        # A critical header asks for an extension of the format, and we know none.
        if not isinstance(header, dict) or "crit" in header:
            raise DecodeError
        SIGNATURES.check_header(header)
        SIGNATURES.get_alg(header["alg"])
    except (ValueError, TypeError, RecursionError) as error:
        raise DecodeError from error
    return signed


def read_claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise DecodeError from error
    if not isinstance(claims, dict):
        raise DecodeError
    return claims


def read_scopes(claim: Any) -> frozenset[Scope]:
    """Return the scopes of a claim, a list or text with spaces; those of other services are ignored."""
    named = claim.split() if isinstance(claim, str) else claim
    return frozenset(scope for scope in Scope if isinstance(named, list) and scope in named)
