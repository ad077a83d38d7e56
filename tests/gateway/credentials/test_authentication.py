"""Who is let in, how fast a revoked key is not, and how few reads that costs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from bench.harness.processes import stopped
from gateway.credentials.authentication import MAX_TOKEN_LENGTH, Authenticator, bearer
from gateway.settings import Settings
from storage.api_keys import create_key, new_token, revoke_key
from storage.credentials import Credential, Scope
from storage.store.errors import ErrorCode, UnauthenticatedError, UnavailableError
from storage.store.mongo import CommandListener, Database
from tests.support.stores import Stores

READ = [Scope.PROFILES_READ]


class KeyReads(CommandListener):
    """Counts the reads of keys that reach the server."""

    def __init__(self) -> None:
        self.count = 0

    def started(self, event: Any) -> None:
        self.count += event.command.get("find") == "api_keys"

    def succeeded(self, event: Any) -> None:
        pass

    def failed(self, event: Any) -> None:
        pass


@pytest.fixture
def reads() -> KeyReads:
    return KeyReads()


@pytest.fixture
async def watched(stores: Stores, database: Database, reads: KeyReads, database_name: str) -> AsyncIterator[Database]:
    """Open the test's database a second time, with its reads counted and little patience."""
    assert database
    watched = Database.connect(stores.mongodb_uri, name=database_name, timeout=1, listeners=[reads])
    yield watched
    await watched.close()


@asynccontextmanager
async def authenticating(database: Database, settings: Settings, seconds: float = 600) -> AsyncIterator[Authenticator]:
    authenticator = Authenticator(database, settings.model_copy(update={"credential_cache_seconds": seconds}))
    yield authenticator
    await authenticator.close()


async def wait_until_refused(authenticator: Authenticator, token: str) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                await authenticator.authenticate(token)
            except UnauthenticatedError:
                return
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("header", ["Bearer abc", "bearer abc", "BEARER   abc", "Bearer abc "])
def test_bearer_reads_the_token(header: str) -> None:
    assert bearer(header) == "abc"


def test_bearer_takes_keys_and_json_web_tokens() -> None:
    for token in (new_token(), "eyJhbGciOiJFUzI1NiJ9.e30.a-_b", "a+b/c=="):
        assert bearer(f"Bearer {token}") == token


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic abc",
        "abc",
        "Bearer a b",
        "Bearer a,b",
        "Bearer ä",
        "Bearer a\nb",
        "Bearerabc",
    ],
)
def test_bearer_says_what_is_expected(header: str | None) -> None:
    with pytest.raises(UnauthenticatedError, match="Authorization: Bearer <key>") as caught:
        bearer(header)
    assert caught.value.code is ErrorCode.UNAUTHENTICATED


def test_bearer_repeats_nothing_of_a_header_that_it_refuses() -> None:
    with pytest.raises(UnauthenticatedError) as caught:
        bearer("Basic c2VjcmV0")
    assert "c2VjcmV0" not in caught.value.message


async def test_key_is_verified_once_while_it_is_remembered(
    watched: Database, settings: Settings, reads: KeyReads
) -> None:
    token, key = await create_key(watched, "acme", name="dashboard", scopes=READ)
    async with authenticating(watched, settings) as authenticator:
        first = await asyncio.gather(*(authenticator.authenticate(token) for _ in range(50)))
        assert {credential.id for credential in first} == {key["prefix"]}
        for _ in range(50):
            await authenticator.authenticate(token)
    assert reads.count == 1


async def test_nothing_is_remembered_without_a_cache(watched: Database, settings: Settings, reads: KeyReads) -> None:
    token, _ = await create_key(watched, "acme", name="dashboard", scopes=READ)
    async with authenticating(watched, settings, seconds=0) as authenticator:
        for _ in range(3):
            await authenticator.authenticate(token)
        assert reads.count == 3
        await asyncio.gather(*(authenticator.authenticate(token) for _ in range(50)))
    assert reads.count == 4


