"""Changes of attributes as clients see them: what each was and became, by its type."""

from typing import Any, TypedDict

from resolvers.attributes import VALUE_KEYS, type_of
from resolvers.entries import ChangeKind, EntryDoc, ShownChange, listed


class AttributeEditDoc(TypedDict):
    """Change of one attribute; a value is under the key of its type, and None when there is none, or it is masked."""

    name: str
    kind: ChangeKind
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    masked: bool


def edits_of(entry: EntryDoc) -> list[AttributeEditDoc]:
    return [edit_of(change) for change in entry["changes"]]


def edit_of(change: ShownChange) -> AttributeEditDoc:
    return {
        "name": name_in(change),
        "kind": change["kind"],
        "before": typed(change["before"]),
        "after": typed(change["after"]),
        "masked": change["masked"],
    }


def name_in(change: ShownChange) -> str:
    return change["field"].partition(".")[2]


def typed(item: Any) -> dict[str, Any] | None:
    """Return the value of an attribute as the journal has it, under the key of its type."""
    value = item and item["value"]
    return None if value is None else {VALUE_KEYS[type_of(value)]: value}


def change_title(entry: EntryDoc) -> str:
    return f"Changed {listed([name_in(change) for change in entry['changes']])}"
