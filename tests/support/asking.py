"""Operations through the schema, over a real store."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from resolvers.confirmations import Links
from resolvers.context import Context
from schema import schema
from storage.credentials import Credential, CredentialKind, Scope
from storage.store.workspace import Workspace

Ask = Callable[..., Awaitable[Any]]
LINKS = Links("a secret of the tests", "https://gateway.example/", timedelta(days=7))


def asking(workspace: Workspace) -> Ask:
    """Return a function that runs an operation and returns its data.

    With `failing` it returns the errors instead, and with `partial` both; `scopes` limit the credential, `of` is
    another one's workspace, `links` make confirmation links, `now` is the time of the operation.
    """

    async def run(
        query: str,
        *,
        of: Workspace = workspace,
        scopes: frozenset[Scope] = frozenset(Scope),
        failing: bool = False,
        partial: bool = False,
        links: Links | None = LINKS,
        now: datetime | None = None,
        **variables: Any,
    ) -> Any:
        credential = Credential(CredentialKind.API_KEY, "pgk_test", "Test", of.id, scopes)
        context = Context(credential, of, links=links, now=now or datetime.now(UTC))
        result = await schema.execute(query, variable_values=variables, context_value=context)
        if partial:
            return result.data, result.errors or []
        if failing:
            assert result.errors, result.data
            return result.errors
        assert result.errors is None, result.errors
        return result.data

    return run
