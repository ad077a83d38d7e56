"""What a data set is to the loader: customers with their rows, and how one of them becomes a profile."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from storage.actors import Actor
from storage.aggregates import NewAggregate
from storage.store.errors import GatewayError
from storage.store.ids import time_id
from storage.store.workspace import Workspace
from storage.write.working_copy import Edit

RowT = TypeVar("RowT")


class DataSetError(GatewayError):
    """A data set cannot be loaded; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Customer(Generic[RowT]):
    """One person of a data set: the id there, and at least one row, in order of time."""

    id: str
    rows: Sequence[RowT]


class Turn(NamedTuple):
    """One of the edits that make a profile, and who made it; the change may be called again with another copy."""

    actor: Actor
    change: Callable[[Edit], None]


@dataclass(frozen=True, slots=True)
class DataSet(Generic[RowT]):
    """A data set of known size. Its times are relative to an anchor, which stays the same from the first load on.

    `turns` are the edits that make the same profile of a customer in every run, but for the workspace that it names;
    `figures` are defined in a workspace that it is loaded into.
    """

    name: str
    customers: int
    read: Callable[[Path], list[Customer[RowT]]]
    created_at: Callable[[Customer[RowT], datetime], datetime]
    turns: Callable[[Customer[RowT], datetime], Iterable[Turn]]
    figures: Sequence[NewAggregate]

    def profile_id(self, workspace: Workspace, customer: Customer[RowT], anchor: datetime) -> bytes:
        return time_id(self.created_at(customer, anchor), workspace.id, f"{self.name}:{customer.id}")


def check_size(name: str, customers: Sequence[Customer[Any]], *, customers_expected: int, rows_expected: int) -> None:
    """Raise unless the file held exactly what the data set is known to hold."""
    rows = sum(len(customer.rows) for customer in customers)
    if (len(customers), rows) != (customers_expected, rows_expected):
        raise DataSetError(
            f"The file of the data set {name} is not the expected one: it has {len(customers)} customers with "
            f"{rows} rows, not {customers_expected} with {rows_expected}. Delete it, and the next load fetches it anew."
        )
