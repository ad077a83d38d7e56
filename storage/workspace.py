"""Tenancy by construction: the one handle through which a workspace's documents are read.

Every storage function takes a `Workspace` first. It adds the workspace to each filter and pipeline, so that a
query which forgets it cannot be written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storage.mongo import Database, Document, Filter, Projection, Session, Sort


@dataclass(frozen=True, slots=True)
class Workspace:
    """The documents of one workspace of a database."""

    database: Database
    id: str

    def own(self, filter: Filter) -> Document:
        return {**filter, "workspace": self.id}

    async def find(
        self,
        collection: str,
        filter: Filter,
        *,
        projection: Projection | None = None,
        sort: Sort | None = None,
        limit: int = 0,
        naive: bool = False,
        session: Session = None,
    ) -> list[Any]:
        return await self.database.find(
            collection,
            self.own(filter),
            projection=projection,
            sort=sort,
            limit=limit,
            naive=naive,
            session=session,
        )

    async def find_one(
        self,
        collection: str,
        filter: Filter,
        *,
        projection: Projection | None = None,
        session: Session = None,
    ) -> Any | None:
        return await self.database.find_one(collection, self.own(filter), projection=projection, session=session)

    async def aggregate(self, collection: str, match: Filter, stages: Sequence[Document]) -> list[Any]:
        return await self.database.aggregate(collection, [{"$match": self.own(match)}, *stages])
