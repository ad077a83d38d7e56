"""Conditions on profiles as documents of the form in which clients give them, so that they can be told again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from storage.conditions import (
    AllOf,
    AnyOf,
    AttributeMatch,
    Comparison,
    Condition,
    CreatedMatch,
    LastActivityMatch,
    Not,
    RecognizedMatch,
    SearchMatch,
    TagMatch,
    TimeRange,
)
from storage.store.ids import whole_milliseconds
from storage.store.mongo import Document


def to_document(condition: Condition) -> Document:
    """Return a condition as it is stored."""
    return {condition.word: given(condition)}


def given(condition: Condition) -> Any:
    match condition:
        case AllOf(conditions) | AnyOf(conditions):
            return [to_document(each) for each in conditions]
        case Not(inner):
            return to_document(inner)
        case AttributeMatch(name, comparison, value):
            told = None if value is None else {kind_of(value): as_kept(value)}
            return {"name": name, "comparison": comparison.value, "value": told}
        case TagMatch(name):
            return {"name": name}
        case RecognizedMatch(value):
            return value
        case SearchMatch(prefix):
            return prefix
        case CreatedMatch(within) | LastActivityMatch(within):
            return {"from": as_kept(within.since), "to": as_kept(within.until)}
    raise TypeError(f"{type(condition).__name__} has no form as a document.")


def as_kept(value: Any) -> Any:
    return whole_milliseconds(value) if isinstance(value, datetime) else value


def kind_of(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case datetime():
            return "date"
        case _:
            return "string"


def from_document(document: Mapping[str, Any]) -> Condition:
    """Return a condition that was stored."""
    ((word, value),) = document.items()
    match word:
        case "all":
            return AllOf(tuple(map(from_document, value)))
        case "any":
            return AnyOf(tuple(map(from_document, value)))
        case "not":
            return Not(from_document(value))
        case "attribute":
            compared = next(iter(value["value"].values())) if value["value"] else None
            return AttributeMatch(value["name"], Comparison(value["comparison"]), compared)
        case "tag":
            return TagMatch(value["name"])
        case "recognized":
            return RecognizedMatch(value)
        case "search":
            return SearchMatch(value)
        case "created":
            return CreatedMatch(TimeRange(value["from"], value["to"]))
        case "lastActivity":
            return LastActivityMatch(TimeRange(value["from"], value["to"]))
    raise ValueError(f"There is no condition {word!r}.")
