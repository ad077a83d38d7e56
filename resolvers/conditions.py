"""Conditions are checked before anything is read by them: what can't be meant is told, with its path."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from resolvers.context import Context
from resolvers.filters import check_range
from resolvers.privacy import is_personal, require_personal
from storage.attribute_definitions import AttributeDefinition
from storage.attribute_values import check_value
from storage.attributes import AttributeType
from storage.catalogue import entries_by_name
from storage.conditions import (
    AllOf,
    AnyOf,
    AttributeMatch,
    Comparison,
    Condition,
    CreatedMatch,
    LastActivityMatch,
    Not,
    SearchMatch,
    TagMatch,
)
from storage.store.errors import BadInputError
from storage.store.refusals import RefusedError
from storage.tags import NOUN as TAGS

DEEPEST = 5
MOST_LEAVES = 20
LONGEST_SEARCH = 200
WITHOUT_VALUE = frozenset({Comparison.EXISTS, Comparison.NOT_EXISTS})
OF_ANY_VALUE = frozenset({Comparison.EQ, Comparison.NE})
Leaf = tuple[str, Any]  # a condition that holds no others, and its path


async def check_condition(context: Context, condition: Condition, path: str) -> None:
    """Raise `BadInputError` for a tree that is too large, or for the first leaf that can't be meant.

    Raises `ForbiddenError` for one that depends on what the credential may not see (X5). Definitions and tags are
    looked up once each, and only where something of the tree needs them.
    """
    leaves = list(islice(leaves_of(condition, path), MOST_LEAVES + 1))
    if len(leaves) > MOST_LEAVES:
        raise BadInputError(
            f"A condition has at most {MOST_LEAVES} attributes, tags and other leaves; this one has more.",
            argument=path,
        )
    for at, leaf in leaves:
        check_alone(context, at, leaf)
    definitions, tags = await asyncio.gather(definitions_for(context, leaves), tags_for(context, leaves))
    for at, leaf in leaves:
        if isinstance(leaf, AttributeMatch):
            check_attribute(context, at, leaf, definitions)
        elif isinstance(leaf, TagMatch) and leaf.name not in tags:
            raise BadInputError(
                "No tag of the workspace has this name; the field tags lists them.", argument=f"{at}.name"
            )


def leaves_of(condition: Condition, path: str, depth: int = 1) -> Iterator[Leaf]:
    """Yield what a tree is made of, with the paths; raises for one that is nested too deeply or that is empty."""
    if depth > DEEPEST:
        raise BadInputError(f"Conditions are nested at most {DEEPEST} deep; this one is deeper.", argument=path)
    at = f"{path}.{condition.word}"
    match condition:
        case AllOf(conditions) | AnyOf(conditions):
            if not conditions:
                raise BadInputError(f"{condition.word} needs at least one condition.", argument=at)
            for position, inner in enumerate(conditions):
                yield from leaves_of(inner, f"{at}.{position}", depth + 1)
        case Not(inner):
            yield from leaves_of(inner, at, depth + 1)
        case _:
            yield at, condition


def check_alone(context: Context, at: str, leaf: Any) -> None:
    """Raise for what is wrong with a leaf whatever the workspace has."""
    match leaf:
        case AttributeMatch(comparison=comparison, value=value):
            if (comparison in WITHOUT_VALUE) != (value is None):
                verb = "takes no" if comparison in WITHOUT_VALUE else "needs a"
                raise BadInputError(f"The comparison {comparison} {verb} value.", argument=f"{at}.value")
        case CreatedMatch(within) | LastActivityMatch(within):
            check_range(within, at)
        case SearchMatch(prefix):
            require_personal(context, "Searching by name and email")
            if not prefix.strip() or len(prefix) > LONGEST_SEARCH or "\0" in prefix:
                message = f"A search has from 1 to {LONGEST_SEARCH} characters, none of them null, not only spaces."
                raise BadInputError(message, argument=at)


async def definitions_for(context: Context, leaves: Iterable[Leaf]) -> Mapping[str, AttributeDefinition]:
    if not any(isinstance(leaf, AttributeMatch) for _, leaf in leaves):
        return {}
    return await context.loaders.attribute_definitions.load(context.workspace.id)


async def tags_for(context: Context, leaves: Iterable[Leaf]) -> set[str]:
    """Return the names of those of the tags that the catalogue has."""
    names = {leaf.name for _, leaf in leaves if isinstance(leaf, TagMatch)}
    return {tag["name"] for tag in await entries_by_name(context.workspace, TAGS, sorted(names))} if names else set()


def check_attribute(
    context: Context, at: str, leaf: AttributeMatch, definitions: Mapping[str, AttributeDefinition]
) -> None:
    if leaf.name not in definitions:
        raise BadInputError(
            "No attribute of the workspace has this name; the field attributeDefinitions lists them.",
            argument=f"{at}.name",
        )
    if is_personal(leaf.name, definitions):
        require_personal(context, "Filtering by a personal attribute")
    if leaf.comparison not in WITHOUT_VALUE:
        check_compared(at, leaf, AttributeType(definitions[leaf.name]["type"]))


def check_compared(at: str, leaf: AttributeMatch, kind: AttributeType) -> None:
    """Raise where the value is not of the attribute's type, or has no order; a list is compared by its items."""
    try:
        check_value([leaf.value] if kind is AttributeType.ARRAY else leaf.value, kind, ())
    except RefusedError as refused:
        raise BadInputError(refused.errors[0].message, argument=f"{at}.value") from refused
    if isinstance(leaf.value, bool) and leaf.comparison not in OF_ANY_VALUE:
        message = f"Truth values have no order for {leaf.comparison}; compare them by EQ or NE."
        raise BadInputError(message, argument=f"{at}.comparison")
