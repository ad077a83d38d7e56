"""Mutations through the schema, and everything that they leave behind."""

from collections.abc import Mapping
from typing import Any

from storage.nouns import COLLECTIONS
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.graph import MUTATIONS

PROFILE = """
  profile { id version displayName recognized description personal { firstName lastName } contact { email phone }
    attributes { name source value { ... on BooleanValue { boolean } } }
    identities { customId uuids { value platform } firebaseIds { value platform uuid firstSeenAt } } }
  changes { field before after }
"""


def document(name: str, selecting: str = PROFILE) -> str:
    """Return the document of a mutation, for example of `profileUpdate`, with its payload as `payload`."""
    type, selection = MUTATIONS[name].args["input"].type, f"{selecting} userErrors {{ code field message }}"
    return f"mutation ($input: {type}) {{ payload: {name}(input: $input) {{ {selection} }} }}"


async def mutate(ask: Ask, name: str, input: Mapping[str, Any], *, selecting: str = PROFILE, **how: Any) -> Any:
    """Return the payload of a mutation: its refusals, and what is selected of it."""
    return (await ask(document(name, selecting), input=input, **how))["payload"]


def refusals(payload: Any) -> list[tuple[str, list[str]]]:
    """Return what was refused, as code and field."""
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


def codes(payload: Any) -> list[tuple[str, list[str]]]:
    """Return what was refused of a profile; nothing else may be in the payload of a refusal."""
    errors = refusals(payload)
    assert not errors or (payload["profile"], payload["changes"]) == (None, [])
    return errors


async def traces(workspace: Workspace) -> dict[str, list[Any]]:
    """Return every document of the workspace."""
    names = [collection.name for collection in COLLECTIONS if collection.name not in ("workspaces", "api_keys")]
    return {name: await workspace.find(name, {}, sort=[("_id", 1)]) for name in names}
