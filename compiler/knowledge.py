"""What a schema says of itself, so that less has to be called and asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLObjectType


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Said by the maker of a schema; what is not true makes results other than graphql-core's.

    `document_keys`: default resolvers that are `source.get(key(name))` wherever `source` is a dict.
    `type_marks`: functions behind `is_type_of` that say True of a dict which has the type's name, or nothing, under
    this key.
    `orjson_datetimes`: serializers of date-times that do what orjson does, also with naive ones, with the options that
    results are written with.
    """

    document_keys: Mapping[Any, Callable[[str], str]] = field(default_factory=dict)
    type_marks: Mapping[Any, str] = field(default_factory=dict)
    orjson_datetimes: frozenset[Callable[[Any], Any]] = frozenset()

    def key(self, field: Any) -> str | None:
        """Return the key that a plain field is read from, if it is read from a document."""
        key = self.document_keys.get(field.default_resolver)
        return key and key(field.python_name)

    def mark(self, type: GraphQLObjectType) -> str | None:
        """Return the key under which documents say that they are of another type than expected."""
        return self.type_marks.get(getattr(type.is_type_of, "__func__", type.is_type_of))
