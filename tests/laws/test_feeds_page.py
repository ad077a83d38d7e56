"""The guide's page on feeds names what there is: documents that fit the schema, codes and settings as they are."""

import re
from pathlib import Path

from graphql import parse, validate

from gateway.settings import Settings
from gateway.transports.websocket import messages
from schema import schema
from storage.store.errors import ErrorCode
from tests.laws.test_docs import default, rows

PAGE = (Path(__file__).parents[2] / "docs" / "feeds.md").read_text()
LOST = {1006, 1011}  # what a client says of a socket that nobody closed, and what the server says of one that is dead
AGAIN = {"UNAUTHENTICATED", "UNAVAILABLE", "LIMIT_EXCEEDED", "SLOW_CONSUMER", "BAD_USER_INPUT", "INTERNAL"}


def test_its_documents_fit_the_schema() -> None:
    documents = re.findall(r"^```graphql\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    documents += re.findall(r"(?:`|\"\"\")((?:query|subscription) .*?)(?:`|\"\"\")", PAGE, re.DOTALL)
    assert len(documents) == 7
    for document in documents:
        assert validate(schema._schema, parse(document)) == [], document


def test_each_close_code_is_there() -> None:
    codes = {
        value for name, value in vars(messages).items() if name.isupper() and isinstance(value, int) and value >= 1000
    }
    listed = [int(code) for code in re.findall(r"^\| (\d{4})\b", PAGE, re.MULTILINE)]
    assert listed == sorted(codes | LOST)


def test_each_code_of_an_error_is_one() -> None:
    listed = rows(PAGE, "[A-Z_]+")
    codes = [code for code in listed if not code.startswith("GATEWAY_")]
    assert set(codes) <= set(ErrorCode)
    assert set(codes) >= AGAIN


def test_its_settings_and_their_defaults_are_those() -> None:
    listed = re.findall(r"^\| `GATEWAY_([A-Z_]+)` \| (\d+) \|", PAGE, re.MULTILINE)
    assert listed
    for name, value in listed:
        assert default(Settings.model_fields[name.lower()]) == f"`{value}`"
