"""The editable parts of a profile as they were at a moment, by undoing what the journal says was changed since."""

from copy import deepcopy
from datetime import datetime

from storage.changes import CHANGES, Change, ChangeDoc
from storage.nouns import BESIDE, KINDS_BESIDE
from storage.parts import LISTS, SINGLE, holder_of, items_of
from storage.profiles import ProfileDoc
from storage.store.ids import floor_id
from storage.store.workspace import Workspace
from storage.write.derived import derive


async def profile_as_of(workspace: Workspace, profile: ProfileDoc, at: datetime) -> ProfileDoc | None:
    """Return a whole profile with its editable parts and version as of `at`; None when it was not there yet.

    What is not edited stays as it is now: activity, events, and when a device was seen first and last.
    """
    entries = await changes_since(workspace, profile, at)
    if any(entry["seq"] == 1 for entry in entries):
        return None
    then = deepcopy(profile)
    for entry in entries:
        for change in entry["changes"]:
            undo(then, change)
    # An edit waits for the commit of the one before, so that each has a millisecond of its own.
    then["version"] -= len({entry["receivedAt"] for entry in entries if entry["kind"] not in KINDS_BESIDE})
    derive(then)
    return then


async def changes_since(workspace: Workspace, profile: ProfileDoc, at: datetime) -> list[ChangeDoc]:
    """Return the changes that were received after `at`, newest first.

    A change is received when it occurs, so they are a range of `_id`; the profile was read before them and does
    not know those beyond its `seq`.
    """
    condition = {
        "profile": profile["_id"],
        "kind": {"$in": CHANGES},
        "_id": {"$gte": floor_id(at)},
        "receivedAt": {"$gt": at},
        "seq": {"$lte": profile["seq"]},
    }
    found: list[ChangeDoc] = await workspace.find(
        "journal", condition, projection={"kind": 1, "seq": 1, "receivedAt": 1, "changes": 1}
    )
    return sorted(found, key=lambda entry: entry["seq"], reverse=True)


def undo(profile: ProfileDoc, change: Change) -> None:
    """Put back what a field was; what stands beside the profile stays as it is."""
    name, _, key = change["field"].partition(".")
    if name in BESIDE:
        return
    before = change["before"]
    if name in SINGLE:
        holder_of(profile, SINGLE[name])[name] = before
        return
    part = LISTS[name]
    kept = [item for item_key, item in items_of(profile, part).items() if item_key != key]
    holder_of(profile, part)[name] = kept if before is None else [*kept, before]
