"""Every operation of a schema that the tests and the documentation have in their texts."""

import ast
import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from graphql import (
    ArgumentNode,
    DefinitionNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    NameNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    get_named_type,
    parse,
    parse_value,
    print_ast,
    type_from_ast,
    validate,
)

from tests.support.compiler.operations import Pools, Writer, plain
from tests.support.graph import MUTATIONS
from tests.support.mutating import document

ALL = frozenset(OperationType)
OPTIONS = "WriteOptions"
DRY_RUN: Any = parse_value("{dryRun: true}")
DRY = ArgumentNode(name=NameNode(value="options"), value=DRY_RUN)
ROOT = Path(__file__).parents[3]
MADE_MEANWHILE = Path(__file__).parent / "sent.json"  # what tests put together while they run: see recording.py
ELSEWHERE = {".venv", "node_modules"}
QUOTED = re.compile(r"`([^`]*)`|'([^'\n]*)'|\"([^\"\n]*)\"")
FENCED = re.compile(r"```\w*\n(.*?)```|`([^`]*)`", re.DOTALL)
HOLES = "u-1", "", "__typename", '"u-1"', "id", "1"  # what may stand where a text is put together while running


def operations(
    schema: GraphQLSchema, kinds: Collection[OperationType] = ALL, is_valid: Callable[[str], bool] | None = None
) -> Iterator[tuple[str, OperationDefinitionNode]]:
    """Yield each operation of these kinds with its document, in which there may be others.

    `is_valid` is asked instead of graphql-core, by who validates the document anyhow.
    """
    seen: set[str] = set()
    for alternatives in all_texts():
        for text in alternatives:
            found = [] if text in seen else known(schema, text, kinds)
            seen.add(text)
            if found and (is_valid(text) if is_valid else not validate(schema, parse(text))):
                yield from ((text, operation) for operation in found)
                break


def known(schema: GraphQLSchema, text: str, kinds: Collection[OperationType] = ALL) -> list[OperationDefinitionNode]:
    """Return the operations of a text that begin with fields that the schema has."""
    parsed = parsed_or_none(text)
    if parsed is None or not is_known(schema, parsed):
        return []
    all_of_them = [each for each in parsed.definitions if isinstance(each, OperationDefinitionNode)]
    return [each for each in all_of_them if each.operation in kinds]


def is_known(schema: GraphQLSchema, parsed: DocumentNode) -> bool:
    """Return whether the schema has the fields that operations begin with: validating takes much longer to tell."""
    for each in parsed.definitions:
        if isinstance(each, OperationDefinitionNode):
            root = schema.get_root_type(each.operation)
            fields = [field.name.value for field in each.selection_set.selections if isinstance(field, FieldNode)]
            if root is None or not all(name in root.fields or name.startswith("__") for name in fields):
                return False
    return True


@cache
def all_texts() -> list[list[str]]:
    """Return every text in which there may be a document, in each way it may be put together."""
    sent = json.loads(MADE_MEANWHILE.read_text())
    found = [*texts(), *([document(name)] for name in MUTATIONS), *([text] for text in sent)]
    return [likely for each in found if (likely := [text for text in each if "{" in text])]


@cache
def parsed_or_none(text: str) -> DocumentNode | None:
    try:
        return parse(text)
    except GraphQLError:
        return None


def variables_of(
    schema: GraphQLSchema, operation: OperationDefinitionNode, pools: Pools, random: Random, *, wrong: float = 0
) -> dict[str, Any]:
    """Return values for all variables; the options of a mutation say to change nothing."""
    writer = Writer(schema, random, pools, wrong=wrong)
    variables = {}
    for each in operation.variable_definitions or ():
        type: Any = type_from_ast(schema, each.type)
        variables[each.variable.name.value] = value = plain(writer.value(type))
        if getattr(get_named_type(type), "name", "") == OPTIONS:
            variables[each.variable.name.value] = {**(value or {}), "dryRun": True}
    return variables


def dry(text: str) -> str:
    """Return a document whose mutations change nothing: what gives no options gets some that say so.

    Those that are a variable have it from `variables_of`.
    """
    parsed = parse(text)
    return print_ast(replace(parsed, definitions=tuple(map(dry_definition, parsed.definitions))))


def dry_definition(definition: DefinitionNode) -> DefinitionNode:
    if not isinstance(definition, OperationDefinitionNode) or definition.operation is not OperationType.MUTATION:
        return definition
    selected = definition.selection_set
    return replace(definition, selection_set=replace(selected, selections=tuple(map(dry_field, selected.selections))))


def dry_field(field: SelectionNode) -> SelectionNode:
    assert isinstance(field, FieldNode)
    arguments = field.arguments or ()
    return replace(
        field, arguments=(*(each for each in arguments if each.name.value != "options"), dry_options(arguments))
    )


def dry_options(arguments: Sequence[ArgumentNode]) -> ArgumentNode:
    """Return the options among arguments, which say that nothing is to be changed unless they are a variable."""
    for given in arguments:
        if given.name.value == "options":
            if isinstance(given.value, ObjectValueNode):
                others = (field for field in given.value.fields if field.name.value != "dryRun")
                return replace(given, value=replace(given.value, fields=(*others, *DRY_RUN.fields)))
            return given
    return DRY


def texts() -> Iterator[Sequence[str]]:
    """Yield every text that may be a document; one that is put together while running, in each way it may be."""
    for path in (*files("tests", "*.py"), *files("bench/harness", "*.py")):
        yield from python_texts(ast.parse(path.read_text()))
    for path in files("tests", "*.graphql"):
        yield [path.read_text()]
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
        match each:
            case ast.Constant(value=str(text)):
                yield [text]
            case ast.JoinedStr():
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
