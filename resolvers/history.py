"""The history of one field of a profile."""

from datetime import datetime
from typing import Any, TypedDict

from loaders import HistoryQuery
from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.timeline import EntryDoc, shown_entry
from storage.parts import SINGLE
from storage.past.history import NAMED, is_field
from storage.profiles import ProfileDoc
from storage.store.errors import BadInputError
from storage.store.pages import PageRequest


class FieldChangeDoc(TypedDict):
    """A change of one field, and the entry of the journal that it is part of."""

    at: datetime
    actor: str
    user: str | None
    source: str
    before: Any
    after: Any
    entry: EntryDoc


async def history_of(context: Context, profile: ProfileDoc, page: PageRequest, *, field: str) -> ConnectionDoc:
    """Return one page of the changes of a field, newest first (X3)."""
    if not is_field(field):
        raise BadInputError(
            f"A field is one of {', '.join(SINGLE)}, or begins with one of {', '.join(NAMED)}, as in attributes.city.",
            argument="field",
        )
    entries = await context.loaders.history.load((profile["_id"], HistoryQuery(page, field)))
    return connection(
        entries, items=[field_change(shown_entry(context, dict(entry)), field) for entry in entries.items]
    )


def field_change(entry: dict[str, Any], field: str) -> FieldChangeDoc:
    change = next(change for change in entry["changes"] if change["field"] == field)
    return {
        "at": entry["occurredAt"],
        "actor": entry["actor"],
        "user": entry["user"],
        "source": entry["source"],
        "before": change["before"],
        "after": change["after"],
        "entry": entry,  # type: ignore[typeddict-item]  # as `shown_entry` made it
    }
