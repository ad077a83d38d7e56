"""How fields read documents: by their own key, or by the keys that their resolver names; and so, what to project."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import strawberry
from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, SelectionSetNode
from strawberry.utils.str_converters import to_camel_case

from resolvers.context import Context

Info = strawberry.Info[Context, None]
Keys = frozenset[str]
ValueT = TypeVar("ValueT")
READS = "reads"
THROUGH = "through"
PURE = "pure"
BATCH = "batch"


class KeyNames(dict[str, str]):
    """Python names of fields to the keys of documents: `created_at` is `createdAt`."""

    def __missing__(self, name: str) -> str:
        self[name] = to_camel_case(name)
        return self[name]


key_names = KeyNames()


def read_key(document: Any, name: str) -> Any:
    """Resolve a plain field: the value under its key, None when it is missing."""
    return document.get(key_names[name])


def reads(*keys: str) -> dict[str, Any]:
    """Return the metadata of a field whose resolver reads these keys of its document."""
    return {READS: frozenset(keys)}


def computed(resolve: Callable[[Any], Any], type: Any, description: str, *keys: str) -> Any:
    """Return a field that `resolve` computes from these keys of its document and nothing else."""

    def compute(root: strawberry.Parent[Any]) -> Any:
        return resolve(root)

    metadata = {**reads(*keys), PURE: resolve}
    return strawberry.field(compute, graphql_type=type, description=description, metadata=metadata)


def batched(resolve: Callable[..., Any], *keys: str) -> dict[str, Any]:
    """Return the metadata of a field that `resolve(info, documents, **arguments)` gives for many documents at once."""
    return {**reads(*keys), BATCH: resolve}


def one(values: Sequence[ValueT] | Awaitable[Sequence[ValueT]]) -> ValueT | Awaitable[ValueT]:
    """Return what a batch of one document gave."""
    return values[0] if isinstance(values, Sequence) else awaited_one(values)


async def awaited_one(values: Awaitable[Sequence[ValueT]]) -> ValueT:
    return (await values)[0]


def through(view: type, description: str) -> Any:
    """Return a field that hands its own document on to the fields of `view`."""
    field = computed(itself, view, description)
    field.metadata = {THROUGH: view, PURE: itself}
    return field


def itself(document: Any) -> Any:
    return document


@cache
def field_reads(view: type) -> Mapping[str, Keys | type]:
    """Return what each field of a type reads: keys, or the type that reads on."""
    definition = view.__strawberry_definition__  # type: ignore[attr-defined]  # strawberry sets it
    found: dict[str, Keys | type] = {}
    for field in definition.fields:
        own = frozenset({key_names[field.python_name]})
        name = field.graphql_name or to_camel_case(field.python_name)
        found[name] = field.metadata.get(THROUGH) or field.metadata.get(READS, own)
    return found


def projection(info: Info, view: type, *path: str) -> dict[str, int]:
    """Return the MongoDB projection of what the operation selects of `view` under `path` below the current field.

    It is the same whenever the operation runs, and kept where the operation is.
    """
    kept: dict[Any, dict[str, int]] = getattr(info, "kept", {})
    key = (projection, view, path)
    if key not in kept:
        kept[key] = projected(info, view, path)
    return kept[key]


def projected(info: Info, view: type, path: tuple[str, ...]) -> dict[str, int]:
    raw = info._raw_info  # noqa: SLF001 - strawberry's own selected_fields converts the whole tree
    selections = [node.selection_set for node in raw.field_nodes if node.selection_set]
    for name in path:
        fields = fields_of(selections, raw.fragments)
        selections = [field.selection_set for field in fields if field.name.value == name and field.selection_set]
    return dict.fromkeys(sorted({"_id", *keys_read(view, selections, raw.fragments)}), 1)


def keys_read(
    view: type, selections: Sequence[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[str]:
    known = field_reads(view)
    for field in fields_of(selections, fragments):
        read = known.get(field.name.value, frozenset())
        if isinstance(read, frozenset):
            yield from read
        elif field.selection_set:
            yield from keys_read(read, [field.selection_set], fragments)


def fields_of(
    selections: Sequence[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[FieldNode]:
    """Yield the fields of selections with their fragments, each fragment once, so in linear time."""
    seen: set[str] = set()
    waiting = list(selections)
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, FragmentSpreadNode):
                if (name := selection.name.value) not in seen:
                    seen.add(name)
                    waiting.append(fragments[name].selection_set)
            else:
                waiting.append(selection.selection_set)  # type: ignore[attr-defined]  # an inline fragment
