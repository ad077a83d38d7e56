"""Tokens of an issuer: which are accepted, what they become, and every trick that is refused."""

import asyncio
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from structlog.testing import capture_logs

from gateway.credentials.authentication import Authenticator
from gateway.credentials.issuer import Issuer
from gateway.credentials.tokens import ALGORITHMS, TokenVerifier
from gateway.settings import Settings
from storage.credentials import CredentialKind, Scope
from storage.store.errors import UnauthenticatedError, UnavailableError
from storage.store.mongo import Database
from storage.workspaces import ensure_workspace
from tests.support.local_issuer import AUDIENCE, JWKS, LocalIssuer, ec_key
from tests.support.stores import Stores


@pytest.fixture(scope="module")
def rsa() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "rsa"})


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[LocalIssuer]:
    server = LocalIssuer()
    async with server.running():
        yield server


@pytest.fixture
def local(server: LocalIssuer) -> LocalIssuer:
    server.reset()
    return server


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
async def database(stores: Stores) -> AsyncIterator[Database]:
    """One for all, since nothing but the workspace is read."""
    database = Database.connect(stores.mongodb_uri, name="test_tokens")
    await ensure_workspace(database, "acme", name="Acme")
    yield database
    await database.drop()
    await database.close()


@pytest.fixture
async def verifier(local: LocalIssuer, client: httpx.AsyncClient, database: Database) -> TokenVerifier:
    issuer = Issuer(local.url, client, pause=0)
    return TokenVerifier(database, issuer, audience=AUDIENCE, workspace_claim="workspace", scope_claim="scope")


def segment(value: Any) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(text).rstrip(b"=").decode()


def key_for(alg: str, rsa: RSAKey) -> Key:
    curves = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
    if alg in curves:
        return ECKey.generate_key(curves[alg], {"kid": alg})  # type: ignore[arg-type]
    return rsa if alg[0] in "RP" else OKPKey.generate_key("Ed25519", {"kid": alg})


async def test_every_asymmetric_algorithm(verifier: TokenVerifier, local: LocalIssuer, rsa: RSAKey) -> None:
    for alg in sorted(ALGORITHMS):
        local.keys = [key_for(alg, rsa), ec_key("another")]
        assert await verifier.verify(local.token(alg=alg)), alg


async def test_credential_of_a_token(verifier: TokenVerifier, local: LocalIssuer) -> None:
    ends = int(time.time()) + 60
    credential = await verifier.verify(local.token(exp=ends, azp="dashboard", name="Ada Lovelace", email="a@b.example"))
    assert credential is not None
    assert credential.kind is CredentialKind.TOKEN
    assert credential.id == "service-7"
    assert credential.name == "dashboard"
    assert credential.workspace == "acme"
    assert credential.scopes == {Scope.PROFILES_READ}
    assert credential.expires_at is not None
    assert credential.expires_at.timestamp() == ends


async def test_name_is_the_program_before_the_subject(verifier: TokenVerifier, local: LocalIssuer) -> None:
    named = [local.token(client_id="crm", azp="x"), local.token(client_id="", azp="app"), local.token(client_id=7)]
    credentials = [await verifier.verify(token) for token in named]
    assert [each.name for each in credentials if each] == ["crm", "app", "service-7"]


@pytest.mark.parametrize(
    ("claim", "scopes"),
    [
        ("profiles:read  console", {Scope.PROFILES_READ, Scope.CONSOLE}),
        (["profiles:read", "console", 7, None, ["x"]], {Scope.PROFILES_READ, Scope.CONSOLE}),
        ("openid profiles:reader PROFILES:READ", set()),
        (None, set()),
        (7, set()),
        ({"profiles:read": True}, set()),
    ],
)
async def test_scopes(verifier: TokenVerifier, local: LocalIssuer, claim: Any, scopes: set[Scope]) -> None:
    credential = await verifier.verify(local.token(scope=claim))
    assert credential is not None
    assert credential.scopes == scopes


