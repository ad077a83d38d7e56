"""What resolvers are told about where they are, made only when they look."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from graphql import GraphQLResolveInfo
from strawberry.types.info import Info

from compiler.positions import Position, TuplePath, as_path, field_path

if TYPE_CHECKING:
    from compiler.runtime import Run


def resolve_info(run: "Run", position: Position, path: TuplePath) -> GraphQLResolveInfo[Any]:
    """Return what graphql-core hands to resolvers."""
    at = as_path(field_path(path))
    return run.executor.build_resolve_info(position.definition, position.nodes, position.parent, at)


class LazyResolveInfo:
    """Stands for the `GraphQLResolveInfo` that most functions which tell types apart never look at."""

    __slots__ = ("_path", "_position", "_run")

    def __init__(self, run: "Run", position: Position, path: TuplePath) -> None:
        self._run = run
        self._position = position
        self._path = path

    def __getattr__(self, name: str) -> Any:
        return getattr(resolve_info(self._run, self._position, self._path), name)


class LazyInfo(Info[Any, Any]):
    """Strawberry's `Info`, whose context is at hand and whose rest is made when it is asked for."""

    def __init__(self, run: "Run", position: Position, path: TuplePath) -> None:
        self._run = run
        self._position = position
        self._path = path

    @cached_property
    def _raw_info(self) -> GraphQLResolveInfo[Any]:  # type: ignore[override]  # in the base it is a field
        return resolve_info(self._run, self._position, self._path)

    @property
    def _field(self) -> Any:  # type: ignore[override]  # as above
        return self._position.field

    @property
    def context(self) -> Any:
        return self._run.executor.context_value

    @property
    def kept(self) -> dict[Any, Any]:
        """What resolvers keep for this place of the operation, whoever runs it."""
        return self._position.kept


class MadeInfo:
    """Makes infos of a class that a schema has chosen itself, as Strawberry does."""

    def __init__(self, info_class: type[Info[Any, Any]]) -> None:
        self._info_class = info_class

    def __call__(self, run: "Run", position: Position, path: TuplePath) -> Any:
        return self._info_class(_raw_info=resolve_info(run, position, path), _field=position.field)
