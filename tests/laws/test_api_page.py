"""The page for a client's developer: each of its examples is run, and gets the answer that it shows."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from graphql import parse, validate

from schema import schema
from storage.credentials import Scope
from tests.support.asking import Ask
from tests.support.world import populate

PATH = Path(__file__).parents[2] / "docs"
PAGE = (PATH / "api.md").read_text()
BLOCK = re.compile(r"^```(graphql|json [\w: ]+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
KINDS = {"prf_...": "profile", "nte_...": "note"}


class Example(NamedTuple):
    """An operation, and by their headings what stands below it."""

    operation: str
    parts: dict[str, Any]


def examples() -> Iterator[Example]:
    found: Example | None = None
    for heading, text in BLOCK.findall(PAGE):
        if heading == "graphql":
            if found:
                yield found
            found = Example(text, {})
        elif found:
            found.parts[heading.removeprefix("json ")] = json.loads(text)
    if found:
        yield found


OTHERS = [PATH / name for name in ("analyses.md", "conditions.md")]


def test_each_fits_the_schema() -> None:
    operations = [example.operation for example in examples()]
    for page in OTHERS:
        operations += [text for heading, text in BLOCK.findall(page.read_text()) if heading == "graphql"]
    assert len(operations) >= 11
    for operation in operations:
        assert validate(schema._schema, parse(operation)) == [], operation


async def test_each_gets_the_answer_that_it_shows(ask: Ask) -> None:
    ids = await populate(ask)
    run = 0
    for operation, parts in examples():
        variables = {
            name: ids[KINDS[value]] if isinstance(value, str) and value in KINDS else value
            for name, value in parts.get("variables", {}).items()
        }
        if "answer" in parts:
            data = await ask(operation, **variables)
            assert shown(data, parts["answer"]) == parts["answer"]
            run += 1
        if expected := parts.get("without personal:read"):
            scopes = frozenset(Scope) - {Scope.PERSONAL_READ}
            data, errors = await ask(operation, **variables, scopes=scopes, partial=True)
            told = [
                {"message": error.message, "path": error.path, "extensions": error.original_error.extensions}
                for error in errors
            ]
            assert {"data": data, "errors": told} == expected
            run += 1
    assert run >= 7


def shown(value: Any, example: Any) -> Any:
    """Return a value with what the example leaves out left out: it ends in dots there."""
    match example:
        case dict() if isinstance(value, dict):
            assert value.keys() == example.keys()
            return {name: shown(each, example[name]) for name, each in value.items()}
        case list() if isinstance(value, list) and len(value) == len(example):
            return [shown(each, other) for each, other in zip(value, example, strict=True)]
        case str() if example.endswith("..."):
            return example if str(value).startswith(example.removesuffix("...")) or example == "..." else value
        case _:
            return value
