"""Keys in the store: what is kept of them, who finds them, and that workspaces never meet."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from storage import api_keys
from storage.api_keys import create_key, ensure_key, find_key, list_keys, new_token, revoke_key, token_prefix
from storage.credentials import CredentialKind, Scope
from storage.store.errors import BadInputError, UnavailableError
from storage.store.mongo import Database, DuplicateKeyError
from storage.workspaces import ensure_workspace, workspace_name

READ = [Scope.PROFILES_READ]


def test_token_shows_a_prefix_and_hides_256_bits() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    for token in tokens:
        prefix = token_prefix(token)
        assert prefix is not None
        assert len(prefix) == len("pgk_12345678")
        assert token.startswith(f"{prefix}_")
        assert len(token) == len(prefix) + 1 + 43


async def test_malformed_token_never_reaches_the_database() -> None:
    nowhere = Database.connect("mongodb://127.0.0.1:1", name="nothing", timeout=0.2)
    malformed = [
        "",
        "pgk_",
        "pgk_abcdefgh_",
        "pgk_abcdefgh_" + "a" * 42,
        "pgk_abcdefgh_" + "a" * 44,
        "pgk_ABCDEFGH_" + "a" * 43,
        "pgk_abcdefgh_" + "a" * 43 + "\n",
        "pgk_abcdefgh_" + "ä" * 43,
        "xyz_abcdefgh_" + "a" * 43,
    ]
    for token in malformed:
        assert token_prefix(token) is None
        assert await find_key(nowhere, token) is None
    with pytest.raises(UnavailableError):
        await find_key(nowhere, new_token())
    await nowhere.close()


async def test_created_key_is_found(any_database: Database) -> None:
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    token, key = await create_key(any_database, "acme", name="dashboard", scopes=READ, expires_at=ends)
    credential = await find_key(any_database, token)
    assert credential is not None
    assert credential.kind is CredentialKind.API_KEY
    assert credential.id == key["prefix"] == token_prefix(token)
    assert credential.name == "dashboard"
    assert credential.workspace == "acme"
    assert credential.scopes == {Scope.PROFILES_READ}
    assert credential.expires_at == ends


async def test_only_the_hash_is_stored(any_database: Database) -> None:
    token, key = await create_key(any_database, "acme", name="dashboard", scopes=READ)
    secret = token.removeprefix(key["prefix"])
    stored = await any_database.find(api_keys.COLLECTION.name, {})
    assert len(stored) == 1
    assert secret not in repr(stored)
    assert secret not in repr(await list_keys(any_database, "acme"))


async def test_unknown_expired_and_revoked_keys_are_not_found(any_database: Database) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    expired, _ = await create_key(any_database, "acme", name="old", scopes=READ, expires_at=past)
    revoked, key = await create_key(any_database, "acme", name="lost", scopes=READ)
    assert await find_key(any_database, revoked)
    assert await revoke_key(any_database, "acme", key["prefix"])
    for token in (expired, revoked, new_token()):
        assert await find_key(any_database, token) is None


async def test_right_prefix_with_wrong_secret_is_not_found(any_database: Database) -> None:
    token, key = await create_key(any_database, "acme", name="dashboard", scopes=READ)
    guess = f"{key['prefix']}_{new_token()[-43:]}"
    assert guess != token
    assert await find_key(any_database, guess) is None


async def test_revoking_twice_keeps_the_first_time(any_database: Database) -> None:
    _, key = await create_key(any_database, "acme", name="lost", scopes=READ)
    assert await revoke_key(any_database, "acme", key["prefix"])
    first = (await list_keys(any_database, "acme"))[0]["revokedAt"]
    assert await revoke_key(any_database, "acme", key["prefix"])
    assert (await list_keys(any_database, "acme"))[0]["revokedAt"] == first
    assert not await revoke_key(any_database, "acme", "pgk_00000000")


async def test_another_workspace_neither_lists_nor_revokes(any_database: Database) -> None:
    token, key = await create_key(any_database, "acme", name="ours", scopes=READ)
    await create_key(any_database, "other", name="theirs", scopes=READ)
    assert [each["name"] for each in await list_keys(any_database, "other")] == ["theirs"]
    assert not await revoke_key(any_database, "other", key["prefix"])
    credential = await find_key(any_database, token)
    assert credential is not None
    assert credential.workspace == "acme"


async def test_ensured_key_is_made_once_and_follows_its_scopes(any_database: Database) -> None:
    token = new_token()
    assert await ensure_key(any_database, "acme", token=token, name="development", scopes=READ)
    made = await list_keys(any_database, "acme")
    assert await ensure_key(any_database, "acme", token=token, name="development", scopes=READ)
    assert await list_keys(any_database, "acme") == made
    assert await ensure_key(any_database, "acme", token=token, name="development", scopes=Scope)
    credential = await find_key(any_database, token)
    assert credential is not None
    assert credential.scopes == set(Scope)
    assert len(await list_keys(any_database, "acme")) == 1


async def test_ensured_key_is_made_once_by_many_at_a_time(any_database: Database) -> None:
    token = new_token()
    ensured = [ensure_key(any_database, "acme", token=token, name="development", scopes=READ) for _ in range(5)]
    assert all(await asyncio.gather(*ensured))
    assert len(await list_keys(any_database, "acme")) == 1


async def test_ensuring_undoes_no_revocation_and_takes_no_key_of_another_workspace(any_database: Database) -> None:
    token, key = await create_key(any_database, "acme", name="ours", scopes=READ)
    assert not await ensure_key(any_database, "other", token=token, name="taken", scopes=Scope)
    credential = await find_key(any_database, token)
    assert credential is not None
    assert (credential.workspace, credential.name, credential.scopes) == ("acme", "ours", {Scope.PROFILES_READ})
    await revoke_key(any_database, "acme", key["prefix"])
    assert not await ensure_key(any_database, "acme", token=token, name="ours", scopes=READ)
    assert await find_key(any_database, token) is None


async def test_malformed_token_cannot_be_ensured(any_database: Database) -> None:
    with pytest.raises(ValueError, match="pgk_"):
        await ensure_key(any_database, "acme", token="secret", name="development", scopes=READ)


async def test_prefix_is_unique_in_a_workspace_only(any_database: Database) -> None:
    token, _ = await create_key(any_database, "acme", name="first", scopes=READ)
    same_prefix = token[: -len("_") - 43] + new_token()[-44:]
    assert not await ensure_key(any_database, "acme", token=same_prefix, name="second", scopes=READ)
    assert await ensure_key(any_database, "other", token=same_prefix, name="second", scopes=READ)


async def test_scopes_of_a_newer_release_are_ignored(any_database: Database) -> None:
    token, _ = await create_key(any_database, "acme", name="dashboard", scopes=READ)
    await any_database.update(api_keys.COLLECTION.name, {}, {"$push": {"scopes": "teleport"}})
    credential = await find_key(any_database, token)
    assert credential is not None
    assert credential.scopes == {Scope.PROFILES_READ}


async def test_insert_says_that_a_key_is_taken(any_database: Database) -> None:
    await any_database.insert("things", [{"_id": "one"}])
    with pytest.raises(DuplicateKeyError):
        await any_database.insert("things", [{"_id": "one"}])


async def test_workspace_is_made_once_and_keeps_its_name(any_database: Database) -> None:
    assert await workspace_name(any_database, "acme") is None
    await asyncio.gather(*(ensure_workspace(any_database, "acme", name="Acme") for _ in range(5)))
    await ensure_workspace(any_database, "acme", name="Renamed")
    assert await workspace_name(any_database, "acme") == "Acme"
    assert await workspace_name(any_database, "other") is None


async def test_malformed_workspace_is_refused(any_database: Database) -> None:
    for id in ["", "Acme", "-acme", "a" * 64, "a b", "acme\n", "$where"]:
        with pytest.raises(BadInputError, match="lower-case"):
            await ensure_workspace(any_database, id, name="Acme")
        assert await workspace_name(any_database, id) is None
