"""Every operation of our schema that the tests and the documentation have in their texts."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, parse, validate

from tests.inputs import mutations
from tests.mutating import document

ROOT = Path(__file__).parents[2]
ELSEWHERE = {".venv", "node_modules"}
QUOTED = re.compile(r"`([^`]*)`|'([^'\n]*)'|\"([^\"\n]*)\"")
FENCED = re.compile(r"```\w*\n(.*?)```|`([^`]*)`", re.DOTALL)
HOLES = "u-1", "", "__typename", '"u-1"', "id", "1"  # what may stand where a text is put together while running


def operations(schema: GraphQLSchema) -> Iterator[tuple[str, OperationDefinitionNode]]:
    """Yield each operation with its document, in which there may be others."""
    seen: set[str] = set()
    for alternatives in [*texts(), *([document(name)] for name in mutations())]:
        for text in alternatives:
            found = [] if text in seen or "{" not in text else valid(schema, text)
            seen.add(text)
            yield from ((text, operation) for operation in found)
            if found:
                break


def valid(schema: GraphQLSchema, text: str) -> list[OperationDefinitionNode]:
    try:
        parsed = parse(text)
    except GraphQLError:
        return []
    found = [each for each in parsed.definitions if isinstance(each, OperationDefinitionNode)]
    return found if found and not validate(schema, parsed) else []


def texts() -> Iterator[Sequence[str]]:
    """Yield every text that may be a document; one that is put together while running, in each way it may be."""
    for path in files("tests", "*.py"):
        yield from python_texts(ast.parse(path.read_text()))
    for path in files("tests", "*.mjs"):
        yield from matches(QUOTED, path)
    for path in (ROOT / "README.md", *files("docs", "*.md")):
        yield from matches(FENCED, path)


def files(folder: str, name: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob(name) if not ELSEWHERE.intersection(path.parts))


def matches(pattern: re.Pattern[str], path: Path) -> Iterator[Sequence[str]]:
    return ([each for each in found if each] for found in pattern.findall(path.read_text()))


def python_texts(module: ast.Module) -> Iterator[Sequence[str]]:
    names: dict[str, str] = {}
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = joined(node.value, names, "")
            if value is not None:
                names[node.targets[0].id] = value
    for each in ast.walk(module):
        if isinstance(each, ast.Constant | ast.JoinedStr):
            yield [joined(each, names, hole) or "" for hole in HOLES]


def joined(node: Any, names: dict[str, str], hole: str) -> str | None:
    """Return the text of an expression, with names of the module filled in and the hole for what is not known."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return names.get(name)
        case ast.JoinedStr(values=values):
            return "".join(joined(each, names, hole) or "" for each in values)
        case ast.FormattedValue(value=value):
            return joined(value, names, hole) or hole
    return None
