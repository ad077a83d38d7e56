r"""A plugin of pytest that writes sent.json: the operations that tests put together while they run.

.venv/bin/pytest -n auto -p tests.support.compiler.recording \
    --ignore tests/compiler --ignore tests/gateway/execution/test_limits.py \
    --deselect tests/gateway/execution/test_documents.py::test_documents_that_are_never_seen_again_hold_memory_flat

The first that is left out would record itself; documents of the second are refused, and not executed; the third has ten
thousand that are much the same.
"""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from graphql import GraphQLSchema, parse, print_ast, validate
from graphql.language.parser import Parser

from tests.support.compiler.documents import MADE_MEANWHILE, known, parsed_or_none, texts
from tests.support.compiler.schemas import schemas
from tests.support.graph import GRAPH

LONGEST = 4_000  # characters; longer ones are about their length
LIBRARIES = "query IntrospectionQuery"  # which clients' libraries send, and every tool
seen: set[str] = set()
parse_document = Parser.parse_document


def noting(self: Parser) -> Any:
    seen.add(self._lexer.source.body)
    return parse_document(self)


def pytest_configure() -> None:
    Parser.parse_document = noting  # type: ignore[method-assign]  # everything that parses comes by here


def pytest_sessionfinish(session: pytest.Session) -> None:
    Parser.parse_document = parse_document  # type: ignore[method-assign]  # as it was
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["sent"] = sorted(seen)
    else:
        MADE_MEANWHILE.write_text(json.dumps(missing(seen), indent=1, ensure_ascii=False) + "\n")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a worker has seen."""
    seen.update(getattr(node, "workeroutput", {}).get("sent", ()))


def missing(sent: Iterable[str]) -> list[str]:
    """Return one text of each operation that is in no file and valid for one of the schemas."""
    graphs = [GRAPH, *(schema._schema for _, schema in schemas() if schema is not None)]
    written = {print_ast(parsed) for each in texts() for text in each if (parsed := parsed_or_none(text)) is not None}
    found: dict[str, str] = {}
    for text in sorted(sent):
        parsed = parsed_or_none(text) if len(text) <= LONGEST and LIBRARIES not in text else None
        if parsed is not None and print_ast(parsed) not in written and any(is_valid(graph, text) for graph in graphs):
            found.setdefault(print_ast(parsed), text)
    return list(found.values())


def is_valid(graph: GraphQLSchema, text: str) -> bool:
    return bool(known(graph, text)) and not validate(graph, parse(text))
