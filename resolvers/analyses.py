"""Figures of a profile's events: each definition's value, what it is of, and which events made it so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any, TypedDict

from resolvers.aggregates import check_definition, check_filtering
from resolvers.attributes import NOT_AVAILABLE, VALUE_KEYS, display, type_of
from resolvers.connections import ConnectionDoc, connection
from resolvers.context import Context
from resolvers.privacy import MASK, mask_event
from storage import events, profiles
from storage.aggregates import AggregateDoc, NewAggregate, aggregate_of, window_of, zone_of
from storage.columns.histories import History, Question
from storage.credentials import Scope
from storage.engines.aggregates import OF_EVENTS, Function, Result
from storage.engines.windows import Span, Unit, span_of
from storage.profiles import ProfileDoc
from storage.store.errors import BadInputError, NotFoundError
from storage.store.ids import from_public
from storage.store.pages import Page, PageRequest
from storage.store.refusals import RefusedError

MOST_NAMES = 100
# What tells how many, and nothing of what a sender wrote.
OPEN = frozenset({*OF_EVENTS, Function.DISTINCT_COUNT})


class AnalysisState(StrEnum):
    """Whether the workspace has anything to compute (R56)."""

    READY = "READY"
    NO_DATA = "NO_DATA"


@dataclass(frozen=True, slots=True)
class Figure:
    """A definition's value for one profile, in an operation at `now`. It is masked for who may not see it."""

    definition: NewAggregate
    history: History
    result: Result
    span: Span
    now: datetime
    masked: bool
    week_start: int = 0


class BucketDoc(TypedDict):
    """The value of one bucket of a window."""

    since: datetime
    until: datetime
    value: dict[str, Any] | None
    matched: int
    complete: bool


async def state_of_each(context: Context, found: Sequence[ProfileDoc]) -> list[AnalysisState]:
    context.credential.require(Scope.PROFILES_READ)
    definitions = (await context.loaders.analytics.load(context.workspace.id)).aggregates
    return [AnalysisState.READY if definitions else AnalysisState.NO_DATA for _ in found]


async def figures_of_each(
    context: Context, found: Sequence[ProfileDoc], *, names: Sequence[str] | None = None, hidden: bool = False
) -> list[list[Figure]]:
    """Return the figures of each profile, by name or in the order of the names that are given (R55).

    Those that are not shown on profiles come with `hidden`, to who may define them.
    """
    context.credential.require(Scope.PROFILES_READ)
    analytics = await context.loaders.analytics.load(context.workspace.id)
    definitions = chosen(context, analytics.aggregates, names, hidden=hidden)
    if not definitions:
        return [[] for _ in found]
    return await figures_of(context, found, definitions)


def chosen(
    context: Context, definitions: Mapping[str, AggregateDoc], names: Sequence[str] | None, *, hidden: bool
) -> list[AggregateDoc]:
    if hidden:
        context.credential.require(Scope.DEFINITIONS_WRITE)
    if names is None:
        found = list(definitions.values())
    else:
        if len(names) > MOST_NAMES:
            raise BadInputError(f"At most {MOST_NAMES} names, and these are {len(names)}.", argument="names")
        unknown = [name for name in names if name not in definitions]
        if unknown:
            raise BadInputError(f"There is no aggregate {unknown[0][:100]!r}.", argument="names")
        found = [definitions[name] for name in dict.fromkeys(names)]
    return [definition for definition in found if hidden or definition["showOnProfile"]]


async def figures_of(
    context: Context, found: Sequence[ProfileDoc], definitions: Sequence[NewAggregate]
) -> list[list[Figure]]:
    """Compute definitions for each profile, with what else is computed of them in this operation."""
    context.loaders.asked.update((profile["_id"], profile) for profile in found)
    ids = [profile["_id"] for profile in found]
    whole = context.sees_personal
    week_start = (await context.loaders.analytics.load(context.workspace.id)).week_start
    spans = [span_of(window_of(each), context.now, zone_of(each), week_start=week_start) for each in definitions]
    questions = [Question.within(aggregate_of(each), span) for each, span in zip(definitions, spans, strict=True)]
    answers = iter(await context.loaders.results(whole=whole).load_many((id, each) for id in ids for each in questions))
    histories = await context.loaders.histories(whole=whole).load_many(ids)
    masked = [not whole and definition["function"] not in OPEN for definition in definitions]
    return [
        [
            Figure(definition, history, next(answers)[0], span, context.now, is_masked, week_start)
            for definition, span, is_masked in zip(definitions, spans, masked, strict=True)
        ]
        for history in histories
    ]


