"""Enums: plain ones of the folders below become the schema's, with a description of each of their values."""

from enum import EnumMeta

import strawberry


def described(enum: EnumMeta, description: str, *, name: str | None = None, **values: str) -> None:
    """Make an enum one of the schema; raises `TypeError` unless each of its values is described, and nothing else."""
    odd = enum.__members__.keys() ^ values.keys()
    if odd:
        raise TypeError(f"{enum.__name__} and its descriptions differ in {', '.join(sorted(odd))}.")
    strawberry.enum(enum, name=name, description=description)
    for value in enum.__strawberry_definition__.values:  # type: ignore[attr-defined]  # strawberry sets it
        value.description = values[value.name]
