"""`profile-gateway import profiles` as an operator types it, against a real store."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.imports import app
from gateway.errors import OperatorError
from gateway.settings import Settings
from resolvers.verification import verify
from storage.attribute_definitions import ensure_definitions
from storage.attributes import AttributeType
from storage.setup import prepare_workspace
from storage.sources import ChangeSource
from storage.store.errors import BadInputError
from storage.store.ids import to_public
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from storage.write.derived import attribute_value
from storage.write.working_copy import Edit
from tests.support.factories import CREATED, a_profile

PEOPLE = """\ufeffmail,custom_identify,firstName,Loyalty points,vip,birthDate,colours,tags
Anna@Example.com,C-1,Anna,12.5,true,1990-05-01,red;blue,gold; early
,C-2,,,,,,
bob@example.com,,"Bob
Jr.",7,FALSE,2026-01-01T12:00:00+01:00,,early
"""
MAPPED = ("--map", "mail=email", "--map", "Loyalty points=points")
DEFINED = {
    "points": AttributeType.NUMBER,
    "vip": AttributeType.BOOLEAN,
    "colours": AttributeType.ARRAY,
    "group:_mbr_1": AttributeType.STRING,
}


@pytest.fixture
async def demo(database: Database) -> Workspace:
    workspace = await prepare_workspace(database, "demo", name="Demo")
    for name, kind in DEFINED.items():
        await ensure_definitions(workspace, [{"name": name, "displayName": name, "type": kind}], now=CREATED)
    return workspace


async def run(settings: Settings, file: Path, *arguments: str) -> Result:
    assert settings.mongodb_uri is not None
    environment = {
        "GATEWAY_MONGODB_URI": settings.mongodb_uri.get_secret_value(),
        "GATEWAY_MONGODB_DATABASE": settings.mongodb_database,
    }
    arguments = ("profiles", str(file), *arguments)
    return await asyncio.to_thread(CliRunner().invoke, app, arguments, env=environment)


def reported(file: Path) -> list[dict[str, Any]]:
    report = file.with_name(f"{file.name}.report.ndjson")
    return [json.loads(line) for line in report.read_text().splitlines()]


async def stored(demo: Workspace) -> list[Any]:
    return [await demo.find(name, {}, sort=[("_id", 1)]) for name in ("profiles", "journal", "identifiers", "tags")]


async def test_rows_become_profiles_once(settings: Settings, demo: Workspace, tmp_path: Path) -> None:  # R14
    known = await a_profile(demo, change=lambda edit: edit.set("customId", "C-1"))
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    result = await run(settings, file, *MAPPED)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("2 created, 1 updated, 0 unchanged, 0 skipped.")
    lines = [(row["line"], row["result"]) for row in reported(file)]
    assert lines == [(2, "UPDATED"), (3, "CREATED"), (5, "CREATED")]
    assert reported(file)[0]["profile"] == to_public("prf", known["_id"])

    anna = await demo.find_one("profiles", {"_id": known["_id"]})
    values = {name: attribute_value(anna, name) for name in ("firstName", "points", "vip", "birthDate", "colours")}
    assert values == {
        "firstName": "Anna",
        "points": 12.5,
        "vip": True,
        "birthDate": datetime(1990, 5, 1, tzinfo=UTC),
        "colours": ["red", "blue"],
    }
    assert {attribute["source"] for attribute in anna["attributes"]} == {"IMPORT"}
    assert anna["identities"]["email"] == "anna@example.com"
    assert [(tag["name"], tag["source"]) for tag in anna["tags"]] == [("gold", "IMPORT"), ("early", "IMPORT")]
    bob = await demo.find_one("profiles", {"displayName": "Bob\nJr."})
    assert attribute_value(bob, "vip") is False
    assert attribute_value(bob, "birthDate") == datetime(2026, 1, 1, 11, tzinfo=UTC)
    told = await demo.find("journal", {"actor.id": "import"})
    assert {(entry["actor"]["kind"], entry["source"]) for entry in told} == {("GATEWAY", "IMPORT")}
    assert [tag["name"] for tag in await demo.find("tags", {}, sort=[("name", 1)])] == ["early", "gold"]

    before = await stored(demo)
    again = await run(settings, file, *MAPPED)
    assert again.stdout.startswith("0 created, 0 updated, 3 unchanged, 0 skipped.")
    assert await stored(demo) == before
    assert (await verify(demo.database)).verdicts == []


async def test_an_import_that_was_stopped_goes_on(settings: Settings, demo: Workspace, tmp_path: Path) -> None:
    rows = [f"person-{number},Name {number},u-{number}" for number in range(6)]
    file = tmp_path / "people.csv"
    file.write_text("\n".join(["customId,firstName,uuid", *rows[:3]]))
    await run(settings, file)
    file.write_text("\n".join(["customId,firstName,uuid", *rows]))
    result = await run(settings, file)
    assert result.stdout.startswith("3 created, 0 updated, 3 unchanged, 0 skipped.")
    assert len(await demo.find("profiles", {})) == 6


async def test_what_is_wrong_is_told_and_leaves_nothing(  # R15, R16, R17, R34, X11
    settings: Settings, demo: Workspace, tmp_path: Path
) -> None:
    def held(edit: Edit) -> None:
        edit.set("customId", "held")
        edit.add_tag("robot", source=ChangeSource.SYSTEM)

    profile = await a_profile(demo, email="held@example.com", change=held)
    rows: list[Any] = [
        {"customId": "C\u00ad1", "points": "many"},
        {"customId": "ok", "points": "many", "vip": 1, "na\nme": "x", "nowhere": "x", "tags": "a;" + "t" * 201},
        {"firstName": "Nobody"},
        {"email": "no address"},
        {"customId": 7},
        {"email": "held@example.com", "customId": "other"},
        {"customId": "held", "tags": ["robot"]},
        {"customId": "held", "tags": ["new", 7], "colours": ["red", ["blue"]]},
        {"customId": "held", "group:_mbr_1": "in", "firstName": "Ann"},
        {"customId": "held", "group:_mbr_1": None},
        ["no object"],
    ]
    file = tmp_path / "people.ndjson"
    file.write_text("\n".join([*(json.dumps(row) for row in rows), "{"]))
    result = await run(settings, file)
    assert result.exit_code == 0, result.output
    told = [(row["result"], [(error["code"], error["field"]) for error in row["errors"]]) for row in reported(file)]
    assert told == [
        ("SKIPPED", [("FORBIDDEN_CHARACTER", ["customId"])]),
        (
            "SKIPPED",
            [
                ("WRONG_TYPE", ["points"]),
                ("WRONG_TYPE", ["vip"]),
                ("FORBIDDEN_CHARACTER", ["na\nme"]),
                ("NOT_FOUND", ["nowhere"]),
                ("TOO_LONG", ["tags", "1"]),
            ],
        ),
        ("SKIPPED", [("BLANK", [])]),
        ("SKIPPED", [("INVALID_VALUE", ["email"])]),
        ("SKIPPED", [("WRONG_TYPE", ["customId"])]),
        ("SKIPPED", [("TAKEN", ["customId"])]),
        ("SKIPPED", [("READ_ONLY", ["tags", "0"])]),
        ("SKIPPED", [("WRONG_TYPE", ["colours", "1"]), ("WRONG_TYPE", ["tags", "1"])]),
        ("UPDATED", [("READ_ONLY", ["group:_mbr_1"])]),
        ("UNCHANGED", []),
        ("SKIPPED", [("INVALID_VALUE", [])]),
        ("SKIPPED", [("INVALID_VALUE", [])]),
    ]
    assert "U+00AD at position 1" in reported(file)[0]["errors"][0]["message"]
    (only,) = await demo.find("profiles", {})
    assert only["_id"] == profile["_id"]
    assert [attribute["name"] for attribute in only["attributes"]] == ["firstName"]
    assert await demo.find("tags", {}) == []


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (b"", BadInputError, "must name the columns"),
        (b"email,email\n", BadInputError, "each once"),
        (b'email\n"a\n', BadInputError, "not CSV"),
        (b"email\n\xff\n", OperatorError, "Line 2 is not UTF-8"),
    ],
)
@pytest.mark.usefixtures("demo")
async def test_a_file_that_cannot_be_read_is_told(
    settings: Settings, tmp_path: Path, content: bytes, kind: type[Exception], says: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(content)
    result = await run(settings, file)
    assert isinstance(result.exception, kind)
    assert says in str(result.exception)
