"""Past its time an operation answers with what it has (R64)."""

from storage.store.deadline import within
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.factories import a_profile

QUERY = "{ __typename profiles { edges { node { id } } } tags { edges { node { name } } } }"


async def test_what_waits_for_the_store_is_null_and_the_rest_stands(ask: Ask, workspace: Workspace) -> None:
    await a_profile(workspace)
    with within(0):
        data, errors = await ask(QUERY, partial=True)
    assert data == {"__typename": "Query", "profiles": None, "tags": None}
    assert sorted(error.path for error in errors) == [["profiles"], ["tags"]]
    assert {error.original_error.extensions["code"] for error in errors} == {"OPERATION_TIMEOUT"}
    with within(60):
        assert len((await ask(QUERY))["profiles"]["edges"]) == 1
    with within(0):
        pass
    assert len((await ask(QUERY))["profiles"]["edges"]) == 1
