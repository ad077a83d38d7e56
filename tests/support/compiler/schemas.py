"""The schemas that tests have of their own."""

import ast
from functools import cache
from importlib import import_module
from typing import Any

import strawberry

from tests.support.compiler.documents import ROOT, files

SCHEMAS = "Schema", "GatewaySchema"


@cache
def schemas() -> list[tuple[str, strawberry.Schema | None]]:
    """Return each with its place, `None` where it is made while a test runs."""
    found: list[tuple[str, strawberry.Schema | None]] = []
    for path in files("tests", "*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        text = path.read_text()
        tree = ast.parse(text if "Schema(" in text else "")
        names = [name for node in tree.body for name in names_of(node)]
        found += [(f"{module}.{name}", getattr(import_module(module), name)) for name in names]
        found += [(module, None)] * (sum(map(is_made, ast.walk(tree))) - len(names))
    return found


def names_of(node: ast.stmt) -> list[str]:
    """Return the names that a statement gives to a new schema."""
    if isinstance(node, ast.Assign) and is_made(node.value):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def is_made(node: Any) -> bool:
    """Return whether an expression makes a schema."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in SCHEMAS
    return False