async def test_each_key_has_its_own_credential(watched: Database, settings: Settings) -> None:
    made = [await create_key(watched, workspace, name=workspace, scopes=READ) for workspace in ("acme", "other")]
    async with authenticating(watched, settings) as authenticator:
        for _ in range(2):
            found = await asyncio.gather(*(authenticator.authenticate(token) for token, _ in made))
            assert [credential.workspace for credential in found] == ["acme", "other"]


async def test_flood_of_one_bad_key_costs_one_read(watched: Database, settings: Settings, reads: KeyReads) -> None:
    token = new_token()
    async with authenticating(watched, settings) as authenticator:
        flood = await asyncio.gather(*(authenticator.authenticate(token) for _ in range(200)), return_exceptions=True)
        for _ in range(200):
            with pytest.raises(UnauthenticatedError):
                await authenticator.authenticate(token)
    assert {type(refused) for refused in flood} == {UnauthenticatedError}
    # One, unless this machine stalls for longer than a refusal is remembered.
    assert 1 <= reads.count <= 5


async def test_revoked_key_stops_working(watched: Database, settings: Settings) -> None:
    token, key = await create_key(watched, "acme", name="lost", scopes=READ)
    async with authenticating(watched, settings, seconds=0.3) as authenticator:
        await authenticator.authenticate(token)
        await revoke_key(watched, "acme", key["prefix"])
        await wait_until_refused(authenticator, token)


async def test_remembered_key_ends_when_it_expires(watched: Database, settings: Settings, reads: KeyReads) -> None:
    ends = datetime.now(UTC) + timedelta(seconds=2.5)
    token, _ = await create_key(watched, "acme", name="short", scopes=READ, expires_at=ends)
    async with authenticating(watched, settings, seconds=600) as authenticator:
        credential = await authenticator.authenticate(token)
        assert credential.expires_at is not None
        await wait_until_refused(authenticator, token)
        assert datetime.now(UTC) >= credential.expires_at
    assert 2 <= reads.count <= 5


async def test_refusals_are_all_the_same_and_tell_nothing(watched: Database, settings: Settings) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    expired, _ = await create_key(watched, "acme", name="old", scopes=READ, expires_at=past)
    revoked, key = await create_key(watched, "acme", name="lost", scopes=READ)
    await revoke_key(watched, "acme", key["prefix"])
    refused = [
        expired,
        revoked,
        new_token(),
        f"{key['prefix']}_{'a' * 43}",
        "pgk_",
        "nonsense",
        "",
        "a.b.c",
        "ä",
        "\ud800",
        "a" * (MAX_TOKEN_LENGTH + 1),
    ]
    messages = set()
    with capture_logs() as logs:
        async with authenticating(watched, settings) as authenticator:
            for token in refused:
                with pytest.raises(UnauthenticatedError) as caught:
                    await authenticator.authenticate(token)
                messages.add(caught.value.message)
    assert len(messages) == 1
    assert "Authorization: Bearer <key>" in messages.pop()
    assert logs == []


async def test_verified_key_works_while_mongodb_is_away(watched: Database, settings: Settings, stores: Stores) -> None:
    known, _ = await create_key(watched, "acme", name="known", scopes=READ)
    unseen, _ = await create_key(watched, "acme", name="unseen", scopes=READ)
    async with authenticating(watched, settings) as authenticator:
        credential = await authenticator.authenticate(known)
        with stopped(stores.mongodb.pid):
            assert await authenticator.authenticate(known) == credential
            with pytest.raises(UnavailableError):
                await authenticator.authenticate(unseen)
        async with asyncio.timeout(20):
            recovered = await eventually(authenticator, unseen)
        assert recovered.name == "unseen"


async def eventually(authenticator: Authenticator, token: str) -> Credential:
    while True:
        try:
            return await authenticator.authenticate(token)
        except UnavailableError:
            await asyncio.sleep(0.1)


async def test_client_that_goes_away_leaves_the_lookup_to_the_others(watched: Database, settings: Settings) -> None:
    token, _ = await create_key(watched, "acme", name="dashboard", scopes=READ)
    async with authenticating(watched, settings) as authenticator:
        gone, stays = (asyncio.create_task(authenticator.authenticate(token)) for _ in range(2))
        await asyncio.sleep(0)
        gone.cancel()
        assert (await stays).name == "dashboard"
        assert gone.cancelled()