async def test_names_of_the_claims_are_settings(
    local: LocalIssuer, client: httpx.AsyncClient, database: Database
) -> None:
    verifier = TokenVerifier(
        database,
        Issuer(local.url, client),
        audience=AUDIENCE,
        workspace_claim="https://acme.example/tenant",
        scope_claim="permissions",
    )
    claims = {"https://acme.example/tenant": "acme", "permissions": ["console"]}
    credential = await verifier.verify(local.token(workspace="other", scope="profiles:read", **claims))
    assert credential is not None
    assert (credential.workspace, credential.scopes) == ("acme", {Scope.CONSOLE})


async def test_clocks_may_differ_a_little(verifier: TokenVerifier, local: LocalIssuer) -> None:
    now = int(time.time())
    assert await verifier.verify(local.token(exp=now - 5))
    assert await verifier.verify(local.token(nbf=now + 5, iat=now + 5))


async def test_far_expiry_and_list_of_audiences(verifier: TokenVerifier, local: LocalIssuer) -> None:
    assert await verifier.verify(local.token(exp=10**18, aud=["other", AUDIENCE]))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-service"},
        {"aud": ["another-service"]},
        {"aud": []},
        {"aud": None},
        {"iss": "https://evil.example.com"},
        {"iss": None},
        {"exp": 1},
        {"exp": int(time.time()) - 60},
        {"exp": "2999-01-01"},
        {"exp": None},
        {"nbf": int(time.time()) + 3600},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"workspace": None},
        {"workspace": "unknown"},
        {"workspace": ["acme"]},
        {"workspace": {"$ne": "x"}},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_refused_claims(verifier: TokenVerifier, local: LocalIssuer, changes: dict[str, Any]) -> None:
    assert await verifier.verify(local.token()) is not None
    with capture_logs() as logs:
        assert await verifier.verify(local.token(**changes)) is None
    assert [log["event"] for log in logs] == ["token_refused"]
    assert logs[0]["claim"] == next(iter(changes))


async def test_unsigned_and_shared_secret_tokens_are_refused(
    verifier: TokenVerifier, local: LocalIssuer, rsa: RSAKey
) -> None:
    local.keys = [rsa]
    assert await verifier.verify(local.token(alg="RS256"))
    claims = segment(local.claims())
    for alg in ("none", "None", "NONE", ""):
        header = segment({"alg": alg, "kid": "rsa"})
        assert await verifier.verify(f"{header}.{claims}.") is None
        assert await verifier.verify(f"{header}.{claims}.AAAA") is None
    # The public key is known to everybody, so a signature with it as the secret proves nothing.
    pem = rsa.as_pem(private=False)
    for secret in (pem, pem.strip(), str(rsa.as_dict(private=False)["n"]).encode(), b""):
        for alg, digest in {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}.items():
            signed = f"{segment({'alg': alg, 'kid': 'rsa'})}.{claims}"
            assert await verifier.verify(f"{signed}.{segment(hmac.digest(secret, signed.encode(), digest))}") is None


async def test_forged_signatures_are_refused(verifier: TokenVerifier, local: LocalIssuer) -> None:
    token = local.token()
    header, _, signature = token.split(".")
    elevated = segment(local.claims(scope="console"))
    stranger = ec_key("first")
    for forged in [
        f"{header}.{elevated}.{signature}",
        f"{header}.{elevated}.",
        f"{header}.{elevated}.{'A' * 86}",
        local.token(stranger),
        local.token(stranger, header={"jwk": stranger.as_dict(private=False)}),
        local.token(stranger, header={"jku": "https://evil.example.com/keys"}),
        local.token(stranger, header={"kid": "unknown"}),
    ]:
        assert await verifier.verify(forged) is None
    assert await verifier.verify(token)


async def test_key_is_used_only_with_its_own_algorithm(
    verifier: TokenVerifier, local: LocalIssuer, rsa: RSAKey
) -> None:
    local.keys = [RSAKey.import_key({**rsa.as_dict(private=True), "alg": "RS256"}), ec_key("other")]
    assert await verifier.verify(local.token(rsa, alg="RS256"))
    assert await verifier.verify(local.token(rsa, alg="PS256")) is None
    assert await verifier.verify(local.token(rsa, alg="RS256", header={"kid": "other"})) is None


