"""Customers of the data sets as they become, without a store."""

from datetime import UTC, datetime
from typing import Any

from gateway.datasets.dataset import Customer, DataSet
from storage.store.workspace import Workspace
from storage.write.edits import blank_profile
from storage.write.stored_events import StoredEvents
from storage.write.working_copy import Edit

NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


def an_edit(created_at: datetime) -> Edit:
    """Return an edit of a new profile that is never written."""
    workspace = Workspace(None, "demo")  # type: ignore[arg-type]
    return Edit(workspace, None, blank_profile(workspace, b"", created_at), NOW, StoredEvents(workspace, None))


def filled(dataset: DataSet[Any], customer: Customer[Any], *, anchor: datetime = NOW) -> Edit:
    """Return one edit that does what all turns of a customer do, unwritten."""
    working = an_edit(dataset.created_at(customer, anchor))
    for turn in dataset.turns(customer, anchor):
        turn.change(working)
    return working


def beside(working: Edit, type_: str) -> list[Any]:
    """Return the documents of a type that an edit puts beside the profile."""
    return [after for noun, _, after in working.beside if noun.type == type_]
