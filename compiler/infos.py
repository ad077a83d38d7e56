"""What resolvers are told about where they are, made only when they look."""

from functools import cached_property
from typing import Any

from graphql import GraphQLResolveInfo, GraphQLSchema
from graphql.execution import Executor
from strawberry.types.info import Info

from compiler.positions import Position, TuplePath, as_path, field_path


class Infos:
    """Makes the infos of one execution."""

    __slots__ = ("_info_class", "executor")

    def __init__(self, executor: Executor[Any]) -> None:
        self.executor = executor
        self._info_class: type[Info[Any, Any]] = strawberry_schema(executor.schema).config.info_class

    def info(self, position: Position, path: TuplePath) -> Info[Any, Any]:
        """Return what Strawberry hands to resolvers, of the class that the schema has chosen."""
        if self._info_class is Info:
            return LazyInfo(self, position, path)
        return self._info_class(_raw_info=self.resolve_info(position, path), _field=position.field)

    def resolve_info(self, position: Position, path: TuplePath) -> GraphQLResolveInfo[Any]:
        """Return what graphql-core hands to resolvers."""
        at = as_path(field_path(path))
        return self.executor.build_resolve_info(position.definition, position.nodes, position.parent, at)

    def lazy_resolve_info(self, position: Position, path: TuplePath) -> Any:
        """Return what is made into that when it is looked at, which most functions that tell types apart never do."""
        return LazyResolveInfo(self, position, path)


class LazyResolveInfo:
    """Stands for a `GraphQLResolveInfo`."""

    __slots__ = ("_infos", "_path", "_position")

    def __init__(self, infos: Infos, position: Position, path: TuplePath) -> None:
        self._infos = infos
        self._position = position
        self._path = path

    def __getattr__(self, name: str) -> Any:
        return getattr(self._infos.resolve_info(self._position, self._path), name)


class LazyInfo(Info[Any, Any]):
    """Strawberry's `Info`, whose context is at hand and whose rest is made when it is asked for."""

    def __init__(self, infos: Infos, position: Position, path: TuplePath) -> None:
        self._infos = infos
        self._position = position
        self._path = path

    @cached_property
    def _raw_info(self) -> GraphQLResolveInfo[Any]:  # type: ignore[override]  # in the base it is a field
        return self._infos.resolve_info(self._position, self._path)

    @property
    def _field(self) -> Any:  # type: ignore[override]  # as above
        return self._position.field

    @property
    def context(self) -> Any:
        return self._infos.executor.context_value

    @property
    def field_cache(self) -> dict[Any, Any]:
        """What `field_cache` gives."""
        return self._position.cache


def field_cache(info: Info[Any, Any]) -> dict[Any, Any]:
    """Return what resolvers may keep at their field of an operation, for as long as it is compiled.

    Whoever runs the operation gets the same dict, so it may hold nothing of theirs. Without a plan it is a new one.
    """
    return info.field_cache if isinstance(info, LazyInfo) else {}


def strawberry_schema(schema: GraphQLSchema) -> Any:
    """Return the Strawberry schema that graphql-core's was made of."""
    return schema._strawberry_schema  # type: ignore[attr-defined]  # noqa: SLF001 - has no public name
