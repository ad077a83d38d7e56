"""Laws of nouns: each is declared once, says what erasure does to it, and is named in few places."""

import ast
import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from schema import schema
from storage.declaration import Noun
from storage.journal import EntryKind
from storage.nouns import BESIDE, COLLECTIONS, NOUNS
from storage.parts import PARTS
from storage.store.collections import Collection, Erasure
from tests.support.graph import possible_types

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "adding-a-noun.md"
FOLDERS = ("storage", "loaders", "resolvers", "schema")


def test_each_is_told_from_the_others() -> None:
    for key in ("type", "prefix"):
        assert len({getattr(noun, key) for noun in NOUNS}) == len(NOUNS), key
    assert len({collection.name for collection in COLLECTIONS}) == len(COLLECTIONS)


def test_nouns_are_the_types_that_can_be_found_by_id() -> None:
    of_nouns = [name for noun in NOUNS for name in possible_types(noun.type)]
    assert sorted(of_nouns) == sorted(possible_types("Node"))


def test_every_kind_of_entry_is_of_a_noun_or_of_parts_of_the_profile() -> None:
    of_nouns = [noun.kind for noun in BESIDE.values()]
    of_parts = {part.kind for part in PARTS}
    assert {EntryKind.EVENT, *of_nouns, *of_parts} == set(EntryKind)
    assert len({EntryKind.EVENT, *of_nouns, *of_parts}) == 1 + len(of_nouns) + len(of_parts)


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda collection: collection.name)
def test_every_collection_says_what_erasure_does_to_it(collection: Collection) -> None:
    about_a_person = collection.name == "profiles" or "profile" in collection.required
    assert about_a_person == (collection.erasure in (Erasure.DELETED, Erasure.ANONYMIZED))
    page = (ROOT / "docs" / "architecture.md").read_text()
    assert re.search(rf"^\|.*`{collection.name}`.*\| `{collection.erasure}` \|$", page, re.MULTILINE)


def test_what_stands_beside_a_profile_is_found_by_it() -> None:
    for noun in BESIDE.values():
        assert noun.collection.required["profile"] == "binData"
        assert [*noun.collection.indexes[0].keys] == [("profile", 1), ("workspace", 1), ("_id", -1)]


def names_in(file: Path) -> Iterator[str]:
    """Yield what code names: modules, classes, functions, attributes and texts; not what is local or only said."""
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.ImportFrom(module=str(module), names=names):
                yield from [*module.split("."), *(alias.name for alias in names)]
            case ast.Attribute(attr=name) if name not in dir(asyncio):  # which has tasks of its own
                yield name
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Name(id=name) if name[:1].isupper():
                yield name
            case ast.Constant(value=str(name)):
                yield name


def words(noun: Noun) -> re.Pattern[str]:
    """Return what matches the names of a noun: `notes`, `note_add`, `NoteChange`, `NOTE`."""
    plural, singular = noun.collection.name, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", noun.type).lower()
    snake = rf"{plural}|{singular}_\w+|[a-z]\w*_(?:{plural}|{singular})"
    camel = rf"(?:\w*[a-z])?{noun.type}s?(?:[A-Z]\w*)?"
    return re.compile(f"{snake}|{camel}|{noun.kind}")


@pytest.mark.parametrize("noun", BESIDE.values(), ids=BESIDE)
def test_a_noun_is_named_where_the_page_says_and_nowhere_else(noun: Noun) -> None:
    table = PAGE.read_text().split("The tests ask for the rest")[0]
    singular = noun.collection.name.removesuffix("s")
    pages = re.findall(r"^\| `([\w/.]+)` \|", table, re.MULTILINE)
    allowed = {re.sub(r"calls?", lambda m: m[0].replace("call", singular), place) for place in pages}
    if noun.collection.name in schema._schema.query_type.fields:  # the page says so below its table
        allowed.add("schema/query.py")
    pattern = words(noun)
    found = {
        str(file.relative_to(ROOT))
        for folder in FOLDERS
        for file in (ROOT / folder).rglob("*.py")
        if any(pattern.fullmatch(name) for name in names_in(file))
    }
    assert found == allowed
