"""What is always there can't be removed: null is told, and leaves everything as it is."""

import pytest

from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.mutating import mutate, refusals, traces
from tests.support.world import populate

KEPT = {
    "noteUpdate": ("title", "text"),
    "taskUpdate": ("title", "text"),
    "attributeDefinitionUpdate": ("displayName", "type", "section", "personal"),
    "eventDefinitionUpdate": ("displayName", "details"),
}


@pytest.mark.parametrize(("mutation", "field"), [(name, field) for name, fields in KEPT.items() for field in fields])
async def test_null_is_refused(ask: Ask, workspace: Workspace, mutation: str, field: str) -> None:
    ids = await populate(ask)
    before = await traces(workspace)
    given = {"id": ids[mutation.removesuffix("Update")], field: None}
    assert refusals(await mutate(ask, mutation, given, selecting="__typename")) == [("BLANK", ["input", field])]
    assert await traces(workspace) == before
