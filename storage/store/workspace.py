"""Tenancy by construction: the one handle through which a workspace's documents are read.

Every storage function takes a `Workspace` first. It adds the workspace to each filter and pipeline, and drops what is
another's from documents that are found by id, so that a query which forgets it cannot be written.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from storage.store.mongo import Database, Document, Filter, Projection, Session, Sort


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

    async def by_id(
        self,
        collection: str,
        ids: Iterable[Any],
        *,
        projection: Projection | None = None,
        session: Session = None,
    ) -> list[Any]:
        """Return those of the documents that exist here, in no order; a projection must have `workspace`.

        The server is asked for their `_id` alone, and the rest is looked at here: with another condition beside it,
        a stand-in reads the whole collection.
        """
        found = await self.database.find(
            collection, {"_id": {"$in": list(ids)}}, projection=projection, session=session
        )
        return [document for document in found if document["workspace"] == self.id]

    async def aggregate(
        self, collection: str, match: Filter, stages: Sequence[Document], *, session: Session = None
    ) -> list[Any]:
        return await self.database.aggregate(collection, [{"$match": self.own(match)}, *stages], session=session)

    async def count(self, collection: str, match: Filter, *, most: int, session: Session = None) -> int:
        """Return how many documents match, and `most` where they are as many or more: no more are looked at."""
        counted = await self.aggregate(collection, match, [{"$limit": most}, {"$count": "documents"}], session=session)
        return counted[0]["documents"] if counted else 0
