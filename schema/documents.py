"""How fields read documents: by their own key, or by the keys that their resolver names; and so, what to project."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

import strawberry
from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, SelectionSetNode
from strawberry.utils.str_converters import to_camel_case

from compiler import batch, field_cache, pure
from resolvers.context import Context

Info = strawberry.Info[Context, None]
Keys = frozenset[str]
Fragments = Mapping[str, FragmentDefinitionNode]
ValueT = TypeVar("ValueT")
VALUES = "attributes.name", "attributes.value"  # what values of attributes are read from
READS = "reads"


class Reads(NamedTuple):
    """What a field reads of its document: keys, and what the fields of `view` do that are selected beneath `path`.

    These read of the document itself, or of those in a list under its key `part`.
    """

    keys: Keys = frozenset()
    view: type | None = None
    part: str = ""
    path: tuple[str, ...] = ()

    def key(self, read: str) -> str:
        """Return the key of what a field of `view` reads."""
        return f"{self.part}.{read}" if self.part else read


class KeyNames(dict[str, str]):
    """Python names of fields to the keys of documents: `created_at` is `createdAt`, and `import_` is `import`."""

    def __missing__(self, name: str) -> str:
        self[name] = to_camel_case(name.rstrip("_"))
        return self[name]


key_names = KeyNames()


def read_key(document: Any, name: str) -> Any:
    """Resolve a plain field: the value under its key, None when it is missing."""
    return document.get(key_names[name])


def reads(*keys: str, view: type | None = None, part: str = "", path: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the metadata of a field whose resolver reads these keys of its document, and more as `Reads` says."""
    return {READS: Reads(frozenset(keys), view, part, path)}


def computed(
    resolve: Callable[[Any], Any],
    type: Any,
    description: str,
    *keys: str,
    view: type | None = None,
    name: str | None = None,
) -> Any:
    """Return a field that `resolve` computes from these keys of its document, and those that fields of `view` read."""

    def compute(root: strawberry.Parent[Any]) -> Any:
        return resolve(root)

    metadata = {**reads(*keys, view=view), **pure(resolve)}
    return strawberry.field(compute, name=name, graphql_type=type, description=description, metadata=metadata)


def batched(
    resolve: Callable[..., Any], *keys: str, view: type | None = None, part: str = "", path: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the metadata of a field that `resolve(info, documents, **arguments)` gives for many documents at once."""
    return {**reads(*keys, view=view, part=part, path=path), **batch(resolve)}


def together(resolve: Callable[[Context, Sequence[Any]], Any], type: Any, description: str, *keys: str) -> Any:
    """Return a field that `resolve` gives for many documents at once, from these keys of each; null where it fails."""

    def of_each(info: Info, documents: Sequence[Any]) -> Any:
        return resolve(info.context, documents)

    def of_one(root: strawberry.Parent[Any], info: Info) -> Any:
        return one(of_each(info, [root]))

    return strawberry.field(of_one, graphql_type=type | None, description=description, metadata=batched(of_each, *keys))


def one(values: Sequence[ValueT] | Awaitable[Sequence[ValueT]]) -> ValueT | Awaitable[ValueT]:
    """Return what a batch of one document gave."""
    return values[0] if isinstance(values, Sequence) else awaited_one(values)


async def awaited_one(values: Awaitable[Sequence[ValueT]]) -> ValueT:
    return (await values)[0]


def through(view: type, description: str) -> Any:
    """Return a field that hands its own document on to the fields of `view`."""
    return computed(itself, view, description, view=view)


def itself(document: Any) -> Any:
    return document


@cache
def field_reads(view: type) -> Mapping[str, Reads]:
    """Return what each field of a type reads; one that says nothing, what is under its own key."""
    definition = view.__strawberry_definition__  # type: ignore[attr-defined]  # strawberry sets it
    found: dict[str, Reads] = {}
    for field in definition.fields:
        own = Reads(frozenset({key_names[field.python_name]}))
        found[field.graphql_name or to_camel_case(field.python_name)] = field.metadata.get(READS, own)
    return found


def projection(info: Info, view: type, *path: str) -> dict[str, int]:
    """Return the MongoDB projection of what the operation selects of `view` under `path` below the current field.

    It is the same whenever the operation runs, and kept where the operation is.
    """
    kept: dict[Any, dict[str, int]] = field_cache(info)
    key = (projection, view, path)
    if key not in kept:
        kept[key] = projected(info, view, path)
    return kept[key]


def projected(info: Info, view: type, path: tuple[str, ...]) -> dict[str, int]:
    raw = info._raw_info  # noqa: SLF001 - strawberry's own selected_fields converts the whole tree
    selections = [node.selection_set for node in raw.field_nodes if node.selection_set]
    keys = {"_id", *keys_read(view, beneath(selections, path, raw.fragments), raw.fragments)}
    apart = (key for key in keys if key.rpartition(".")[0] not in keys)
    return dict.fromkeys(sorted(apart), 1)  # MongoDB refuses a key together with a part of it


def keys_read(view: type, selections: Sequence[SelectionSetNode], fragments: Fragments) -> Iterator[str]:
    known = field_reads(view)
    for field in fields_of(selections, fragments):
        read = known.get(field.name.value, Reads())
        yield from read.keys
        if read.view is not None and field.selection_set:
            within = beneath([field.selection_set], read.path, fragments)
            yield from map(read.key, keys_read(read.view, within, fragments))


def beneath(
    selections: Sequence[SelectionSetNode], path: Sequence[str], fragments: Fragments
) -> Sequence[SelectionSetNode]:
    """Return what is selected at the end of a path of fields."""
    for name in path:
        fields = fields_of(selections, fragments)
        selections = [field.selection_set for field in fields if field.name.value == name and field.selection_set]
    return selections


def fields_of(selections: Sequence[SelectionSetNode], fragments: Fragments) -> Iterator[FieldNode]:
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
