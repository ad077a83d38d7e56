"""Operations through the schema, over a real store."""

from collections.abc import Awaitable, Callable
from typing import Any

from resolvers.context import Context
from schema import schema
from storage.credentials import Credential, CredentialKind, Scope
from storage.workspace import Workspace

Ask = Callable[..., Awaitable[Any]]


def asking(workspace: Workspace) -> Ask:
    """Return a function that runs an operation and returns its data.

    With `failing` it returns the errors instead; `scopes` limit the credential, `of` is another one's workspace.
    """

    async def run(
        query: str,
        *,
        of: Workspace = workspace,
        scopes: frozenset[Scope] = frozenset(Scope),
        failing: bool = False,
        **variables: Any,
    ) -> Any:
        credential = Credential(CredentialKind.API_KEY, "pgk_test", "Test", of.id, scopes)
        result = await schema.execute(query, variable_values=variables, context_value=Context(credential, of))
        if failing:
            assert result.errors, result.data
            return result.errors
        assert result.errors is None, result.errors
        return result.data

    return run
