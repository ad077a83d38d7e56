"""What the schema says of itself to the compiler: how documents are read, and what their values are written as."""

from compiler import Knowledge
from schema.documents import key_names, read_key
from schema.nodes import TYPENAME, NodeDocument
from storage.store.timestamps import write_timestamp

KNOWLEDGE = Knowledge(
    document_keys={read_key: key_names.__getitem__},
    type_marks={NodeDocument.is_type_of.__func__: TYPENAME},  # type: ignore[attr-defined]  # a class method has one
    orjson_datetimes=frozenset({write_timestamp}),
)