async def preview(context: Context, profile_id: str, definition: NewAggregate) -> Figure | None:
    """Compute a definition that is not stored, for one profile; None when there is no such profile.

    Nobody can filter by what is masked for them: counting would tell it (X5).
    """
    context.credential.require(Scope.PROFILES_READ)
    check_filtering(context, definition["filters"])
    try:
        check_definition(context, definition)
    except RefusedError as refused:
        error = refused.errors[0]
        raise BadInputError(error.message, argument=".".join(["definition", *error.field])) from refused
    prefix, key = from_public(profile_id, argument="profileId")
    if prefix != profiles.NOUN.prefix:
        raise NotFoundError("There is no profile with this id.", argument="profileId")
    found = await profiles.profiles_by_id(context.workspace, [key])
    if not found:
        return None
    ((figure,),) = await figures_of(context, found, [definition])
    return figure


def value_of(figure: Figure) -> dict[str, Any] | None:
    """Return the value under the key of its type; None without one, or masked."""
    value = figure.result.value
    if figure.masked or value is None:
        return None
    if figure.definition["function"] is Function.TOP_N:
        rows = [[each, count] for each, count in zip(value, figure.result.counts, strict=True)]
        return {"columns": ["value", "count"], "rows": rows}
    if isinstance(value, dict):
        return {"json": value}
    return {VALUE_KEYS[type_of(value)]: value}


def display_of(figure: Figure) -> str:
    """Return the value as text for people (R56)."""
    if figure.masked:
        return MASK
    value = figure.result.value
    return NOT_AVAILABLE if value in (None, []) else display(value)


def definition_of(figure: Figure) -> NewAggregate | None:
    return figure.definition if "version" in figure.definition else None


def is_masked(figure: Figure) -> bool:
    return figure.masked


def now_of(figure: Figure) -> datetime:
    return figure.now


def matched_of(figure: Figure) -> int:
    return figure.result.matched


def skipped_of(figure: Figure) -> int:
    return figure.result.skipped


def version_of(figure: Figure) -> int | None:
    version: int | None = figure.definition.get("version")  # type: ignore[assignment]  # one that is tried has none
    return version


def seq_of(figure: Figure) -> int:
    return figure.history.seq


def zone_name_of(figure: Figure) -> str:
    return figure.definition["timeZone"]


def since_of(figure: Figure) -> datetime | None:
    return figure.span.since


def until_of(figure: Figure) -> datetime | None:
    return figure.span.until


async def events_of(context: Context, figure: Figure, page: PageRequest) -> ConnectionDoc:
    """Return one page of the events that made the value, newest first (R60)."""
    if page.backwards:
        raise BadInputError("These events are paged forwards: use first and after.", argument="last")
    bound = page.bound("_id")
    aggregate = aggregate_of(figure.definition)
    ids = await figure.history.counted(aggregate, figure.span, before=bound, limit=page.size + 1)
    stored = {event["_id"]: event for event in await events.events_by_id(context.workspace, ids[: page.size])}
    items = [stored[id] for id in ids[: page.size] if id in stored]
    shown = items if context.sees_personal else [mask_event(event) for event in items]
    return connection(Page(items, len(ids) > page.size, bound is not None, "_id"), items=shown)


async def series_of(figure: Figure, granularity: Unit) -> list[BucketDoc]:
    """Return the value of each bucket of the window, empty ones too; the running one is not complete."""
    zone = zone_of(figure.definition)
    starts = figure.history.buckets(figure.span, granularity, zone, week_start=figure.week_start, now=figure.now)
    results = await figure.history.results(Question(aggregate_of(figure.definition), starts))
    return [
        {
            "since": since,
            "until": until,
            "value": value_of(replace(figure, result=result)),
            "matched": result.matched,
            "complete": until < figure.now,
        }
        for (since, until), result in zip(pairwise(starts), results, strict=True)
    ]
