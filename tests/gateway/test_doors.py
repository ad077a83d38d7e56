"""Forbidden characters, long texts and long lists, at every way in: told by code and place, and nothing is written."""

import asyncio
import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from gateway.cli.imports import app as import_app
from gateway.cli.keys import app as key_app
from gateway.settings import Settings
from resolvers.ingestion.incoming import KEYS, PERSON_KEYS
from storage.attribute_definitions import NewDefinition, ensure_definitions
from storage.attributes import AttributeType
from storage.credentials import Scope
from storage.setup import prepare_workspace
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.factories import CREATED
from tests.support.graph import MUTATIONS
from tests.support.ingesting import lines, opened
from tests.support.mutating import mutate, traces
from tests.support.mutation_inputs import INPUTS, SHOPPED, changed, filled, with_widget
from tests.support.text_rules import IDENTIFIER, LINE, MOST, NAME, OF_PROFILE, RULES, TEXT, Rule, lists, texts
from tests.support.world import Ids, populate

pytestmark = pytest.mark.timeout(120)
HARMLESS = "\u00ad\U0001f600"
Told = list[tuple[str, list[str], str]]


@pytest.fixture
async def ids(ask: Ask) -> Ids:
    return await populate(ask)


async def told(ask: Ask, mutation: str, arguments: Mapping[str, Any]) -> Told:
    selecting = "results { code field message }" if mutation == "eventsCreate" else ""
    answer = await mutate(ask, mutation, arguments, selecting=selecting)
    results = [result for result in answer.get("results", ()) if result["code"]]
    return [(error["code"], error["field"], error["message"]) for error in (*answer["userErrors"], *results)]


def with_text(mutation: str, ids: Ids, path: str, text: str) -> dict[str, Any]:
    """Return arguments that have the text at a path; that of JSON is a key there."""
    arguments = dict(with_widget(filled(mutation, ids), path))
    if mutation == "profileAttributesSet" and path.endswith(".items.0"):
        arguments["input"] = {"attributes": [{"name": "sizes", "value": {"items": [None]}}]}
    if path.endswith("params"):
        return changed(arguments, path, {text: 1})
    return changed(arguments, path, text)


def is_read_elsewhere(mutation: str, path: str) -> bool:
    """Return whether the code that reads a text is the same in another mutation, which gets every odd text there is."""
    of_profile = path in OF_PROFILE or (path == "id" and mutation.startswith("profile"))
    return of_profile and mutation not in ("noteCreate", "profileUpdate")


def field_of(path: str) -> list[str]:
    """Return the path that an error names: a value is a value, whether it is a text or another scalar."""
    return [step for step in path.split(".") if step != "string"]


def says(character: str, position: int) -> str:
    return f"The character U+{ord(character):04X} at position {position} is not allowed here."


def test_every_text_and_every_list_has_its_rule() -> None:
    assert set(RULES) == set(MUTATIONS)
    assert set(INPUTS) == {name for name, mutation in MUTATIONS.items() if "input" in mutation.args}
    for mutation in MUTATIONS:
        assert set(RULES[mutation]) == texts(mutation), mutation
        assert set(MOST.get(mutation, ())) == lists(mutation), mutation


@pytest.mark.parametrize("mutation", RULES)
async def test_texts_of_mutations(workspace: Workspace, ask: Ask, ids: Ids, mutation: str) -> None:  # R15-R17
    before = await traces(workspace)
    for path, rule in RULES[mutation].items():
        field = field_of(path)
        most = 1 if is_read_elsewhere(mutation, path) else None

        async def sent(text: str, path: str = path) -> Told:
            return await told(ask, mutation, with_text(mutation, ids, path, text))

        for character in rule.forbidden[:most]:
            assert await sent(f"ab{character}c") == [("FORBIDDEN_CHARACTER", field, says(character, 2))]
        if rule.longest:
            errors = await sent("x" * (rule.longest + 1))
            assert [error[:2] for error in errors] == [("TOO_LONG", field)]
            assert str(rule.longest) in errors[0][2]
        if rule.otherwise:
            for text in ("a\nb", "\0", *HARMLESS, "x" * 10_000, "")[:most]:
                assert [error[:2] for error in await sent(text)] == [(rule.otherwise, field)]
        elif not set(HARMLESS) & set(rule.forbidden):
            arguments = with_text(mutation, ids, path, f"a{HARMLESS}b")
            assert await told(ask, mutation, changed(arguments, "options.dryRun", True)) == []
    assert await traces(workspace) == before


