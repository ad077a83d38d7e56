"""Documents that stand beside profiles, whatever their noun: each names its profile, and changes with it."""

from collections.abc import Sequence
from typing import Any

from storage.declaration import Noun
from storage.store.mongo import Filter
from storage.store.pages import Page, PageRequest, newest_first, newest_of_each
from storage.store.workspace import Workspace


async def list_beside(
    workspace: Workspace, noun: Noun, profiles: Sequence[bytes], page: PageRequest, *, condition: Filter
) -> dict[bytes, Page[Any]]:
    """Return the same page of each profile's documents of a noun, newest first, with one command."""
    matching = {**condition, **newest_first(page)}
    return await newest_of_each(workspace, noun.collection.name, profiles, matching, page=page)


async def find_documents(workspace: Workspace, noun: Noun, ids: Sequence[bytes]) -> list[Any]:
    """Return those of a noun's documents that exist, in no order."""
    return await workspace.by_id(noun.collection.name, ids)
