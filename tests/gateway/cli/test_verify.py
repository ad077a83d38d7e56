"""`profile-gateway verify` as an operator types it, against a real store."""

import asyncio
import json

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.verify import app
from gateway.errors import OperatorError
from gateway.settings import Settings
from storage.setup import prepare_workspace
from storage.store.ids import to_public
from storage.store.mongo import Database
from tests.support.factories import a_profile


async def verify(settings: Settings, *arguments: str) -> Result:
    assert settings.mongodb_uri is not None
    environment = {
        "GATEWAY_MONGODB_URI": settings.mongodb_uri.get_secret_value(),
        "GATEWAY_MONGODB_DATABASE": settings.mongodb_database,
    }
    return await asyncio.to_thread(CliRunner().invoke, app, arguments, env=environment)


async def test_findings_are_lines_and_an_exit_code(settings: Settings, database: Database) -> None:
    one = await prepare_workspace(database, "one", name="One")
    two = await prepare_workspace(database, "two", name="Two")
    profile = await a_profile(one, email="anna@example.com", events=2)
    await a_profile(two)
    id = to_public("prf", profile["_id"])
    result = await verify(settings)
    assert (result.exit_code, result.stdout) == (0, "2 profiles verified, 0 with findings.\n")

    await database.update("profiles", {"_id": profile["_id"]}, {"$set": {"eventCount": 7, "version": 5}})
    result = await verify(settings, "--workspace", "one")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"one {id} VERSION: The version is 5, and the journal has 1 edits.",
        f"one {id} EVENTS: eventCount does not follow from the rest.",
        "1 profiles verified, 1 with findings.",
    ]
    assert (await verify(settings, "--workspace", "two")).exit_code == 0

    result = await verify(settings, "--repair", "--json")
    assert result.exit_code == 1
    (verdict,) = json.loads(result.stdout)["verdicts"]
    assert (verdict["workspace"], verdict["profile"], verdict["repaired"]) == ("one", id, ["eventCount"])
    assert [finding["check"] for finding in verdict["findings"]] == ["VERSION"]

    await database.update("profiles", {"_id": profile["_id"]}, {"$set": {"recognized": False, "version": 1}})
    result = await verify(settings, "--repair")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"one {id} REPAIRED: recognized.",
        "2 profiles verified, 0 with findings. 1 repaired.",
    ]
    assert json.loads((await verify(settings, "--json")).stdout) == {"profiles": 2, "verdicts": []}


@pytest.mark.usefixtures("database")
async def test_an_unknown_workspace_is_told(settings: Settings) -> None:
    result = await verify(settings, "--workspace", "nowhere")
    assert isinstance(result.exception, OperatorError)
    assert str(result.exception) == "There is no workspace 'nowhere'."