@pytest.mark.parametrize("mutation", MOST)
async def test_lists_of_mutations(workspace: Workspace, ask: Ask, ids: Ids, mutation: str) -> None:
    before = await traces(workspace)
    for path, most in MOST[mutation].items():
        arguments = filled(mutation, ids)
        input, name = arguments["input"], path.rpartition(".")[2]
        if name == "items" and mutation.startswith("aggregate"):
            arguments = changed(arguments, path, ["x"] * (most + 1))
        elif path.startswith("input.figures.0."):
            item = SHOPPED["filters"][0] if name == "filters" else "x"
            arguments = changed(arguments, path, [item] * (most + 1))
        elif path.startswith("input.widgets.0"):
            filled_in = with_widget(arguments, path)
            item = SHOPPED["filters"][0] if name == "filters" else "x"
            arguments = changed(filled_in, path, [item] * (most + 1))
        elif name == "items":
            input["attributes"] = [{"name": "sizes", "value": {"items": ["x"] * (most + 1)}}]
        else:
            input[name] = input[name] * (most + 1)
        (error,) = await told(ask, mutation, arguments)
        assert error[:2] == ("TOO_MANY", field_of(path))
        assert {str(most), str(most + 1)} <= set(error[2].replace(",", "").split())
    assert await traces(workspace) == before


async def test_identifiers_of_each_kind(workspace: Workspace, ask: Ask, ids: Ids) -> None:  # R15, R17
    before = await traces(workspace)
    for name, start in (("email", "b"), ("phone", "+4"), ("customId", "C")):
        for character in IDENTIFIER.forbidden:
            for text in (f"{start}{character}", f"{start}{character}@example.com"):
                (error,) = await told(ask, "profileUpdate", {"id": ids["profile"], "input": {name: text}})
                assert error == ("FORBIDDEN_CHARACTER", ["input", name], says(character, len(start)))
    assert await traces(workspace) == before


SENT_TEXTS: dict[str, Rule] = {
    name.removeprefix("input.events.0."): rule
    for name, rule in RULES["eventsCreate"].items()
    if name.startswith("input.events")
}
OTHER_KEYS = {"occurredAt", "direction", "person"}


async def test_texts_of_ingested_events(settings: Settings) -> None:  # R15-R17
    keys = {*KEYS, *(f"person.{key}" for key in PERSON_KEYS)}
    assert keys - OTHER_KEYS == set(SENT_TEXTS)
    event = INPUTS["eventsCreate"]["events"][0]
    bad: list[Any] = []
    expected: list[tuple[str, list[str], str | None]] = []
    for path, rule in SENT_TEXTS.items():
        for character in rule.forbidden:
            text = f"ab{character}c"
            bad.append(changed(event, path, {text: 1} if path == "params" else text))
            expected.append(("FORBIDDEN_CHARACTER", path.split("."), says(character, 2)))
        if rule.longest:
            text = "x" * (rule.longest + 1)
            bad.append(changed(event, path, {text: 1} if path == "params" else text))
            expected.append(("TOO_LONG", path.split("."), None))
        if rule.otherwise:
            bad += [changed(event, path, "a\nb")]
            expected.append((rule.otherwise, path.split("."), None))
    bad += [{**event, "params": {str(number): 0 for number in range(101)}}, {**event, "params": {"a": "x" * 32_768}}]
    expected += [("TOO_MANY", ["params"], None), ("TOO_LONG", ["params"], None)]
    async with opened(settings, Scope.EVENTS_WRITE) as door:
        before = await traces(door.workspace)
        results, last = await door.send(lines(*bad))
        assert [(result["code"], result["field"]) for result in results] == [error[:2] for error in expected]
        assert [result["message"] for result, (_, _, message) in zip(results, expected, strict=True) if message] == [
            message for _, _, message in expected if message
        ]
        assert last["rejected"] == len(bad)
        assert await traces(door.workspace) == before


