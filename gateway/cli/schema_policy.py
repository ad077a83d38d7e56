"""Holds the schema to docs/schema-policy.md: what breaks clients is in the changelog, what is deprecated has a date.

Run by `make check` as `python -m gateway.cli.schema_policy RELEASED CURRENT CHANGELOG`; it reads these files alone.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import typer
from graphql import GraphQLInputObjectType, GraphQLNamedType, GraphQLSchema, build_schema
from graphql.utilities import BreakingChangeType, DangerousChangeType, SafeChange, SchemaChange, find_schema_changes

from gateway.execution.deprecations import deprecations

NOTICE = timedelta(days=90)
FORM = re.compile(r"(?:Use \S.* instead|No replacement: \S.*); goes on (\d{4}-\d{2}-\d{2})")
FORM_SHOWN = "`Use ... instead; goes on YYYY-MM-DD`, or `No replacement: why; goes on YYYY-MM-DD`"

UNRELEASED = re.compile(r"^## Unreleased$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
MEMBER = re.compile(r"@\w+(?:\(\w+:\))?|[A-Za-z_]\w*\.\w+(?:\(\w+:\))?")
ADDED_FREELY = {
    DangerousChangeType.OPTIONAL_INPUT_FIELD_ADDED,
    DangerousChangeType.OPTIONAL_ARG_ADDED,
    DangerousChangeType.IMPLEMENTED_INTERFACE_ADDED,
}
TYPE_IS_LAST = {BreakingChangeType.TYPE_REMOVED_FROM_UNION, DangerousChangeType.TYPE_ADDED_TO_UNION}


class Change(NamedTuple):
    """What clients have to be told, and the coordinate by which the changelog does."""

    coordinate: str
    description: str


def announced(released: GraphQLSchema, current: GraphQLSchema) -> Iterator[Change]:
    """Yield what can break a client: what is breaking, growth of enums and unions, and other default values."""
    for change in find_schema_changes(released, current):
        unused = change.description.startswith("Standard scalar ")  # went with what is told of anyway
        if not isinstance(change, SafeChange) and change.type not in ADDED_FREELY and not unused:
            yield Change(coordinate_of(change), change.description)
    for name, kind in current.type_map.items():
        if one_of(kind) and one_of(released.type_map.get(name)) is False:
            yield Change(name, f"{name} takes exactly one of its fields now.")


def one_of(kind: GraphQLNamedType | None) -> bool | None:
    """Return whether an input takes one field alone, which graphql-core does not compare; None for another type."""
    return kind.is_one_of if isinstance(kind, GraphQLInputObjectType) else None


def coordinate_of(change: SchemaChange) -> str:
    """Return the coordinate of a change, which graphql-core has in its description alone."""
    member = MEMBER.search(change.description)
    if member:
        return member[0]
    words = change.description.rstrip(".").split()
    return words[-1 if change.type in TYPE_IS_LAST else 0]


def named(changelog: str) -> set[str]:
    """Return what stands in backticks in the section of what is not released yet."""
    section = UNRELEASED.search(changelog)
    return set(re.findall(r"`([^`\n]+)`", section[1])) if section else set()


def date_of(reason: str | None) -> date | None:
    """Return the date of a reason that has the form, and None for any other."""
    form = FORM.fullmatch(reason or "")
    try:
        return date.fromisoformat(form[1]) if form else None
    except ValueError:
        return None


def wrong_deprecations(released: Mapping[str, str], current: Mapping[str, str], today: date) -> Iterator[Change]:
    """Yield deprecations that clients can't plan with: a date is far enough ahead, or was promised by a release."""
    for coordinate, reason in current.items():
        goes, promised = date_of(reason), date_of(released.get(coordinate))
        soonest = min(today + NOTICE, promised or date.max)
        if goes is None:
            yield Change(coordinate, f'"{reason}" is not of the form {FORM_SHOWN}.')
        elif goes < soonest:
            yield Change(coordinate, f"{goes} is too soon: {soonest} is the earliest date.")


def problems(released: GraphQLSchema, current: GraphQLSchema, changelog: str, today: date) -> Iterator[str]:
    """Yield what is wrong and what to do next, line by line."""
    names = named(changelog)
    unnamed = [change for change in announced(released, current) if change.coordinate not in names]
    if unnamed:
        yield "These changes since the last release can break clients, and the changelog does not name them:"
        yield from (f"  `{change.coordinate}`: {change.description}" for change in unnamed)
        yield "Keep what was there and deprecate it. If a change has to be, say what clients are to do under"
        yield "`## Unreleased` of the changelog, with the coordinate in backticks as above: docs/schema-policy.md."
    undated = list(wrong_deprecations(deprecations(released), deprecations(current), today))
    if undated:
        yield "These deprecations need a reason and a date that clients can plan with: docs/schema-policy.md."
        yield from (f"  `{change.coordinate}`: {change.description}" for change in undated)


def main(released: Path, current: Path, changelog: Path) -> None:
    """Compare a schema with the released one, and exit with 1 if the changelog leaves out what can break clients."""
    old, new = (build_schema(path.read_text(encoding="utf-8")) for path in (released, current))
    today = datetime.now(UTC).date()
    for coordinate, reason in deprecations(new).items():
        if (date_of(reason) or date.max) <= today:
            typer.echo(f"`{coordinate}` may be removed now: {reason}")
    found = list(problems(old, new, changelog.read_text(encoding="utf-8"), today))
    if found:
        typer.echo("\n".join(found), err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
