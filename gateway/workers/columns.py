"""The worker that keeps columns up to date: it follows the journals, and folds what has got far ahead of its columns.

It works beside what the process serves: page by page, and it rests as long as it worked. Processes share the
workspaces by leases. What it misses costs readers time and nothing else, since they fold what is not in columns.
"""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta

from gateway.execution.faults import fault
from gateway.workers.loop import Loop
from storage.columns.cursors import CursorDoc, Purpose, claim, cursor_of, give_back, move
from storage.columns.verification import ORPHAN_AGE
from storage.past.following import (
    arrivals_after,
    close_gap,
    gaps,
    is_to_look_back,
    leaves_after,
    settled,
    sweep,
)
from storage.store.bus import Bus
from storage.store.errors import UnavailableError
from storage.store.hints import workspace_channel
from storage.store.ids import floor_id
from storage.store.leases import LostLeaseError
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from storage.workspaces import workspace_ids

POLL_SECONDS = 10.0
# What is written within a second is folded together.
GATHER_SECONDS = 1.0
LONGEST_REST = 1.0
SWEEP_EVERY = timedelta(hours=6)


class ColumnsWorker(Loop):
    """Closes gaps between journals and columns, and sweeps leaves that no head names."""

    def __init__(self, database: Database, bus: Bus | None, *, lease: timedelta) -> None:
        super().__init__(database, bus)
        self._lease = lease
        self._due = 0.0
        self._moved: set[str] = set()
        self._read: dict[str, bytes] = {}  # up to where this process has read each workspace once

    def _hear(self, channel: str, message: str) -> None:
        self._moved.add(channel)
        super()._hear(channel, message)

    async def _work(self) -> None:
        """Look at the workspaces that something happened in, and at all of them every few seconds."""
        moved, self._moved = self._moved, set()
        self._hinted.clear()
        due = time.monotonic() >= self._due
        for id in await workspace_ids(self._database):
            channel, workspace = workspace_channel(id), Workspace(self._database, id)
            if self._hints is not None:
                self._hints.follow(channel)
            try:
                if due or channel in moved:
                    await self._follow(workspace)
                if due:
                    await self._sweep(workspace)
            except UnavailableError:
                raise
            except Exception as error:  # noqa: BLE001 - it is logged, and the other workspaces are looked at
                fault(error)
        if due:
            self._due = time.monotonic() + POLL_SECONDS
        await asyncio.sleep(GATHER_SECONDS)
        await self._wait(max(0.0, self._due - time.monotonic()))

    async def _follow(self, workspace: Workspace) -> None:
        """Read the journal on from where it was read to, or again from where entries may have come late."""
        now = floor_id(await self._database.now())
        cursor = await cursor_of(workspace, Purpose.FOLD, position=now)
        position = cursor["position"]
        looking_back = is_to_look_back(now, position)
        if not looking_back:
            position = max(position, self._read.get(workspace.id, position))
        page = await arrivals_after(workspace, position)
        held = await self._claim(cursor, timedelta()) if page else None
        if held is None:
            return
        try:
            while page:
                await self._close_gaps(workspace, await gaps(workspace, page))
                position = page[-1]["arrival"]
                safe = settled(now, position) if looking_back else held["position"]
                await move(self._database, held, max(safe, held["position"]))
                page = await arrivals_after(workspace, position)
            if looking_back:
                await move(self._database, held, max(settled(now, now), held["position"]))
            self._read[workspace.id] = position
        except LostLeaseError:
            return
        finally:
            await asyncio.shield(self._give_back(held))

    async def _close_gaps(self, workspace: Workspace, missing: dict[bytes, int]) -> None:
        """Fold each; one that fails is left to its readers, so that it is in nobody's way."""
        for profile, seq in missing.items():
            started = time.monotonic()
            try:
                await close_gap(workspace, profile, seq)
            except UnavailableError:
                raise
            except Exception as error:  # noqa: BLE001 - it is logged, and others go on
                fault(error)
            await self._rest(started)

    async def _sweep(self, workspace: Workspace) -> None:
        """Look at every leaf, from where the last look ended; another follows when it was over some hours ago."""
        start = bytes(16)
        held = await self._claim(await cursor_of(workspace, Purpose.SWEEP, position=start), SWEEP_EVERY)
        if held is None:
            return
        before = floor_id(await self._database.now() - ORPHAN_AGE)
        try:
            while leaves := await leaves_after(workspace, held["position"], before=before):
                started = time.monotonic()
                await sweep(workspace, leaves)
                await move(self._database, held, leaves[-1]["_id"])
                await self._rest(started)
            await move(self._database, held, start)
        except LostLeaseError:
            return
        finally:
            await asyncio.shield(self._give_back(held))

    async def _claim(self, cursor: CursorDoc, every: timedelta) -> CursorDoc | None:
        return await claim(self._database, cursor, lease=self._lease, every=every)

    async def _give_back(self, cursor: CursorDoc) -> None:
        with suppress(UnavailableError):  # then its lease runs out
            await give_back(self._database, cursor)

    async def _rest(self, started: float) -> None:
        await asyncio.sleep(min(time.monotonic() - started, LONGEST_REST))