IMPORTED: dict[str, Rule] = {
    **dict.fromkeys(("customId", "email", "phone", "uuid"), IDENTIFIER),
    "description": TEXT,
    "firstName": LINE,
    "words": LINE,
    "tags": NAME,
}


@pytest.mark.parametrize("suffix", ["csv", "ndjson"])
async def test_texts_of_imports(settings: Settings, database: Database, tmp_path: Path, suffix: str) -> None:  # R17
    demo = await prepare_workspace(database, settings.workspace, name="Demo")
    words: NewDefinition = {"name": "words", "displayName": "Words", "type": AttributeType.ARRAY}
    await ensure_definitions(demo, [words], now=CREATED)
    before = await traces(demo)
    rows: list[dict[str, str]] = []
    expected: list[tuple[str, list[str], str | None]] = []
    for name, rule in IMPORTED.items():
        field = [name, "0"] if name in ("tags", "words") else [name]
        whose = {} if rule is IDENTIFIER else {"customId": "C-1"}
        for character in rule.forbidden:
            rows.append({**whose, name: f"ab{character}c"})
            expected.append(("FORBIDDEN_CHARACTER", field, says(character, 2)))
        rows.append({**whose, name: "x" * ((rule.longest or 0) + 1)})
        expected.append(("TOO_LONG", field, None))
    rows.append({"customId": "C-1", "tags": ";".join(f"t{number}" for number in range(201))})
    expected.append(("TOO_MANY", ["tags"], None))
    odd = f"na{NAME.forbidden[2]}me"
    rows.append({"customId": "C-1", odd: "x"})
    expected.append(("FORBIDDEN_CHARACTER", [odd], says("\n", 2)))

    file = tmp_path / f"people.{suffix}"
    file.write_bytes(as_csv(rows) if suffix == "csv" else lines(*rows))
    result = await asyncio.to_thread(CliRunner().invoke, import_app, ("profiles", str(file)), env=environment(settings))
    assert result.exit_code == 0, result.output
    report = (tmp_path / f"people.{suffix}.report.ndjson").read_bytes().splitlines()
    errors = [error for line in report for error in json.loads(line)["errors"]]
    assert [(error["code"], error["field"]) for error in errors] == [error[:2] for error in expected]
    assert [error["message"] for error, (_, _, message) in zip(errors, expected, strict=True) if message] == [
        message for _, _, message in expected if message
    ]
    assert await traces(demo) == before


def as_csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    columns = dict.fromkeys(key for row in rows for key in row)
    writer = csv.DictWriter(text, list(columns), quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def environment(settings: Settings) -> dict[str, str]:
    assert settings.mongodb_uri is not None
    return {
        "GATEWAY_MONGODB_URI": settings.mongodb_uri.get_secret_value(),
        "GATEWAY_MONGODB_DATABASE": settings.mongodb_database,
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((f"ab{character}c", says(character, 2)) for character in (*"\r\n\u2028\u2029", "\udcff")),
        ("x" * 201, "at most 200 are allowed"),
        (" ", "must not be blank"),
    ],
)
async def test_names_of_keys(settings: Settings, database: Database, name: str, expected: str) -> None:
    await prepare_workspace(database, settings.workspace, name="Demo")
    arguments = ("create", "--name", name)
    result = await asyncio.to_thread(CliRunner().invoke, key_app, arguments, env=environment(settings))
    assert result.exit_code == 2
    assert expected in " ".join(result.output.replace("│", " ").split())
    assert await database.find("api_keys", {}) == []


async def test_tokens_of_confirmation_links(settings: Settings) -> None:
    signed = settings.model_copy(update={"signing_secret": SecretStr("a secret of the tests")})
    async with opened(signed) as door:
        for token in ("%0A", "a%E2%80%A8b", "%C2%AD", "%F0%9F%98%80", "%00", "%FF%FE", "x" * 8_000, "..", "W10.a.b"):
            for method in ("GET", "HEAD", "POST"):
                response = await door.client.request(method, f"/confirm/{token}")
                assert response.status_code == 404, (method, token)
