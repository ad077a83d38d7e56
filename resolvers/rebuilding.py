"""Make the columns of workspaces anew, profile by profile, going on from where an earlier run was stopped."""

from collections.abc import Callable
from datetime import timedelta

from storage.columns.cursors import CursorDoc, Purpose, claim, cursor_of, move, remove
from storage.columns.rebuilding import has_columns, profiles_after, rebuild
from storage.events import RECENT
from storage.store.leases import LostLeaseError
from storage.store.workspace import Workspace

LOWEST = bytes(16)


async def rebuild_columns(workspace: Workspace, *, report: Callable[[int], None]) -> None:
    """Make the columns of all profiles of a workspace anew; `report` is called with how many are done, in all.

    A document tells up to which profile it is done, and is gone in the end: who was killed is gone on from there. Who
    begins while another runs takes over from it, and the other ends with `LostLeaseError`.
    """
    cursor = await taken_over(workspace)
    done = await workspace.count("profiles", {"_id": {"$lte": cursor["position"]}}, most=2**31 - 1)
    report(done)
    while page := await profiles_after(workspace, cursor["position"]):
        for profile in page:
            if profile["eventCount"] > RECENT or await has_columns(workspace, profile["_id"]):
                await rebuild(workspace, profile["_id"], profile["seq"])
                await move(workspace.database, cursor, profile["_id"])
            done += 1
            report(done)
        await move(workspace.database, cursor, page[-1]["_id"])
    await remove(workspace.database, cursor)


async def taken_over(workspace: Workspace) -> CursorDoc:
    cursor = await cursor_of(workspace, Purpose.REBUILD, position=LOWEST)
    held = await claim(workspace.database, cursor, lease=timedelta(0), every=timedelta(0))
    if held is None:
        raise LostLeaseError
    return held
