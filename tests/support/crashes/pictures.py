"""Pictures of what writes left behind: by person, and without what differs from run to run."""

from collections import defaultdict
from typing import Any

from storage.journal import EntryKind
from storage.nouns import BESIDE
from storage.store.workspace import Workspace

# Ids, also those of the keys of who wrote something, what is made of them, and moments that the gateway has set.
MOMENTARY = {
    *("_id", "id", "workspace", "profile", "orderKeys", "dueKey"),
    *("createdAt", "updatedAt", "addedAt", "doneAt", "receivedAt"),
}


async def pictures(workspace: Workspace) -> dict[str, Any]:
    """Return everything about each person, by the UUID of their first device: the profile and what is beside it."""
    found = {profile["_id"]: timeless(profile) for profile in await workspace.find("profiles", {})}
    for collection in BESIDE:
        by_profile = defaultdict(list)
        for document in await workspace.find(collection, {}):
            by_profile[document["profile"]].append(document)
        for id, picture in found.items():
            picture[collection] = timeless(by_profile[id])
    events = defaultdict(list)
    for event in await workspace.find("journal", {"kind": EntryKind.EVENT}):
        events[event["profile"]].append(event["uuid"])
    for id, picture in found.items():
        picture["events"] = sorted(events[id])
        for event in picture["recent"]:  # two senders' events get their numbers in the order in which they came
            del event["seq"]
    return {picture["identities"]["uuids"][0]["value"]: picture for picture in found.values()}


def timeless(value: Any) -> Any:
    """Return a value of the store without what is momentary; the order of lists is that of the writes, so it goes."""
    match value:
        case dict():
            return {key: timeless(item) for key, item in value.items() if key not in MOMENTARY}
        case list():
            return sorted(map(timeless, value), key=repr)
        case _:
            return value
