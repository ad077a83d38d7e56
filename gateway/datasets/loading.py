"""The loader: one transaction per customer, through the write path; a load that was stopped resumes where it was."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar

from gateway.datasets.dataset import Customer, DataSet, DataSetError
from gateway.datasets.definitions import ensure_definitions
from gateway.datasets.people import require_faker
from storage.aggregates import ensure_aggregates
from storage.loads import begin_load, find_load, finish_load
from storage.profiles import profiles_by_id
from storage.setup import prepare_workspace
from storage.store.errors import UnavailableError
from storage.store.mongo import Database
from storage.store.refusals import RefusedError
from storage.store.workspace import Workspace
from storage.write.edits import make_in_turns

RowT = TypeVar("RowT")
BATCH = 1_000
IN_FLIGHT = 2  # the stand-in for MongoDB gets no faster with more

# MongoDB keeps the transaction of a killed process open for a minute, and refuses other writes of its documents.
PATIENCE = 90.0


@dataclass(slots=True)
class Progress:
    """How far a load is: `profiles` of `total` are there, `skipped` of them from before; `events` are new ones."""

    total: int
    profiles: int = 0
    skipped: int = 0
    events: int = 0


async def is_loaded(workspace: Workspace, dataset: DataSet[RowT], *, limit: int | None = None) -> bool:
    """Return whether a load of as many customers has finished."""
    load = await find_load(workspace, dataset.name)
    expected = dataset.customers if limit is None else min(limit, dataset.customers)
    return load is not None and load["finishedAt"] is not None and load["profiles"] >= expected


async def load(
    database: Database,
    workspace_id: str,
    dataset: DataSet[RowT],
    file: Path,
    *,
    limit: int | None = None,
    report: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    """Load the first `limit` customers of a file, or all; those that are there already are left as they are."""
    require_faker()
    customers = (await asyncio.to_thread(dataset.read, file))[:limit]
    workspace = await prepare_workspace(database, workspace_id, name=workspace_id)
    now = datetime.now(UTC).replace(microsecond=0)
    await ensure_definitions(workspace, now=now)
    await ensure_aggregates(workspace, dataset.figures, now=now)
    anchor = await begin_load(workspace, dataset.name, now=now)
    missing = await missing_customers(workspace, dataset, customers, anchor)
    there = len(customers) - len(missing)
    progress = Progress(len(customers), profiles=there, skipped=there)
    report(progress)
    loading = Loading(workspace, dataset, anchor, deque(missing), progress, report, time.monotonic())
    try:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(IN_FLIGHT):
                tasks.create_task(loading.work())
    except ExceptionGroup as group:
        raise group.exceptions[0] from group
    await finish_load(workspace, dataset.name, profiles=len(customers), now=datetime.now(UTC))
    return progress


async def missing_customers(
    workspace: Workspace, dataset: DataSet[RowT], customers: Sequence[Customer[RowT]], anchor: datetime
) -> list[Customer[RowT]]:
    """Return the customers without a profile. One with a profile is complete, since both came in one transaction."""
    by_id = {dataset.profile_id(workspace, customer, anchor): customer for customer in customers}
    ids = list(by_id)
    for start in range(0, len(ids), BATCH):
        for profile in await profiles_by_id(workspace, ids[start : start + BATCH], projection={"_id": 1}):
            del by_id[profile["_id"]]
    return list(by_id.values())


@dataclass(slots=True)
class Loading(Generic[RowT]):
    """A load that runs: its workers take customers from `waiting`; `moved` is when one was finished last."""

    workspace: Workspace
    dataset: DataSet[RowT]
    anchor: datetime
    waiting: deque[Customer[RowT]]
    progress: Progress
    report: Callable[[Progress], None]
    moved: float

    async def work(self) -> None:
        while self.waiting:
            customer = self.waiting.popleft()
            try:
                added = await self.write(customer)
            except UnavailableError:
                if time.monotonic() > self.moved + PATIENCE:
                    raise
                self.waiting.append(customer)
                await asyncio.sleep(1)
                continue
            self.moved = time.monotonic()
            self.progress.profiles += 1
            self.progress.events += added
            self.report(self.progress)

    async def write(self, customer: Customer[RowT]) -> int:
        """Write a customer and return how many events that added: none when another load was faster."""
        profile = self.dataset.profile_id(self.workspace, customer, self.anchor)
        created_at = self.dataset.created_at(customer, self.anchor)
        turns = list(self.dataset.turns(customer, self.anchor))
        try:
            made = await make_in_turns(self.workspace, profile, turns, created_at=created_at)
        except RefusedError as error:
            raise DataSetError(
                f"The customer {customer.id} of {self.dataset.name} cannot be loaded into the workspace "
                f"{self.workspace.id}: another profile has its identifiers. Load into another workspace."
            ) from error
        return 0 if made is None else made["eventCount"]
