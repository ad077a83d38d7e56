"""How plain fields are read: by the schema's default resolver, or by what is known to do the same faster."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.compiler.source import Function

DocumentKeys = Mapping[Any, Callable[[str], str]]


class Reader:
    """Knows which default resolvers are `source.get(key(name))`, from names of fields to keys of documents."""

    def __init__(self, document_keys: DocumentKeys) -> None:
        self._document_keys = document_keys

    def key(self, field: Any) -> str | None:
        """Return the key that a plain field is read from, if it is read from a document."""
        key = self._document_keys.get(field.default_resolver)
        return key and key(field.python_name)

    def expression(self, field: Any, function: Function) -> str:
        """Return what reads a plain field of `source`. Of a dict by its key it never fails."""
        key = self.key(field)
        if key is not None:
            return f"source.get({function.constant(key)})"
        return f"{function.constant(field.default_resolver)}(source, {function.constant(field.python_name)})"
