"""Keys of an issuer: discovered, fetched once, rotated, and kept while it is away."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey
from pydantic import ValidationError
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from structlog.testing import capture_logs

from gateway.credentials.issuer import MAX_ANSWER_BYTES, Issuer, read_keys
from gateway.settings import Settings, require_secure
from storage.store.errors import UnavailableError
from tests.support.local_issuer import DISCOVERY, JWKS, LocalIssuer, ec_key


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


async def test_keys_are_discovered_and_fetched_once(local: LocalIssuer, client: httpx.AsyncClient) -> None:
    issuer = Issuer(local.url, client)
    found = await asyncio.gather(*(issuer.key("first", "ES256") for _ in range(50)))
    assert {key.kid for key in found if key} == {"first"}
    assert local.fetches == {DISCOVERY: 1, JWKS: 1}


async def test_given_address_of_the_keys_needs_no_discovery(local: LocalIssuer, client: httpx.AsyncClient) -> None:
    issuer = Issuer("https://login.example.com/", client, jwks_uri=local.url + JWKS)
    assert await issuer.key("first", "ES256")
    assert local.fetches == {DISCOVERY: 0, JWKS: 1}


async def test_new_key_is_fetched_when_it_is_first_used(local: LocalIssuer, client: httpx.AsyncClient) -> None:
    issuer = Issuer(local.url, client, pause=0)
    assert await issuer.key("first", "ES256")
    local.keys = [ec_key("second")]
    assert await issuer.key("second", "ES256")
    assert await issuer.key("first", "ES256") is None


async def test_unknown_key_ids_fetch_no_more_than_once_in_a_pause(
    local: LocalIssuer, client: httpx.AsyncClient
) -> None:
    issuer = Issuer(local.url, client, pause=600)
    found = await asyncio.gather(*(issuer.key(f"random-{number}", "ES256") for number in range(200)))
    found += [await issuer.key(f"more-{number}", "ES256") for number in range(200)]
    assert not any(found)
    assert local.fetches == {DISCOVERY: 1, JWKS: 1}


async def test_aged_keys_are_used_while_new_ones_are_fetched(local: LocalIssuer, client: httpx.AsyncClient) -> None:
    issuer = Issuer(local.url, client, pause=0, fresh=0)
    assert await issuer.key("first", "ES256")
    local.keys = [ec_key("second")]
    local.hang = asyncio.Event()
    assert await issuer.key("first", "ES256")
    local.hang.set()
    async with asyncio.timeout(10):
        while await issuer.key("first", "ES256"):
            await asyncio.sleep(0.01)


async def test_old_keys_serve_while_the_issuer_is_away(client: httpx.AsyncClient) -> None:
    local = LocalIssuer()
    issuer = Issuer(local.url, client, pause=0, fresh=0)
    with pytest.raises(UnavailableError):
        await issuer.key("first", "ES256")
    async with local.running():
        assert await issuer.key("first", "ES256")
    for _ in range(3):
        assert await issuer.key("first", "ES256")
        with pytest.raises(UnavailableError, match="issuer"):
            await issuer.key("unknown", "ES256")
    async with local.running():
        assert await issuer.key("unknown", "ES256") is None
        assert await issuer.key("first", "ES256")


async def test_keys_do_not_serve_for_ever(client: httpx.AsyncClient) -> None:
    local = LocalIssuer()
    issuer = Issuer(local.url, client, pause=0, stale=0)
    async with local.running():
        assert await issuer.key("first", "ES256")
    with pytest.raises(UnavailableError):
        await issuer.key("first", "ES256")


async def test_silent_issuer_is_given_up(local: LocalIssuer, client: httpx.AsyncClient) -> None:
    local.hang = asyncio.Event()
    issuer = Issuer(local.url, client, timeout=0.1)
    async with asyncio.timeout(10):
        with pytest.raises(UnavailableError):
            await issuer.key("first", "ES256")
    local.hang.set()


async def test_cancelled_caller_leaves_the_fetch_to_the_others(local: LocalIssuer, client: httpx.AsyncClient) -> None:
    local.hang = asyncio.Event()
    issuer = Issuer(local.url, client)
    first = asyncio.create_task(issuer.key("first", "ES256"))
    second = asyncio.create_task(issuer.key("first", "ES256"))
    async with asyncio.timeout(10):
        while not local.fetches[DISCOVERY]:
            await asyncio.sleep(0.01)
    first.cancel()
    local.hang.set()
    assert await second
    assert first.cancelled()
    assert local.fetches == {DISCOVERY: 1, JWKS: 1}


@pytest.mark.parametrize(
    ("path", "answer", "reason"),
    [
        (DISCOVERY, JSONResponse({"issuer": "https://evil.example.com", "jwks_uri": "https://x"}), "calls itself"),
        (DISCOVERY, JSONResponse({"jwks_uri": "https://x"}), "calls itself"),
        (DISCOVERY, PlainTextResponse("not found", 404), "404"),
        (DISCOVERY, RedirectResponse("http://127.0.0.1:1/elsewhere"), "307"),
        (JWKS, PlainTextResponse("<html>"), "JSON"),
        (JWKS, JSONResponse([]), "JSON object"),
        (JWKS, JSONResponse({}), "no list"),
        (JWKS, JSONResponse({"keys": []}), "no key"),
        (JWKS, PlainTextResponse("x" * (MAX_ANSWER_BYTES + 1)), "bytes"),
    ],
)
async def test_unusable_answer_is_logged_and_trusted_in_nothing(
    local: LocalIssuer, client: httpx.AsyncClient, path: str, answer: Response, reason: str
) -> None:
    local.answers[path] = answer
    issuer = Issuer(local.url, client)
    with capture_logs() as logs, pytest.raises(UnavailableError):
        await issuer.key("first", "ES256")
    assert [log["event"] for log in logs] == ["issuer_failed"]
    assert reason in logs[0]["error"]


@pytest.mark.parametrize("jwks_uri", ["http://login.example.com/keys", "file:///etc/passwd", 5, None])
async def test_discovered_address_must_be_secure(local: LocalIssuer, client: httpx.AsyncClient, jwks_uri: Any) -> None:
    local.answers[DISCOVERY] = JSONResponse({"issuer": local.url, "jwks_uri": jwks_uri})
    with pytest.raises(UnavailableError):
        await Issuer(local.url, client).key("first", "ES256")
    assert local.fetches[JWKS] == 0


def test_unusable_keys_do_not_take_the_others_along() -> None:
    with pytest.warns(UserWarning, match="2048"):
        short = RSAKey.generate_key(1024, {"kid": "short"})
    keys = read_keys(
        {
            "keys": [
                None,
                {},
                {"kty": []},
                {"kty": "AKP", "kid": "future"},
                {"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA"},
                {"kty": "EC", "crv": "P-256", "x": 1, "y": None},
                {"kty": "RSA", "n": "/" * 400, "e": "AQAB"},
                {**ec_key("encryption").as_dict(private=False), "use": "enc"},
                OctKey.generate_key(256, {"kid": "shared"}).as_dict(),
                short.as_dict(private=False),
                ec_key("good").as_dict(private=False),
            ]
        }
    )
    assert [key.kid for key in keys] == ["good"]


@pytest.mark.parametrize(
    "url", ["https://login.example.com", "http://localhost:1", "http://127.8.9.1", "http://[::1]:8"]
)
def test_secure_url(url: str) -> None:
    assert require_secure(url) == url


@pytest.mark.parametrize(
    "url",
    ["http://login.example.com", "http://10.0.0.1", "ftp://localhost", "localhost", "", "https://", "\0"],
)
def test_insecure_url(url: str) -> None:
    with pytest.raises(ValueError, match=r"https|URL"):
        require_secure(url)


def test_settings_refuse_an_issuer_without_audience_or_security() -> None:
    with pytest.raises(ValidationError, match="oidc_audience"):
        Settings(oidc_issuer="https://login.example.com")
    with pytest.raises(ValidationError, match="https"):
        Settings(oidc_issuer="http://login.example.com", oidc_audience="x")
    with pytest.raises(ValidationError, match="https"):
        Settings(oidc_jwks_uri="http://login.example.com/keys")
    assert Settings(oidc_issuer="https://login.example.com", oidc_audience="x").oidc_issuer
