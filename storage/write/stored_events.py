"""Which events a workspace has already: no two of them have the same UUID, whosever they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from storage.events import EventDoc
from storage.store.mongo import Session, batches
from storage.store.workspace import Workspace


@dataclass(slots=True)
class StoredEvents:
    """The events of a workspace as one transaction sees it, by UUID; each UUID is looked up once."""

    workspace: Workspace
    session: Session
    events: dict[str, EventDoc] = field(default_factory=dict)
    looked_up: set[str] = field(default_factory=set)

    async def by_uuid(self, uuids: Iterable[str]) -> Mapping[str, EventDoc]:
        """Return what was looked up so far, with those of `uuids` that are there."""
        for missing in batches(sorted(set(uuids) - self.looked_up)):
            condition = {"uuid": {"$in": missing}}
            found: list[EventDoc] = await self.workspace.find("journal", condition, session=self.session)
            self.events.update({event["uuid"]: event for event in found})
            self.looked_up.update(missing)
        return self.events

    def add(self, event: EventDoc) -> None:
        """Count in an event that the transaction writes."""
        self.events[event["uuid"]] = event
        self.looked_up.add(event["uuid"])
