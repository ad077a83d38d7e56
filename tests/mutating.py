"""Mutations of profiles through the schema, and everything that they leave behind."""

from collections.abc import Mapping
from typing import Any

from storage.workspace import Workspace
from tests.asking import Ask

MUTATION = """
mutation ($input: %sInput!) { payload: %s(input: $input) {
  profile { id version displayName recognized description personal { firstName lastName } contact { email phone }
    attributes { name source value { ... on BooleanValue { boolean } } }
    identities { customId uuids { value platform } firebaseIds { value platform uuid firstSeenAt } } }
  changes { field before after } userErrors { code field message }
} }
"""


async def mutate(ask: Ask, name: str, input: Mapping[str, Any], **how: Any) -> Any:
    """Return the payload of a mutation, for example of `profileUpdate`."""
    return (await ask(MUTATION % (name[0].upper() + name[1:], name), input=input, **how))["payload"]


def codes(payload: Any) -> list[tuple[str, list[str]]]:
    """Return what was refused, as code and field; nothing else may be in the payload of a refusal."""
    errors = [(error["code"], error["field"]) for error in payload["userErrors"]]
    assert not errors or (payload["profile"], payload["changes"]) == (None, [])
    return errors


async def traces(workspace: Workspace) -> dict[str, list[Any]]:
    """Return every document that a mutation of a profile could have written."""
    collections = ("profiles", "journal", "identifiers", "idempotency")
    return {name: await workspace.find(name, {}, sort=[("_id", 1)]) for name in collections}