async def test_critical_headers_are_refused_and_unknown_ones_ignored(
    verifier: TokenVerifier, local: LocalIssuer
) -> None:
    assert await verifier.verify(local.token(header={"x-trace": 1})) is not None
    assert await verifier.verify(local.token(header={"crit": ["b64"], "b64": True})) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        "..",
        "a.b",
        "a.b.c",
        "a.b.c.d.e",
        segment([]) + ".e30.AAAA",
        segment("alg") + ".e30.AAAA",
        segment({"alg": ["ES256"]}) + ".e30.AAAA",
        segment({"alg": "ES256", "kid": ["x"]}) + ".e30.AAAA",
        segment({"alg": "ES256", "kid": {"$ne": 1}}) + ".e30.AAAA",
        segment({"alg": "ES256", "crit": 5}) + ".e30.AAAA",
        segment({"alg": "ES256", "crit": [[]]}) + ".e30.AAAA",
        segment(b'{"alg":' + b"[" * 3000) + ".e30.AAAA",
        segment(b"\xff\xfe") + ".e30.AAAA",
        segment({"alg": "ES256", "kid": "first"}) + ".=.=",
    ],
)
async def test_garbage_is_refused(verifier: TokenVerifier, token: str) -> None:
    assert await verifier.verify(token) is None


@pytest.mark.parametrize("payload", [b"", b"[]", b"7", b"[" * 3000, b"\xff", b'{"exp": NaN}'])
async def test_signed_garbage_is_refused(verifier: TokenVerifier, local: LocalIssuer, payload: bytes) -> None:
    header = {"alg": "ES256", "kid": "first"}
    token = jws.serialize_compact(header, payload, local.keys[0], algorithms=["ES256"])
    assert await verifier.verify(token) is None


async def test_nothing_of_a_token_is_logged(verifier: TokenVerifier, local: LocalIssuer) -> None:
    with capture_logs() as logs:
        token = local.token(ec_key("secret-kid"), sub="ada@example.com")
        assert await verifier.verify(token) is None
        assert await verifier.verify(local.token(sub="ada@example.com", aud="ada")) is None
    assert len(logs) == 2
    for secret in (*token.split("."), "secret-kid", "ada"):
        assert secret not in repr(logs)


async def test_rotation_through_the_authenticator(database: Database, settings: Settings, local: LocalIssuer) -> None:
    issued = settings.model_copy(update={"oidc_issuer": local.url, "oidc_audience": AUDIENCE})
    authenticator = Authenticator(database, issued, client=httpx.AsyncClient(trust_env=False))
    retired = local.token()
    local.keys = [ec_key("second")]
    tokens = [local.token(sub=f"service-{number}") for number in range(20)]
    credentials = await asyncio.gather(*(authenticator.authenticate(token) for token in tokens))
    assert {credential.workspace for credential in credentials} == {"acme"}
    with pytest.raises(UnauthenticatedError):
        await authenticator.authenticate(retired)
    assert local.fetches[JWKS] == 1
    await authenticator.close()


async def test_issuer_away_is_told_from_a_bad_token(database: Database, settings: Settings) -> None:
    local = LocalIssuer()
    issued = settings.model_copy(update={"oidc_issuer": local.url, "oidc_audience": AUDIENCE})
    authenticator = Authenticator(database, issued, client=httpx.AsyncClient(trust_env=False))
    with pytest.raises(UnavailableError):
        await authenticator.authenticate(local.token())
    with pytest.raises(UnauthenticatedError):
        await authenticator.authenticate("not.a.token")
    await authenticator.close()


async def test_without_an_issuer_no_token_is_accepted(
    database: Database, settings: Settings, local: LocalIssuer
) -> None:
    authenticator = Authenticator(database, settings)
    with pytest.raises(UnauthenticatedError):
        await authenticator.authenticate(local.token())
    assert local.fetches[JWKS] == 0
    await authenticator.close()
