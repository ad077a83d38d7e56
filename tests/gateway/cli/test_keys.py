"""`profile-gateway key` as an operator types it, against a real store."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.keys import app, parse_expiry
from gateway.embedded.running_stores import announced
from gateway.errors import OperatorError
from gateway.settings import Settings
from storage.api_keys import create_key, find_key, list_keys, token_prefix
from storage.credentials import Scope
from storage.store.mongo import Database
from storage.workspaces import ensure_workspace, workspace_name
from tests.support.stores import Stores

MILLISECOND = 0.002  # and some more, as clocks go


class Terminal:
    """Runs the command with the environment of an operator who has set up the store."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    async def __call__(self, *arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, arguments, env=self.environment)


@pytest.fixture
def key(settings: Settings) -> Terminal:
    assert settings.mongodb_uri
    return Terminal(
        {
            "GATEWAY_MONGODB_URI": settings.mongodb_uri.get_secret_value(),
            "GATEWAY_MONGODB_DATABASE": settings.mongodb_database,
            "GATEWAY_WORKSPACE": "acme",
            "COLUMNS": "160",
        }
    )


@pytest.fixture
async def acme(database: Database) -> Database:
    await ensure_workspace(database, "acme", name="Acme")
    return database


async def test_created_key_works_and_is_printed_alone(key: Terminal, acme: Database) -> None:
    result = await key("create", "--name", "dashboard")
    assert result.exit_code == 0, result.output
    credential = await find_key(acme, result.stdout.strip())
    assert credential is not None
    assert (credential.name, credential.workspace) == ("dashboard", "acme")
    assert credential.scopes == {Scope.PROFILES_READ}
    assert credential.expires_at is None
    assert "Authorization: Bearer <key>" in result.stderr


async def test_scopes_expiry_and_workspace_are_options(key: Terminal, acme: Database) -> None:
    await ensure_workspace(acme, "other", name="Other")
    scopes = ["--scope", "profiles:read", "-s", "console"]
    result = await key("create", "-n", "crm", *scopes, "--expires", "30d", "--workspace", "other", "--json")
    made = json.loads(result.stdout)
    credential = await find_key(acme, made["token"])
    assert credential is not None
    assert credential.workspace == made["workspace"] == "other"
    assert credential.scopes == {Scope.PROFILES_READ, Scope.CONSOLE}
    assert credential.expires_at is not None
    left = credential.expires_at - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)


async def test_unknown_scope_is_refused_with_a_list(key: Terminal, acme: Database) -> None:
    result = await key("create", "--name", "crm", "--scope", "everything")
    assert result.exit_code == 2
    said = " ".join(result.stderr.split())
    assert "everything" in said
    assert all(scope in said for scope in Scope)
    assert await list_keys(acme, "acme") == []


async def test_past_expiry_is_refused(key: Terminal, acme: Database) -> None:
    result = await key("create", "--name", "crm", "--expires", "2020-01-01")
    assert result.exit_code == 2
    assert "in the past" in result.stderr
    assert await list_keys(acme, "acme") == []


async def test_workspace_is_made_only_when_asked(key: Terminal, acme: Database) -> None:
    result = await key("create", "--name", "crm", "--workspace", "acmee")
    assert isinstance(result.exception, OperatorError)
    assert "--new-workspace" in str(result.exception)
    assert await workspace_name(acme, "acmee") is None
    result = await key("create", "--name", "crm", "--workspace", "fresh", "--new-workspace")
    assert result.exit_code == 0
    assert await workspace_name(acme, "fresh") == "fresh"


async def test_list_shows_every_state_and_no_secret(key: Terminal, acme: Database) -> None:
    past = datetime.now(UTC) - timedelta(days=1)
    active, _ = await create_key(acme, "acme", name="[red]dashboard", scopes=[Scope.PROFILES_READ])
    await asyncio.sleep(MILLISECOND)  # which they are listed by
    await create_key(acme, "acme", name="old", scopes=[Scope.CONSOLE], expires_at=past)
    await asyncio.sleep(MILLISECOND)
    _, lost = await create_key(acme, "acme", name="lost", scopes=[])
    await create_key(acme, "other", name="theirs", scopes=[])
    assert (await key("revoke", lost["prefix"])).exit_code == 0

    listed = json.loads((await key("list", "--json")).stdout)
    assert [(each["name"], each["state"]) for each in listed] == [
        ("[red]dashboard", "active"),
        ("old", "expired"),
        ("lost", "revoked"),
    ]
    table = (await key("list")).stdout
    for shown in ("[red]dashboard", "active", "expired", "revoked", lost["prefix"], "profiles:read"):
        assert shown in table
    assert "theirs" not in table
    assert str(token_prefix(active)) in table
    assert active[-43:] not in table


async def test_revoke_reaches_the_workspace_only(key: Terminal, acme: Database) -> None:
    token, made = await create_key(acme, "other", name="theirs", scopes=[])
    result = await key("revoke", made["prefix"])
    assert isinstance(result.exception, OperatorError)
    assert made["prefix"] in str(result.exception)
    assert await find_key(acme, token)
    result = await key("revoke", made["prefix"], "--workspace", "other", "--json")
    assert json.loads(result.stdout) == {"prefix": made["prefix"], "revoked": True}
    assert await find_key(acme, token) is None


async def test_store_of_a_running_gateway_is_found(
    key: Terminal, acme: Database, stores: Stores, tmp_path: Path
) -> None:
    del key.environment["GATEWAY_MONGODB_URI"]
    with announced({"mongodb_uri": stores.mongodb_uri, "redis_url": stores.redis_url}, tmp_path):
        assert (tmp_path / "stores.json").stat().st_mode & 0o777 == 0o600
        assert (await key("create", "--name", "found", "--data-dir", str(tmp_path))).exit_code == 0
    assert [each["name"] for each in await list_keys(acme, "acme")] == ["found"]

    result = await key("list", "--data-dir", str(tmp_path))
    assert isinstance(result.exception, OperatorError)
    assert "GATEWAY_MONGODB_URI" in str(result.exception)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("12h", "2026-01-01T12:00:00+00:00"),
        ("30d", "2026-01-31T00:00:00+00:00"),
        ("2w", "2026-01-15T00:00:00+00:00"),
        ("2026-12-31", "2026-12-31T00:00:00+00:00"),
        ("2026-12-31T10:00", "2026-12-31T10:00:00+00:00"),
        ("2026-12-31T10:00:00+02:00", "2026-12-31T08:00:00+00:00"),
        ("2026-12-31T10:00:00Z", "2026-12-31T10:00:00+00:00"),
    ],
)
def test_expiry(text: str, ends: str) -> None:
    assert parse_expiry(text, now=datetime(2026, 1, 1, tzinfo=UTC)).isoformat() == ends


@pytest.mark.parametrize("text", ["", "0d", "-1d", "30", "30m", "999999w", "tomorrow", "2025-12-31", "2026-13-01"])
def test_no_expiry(text: str) -> None:
    with pytest.raises(ValueError, match=r"ISO date|past"):
        parse_expiry(text, now=datetime(2026, 1, 1, tzinfo=UTC))
