"""Widgets of the dashboards that profiles show: what each asks of the events, and its answer as columns and rows.

All widgets of an operation are asked together. One that fails tells its error in its place (R54).
"""

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from typing import TypedDict

from resolvers.context import Context
from resolvers.data_sets import DataSetDoc
from resolvers.widget_data import data_of, is_masked
from resolvers.widget_questions import Asked, computations_of
from storage.dashboards import DashboardDoc, WidgetDoc, WidgetKind
from storage.engines.aggregates import Result
from storage.profiles import ProfileDoc
from storage.store.errors import BadInputError, ErrorCode, GatewayError

MOST_WIDGETS = 1_000  # of an operation
MOST_VALUES = 20_000  # of all widgets of an operation together


class WidgetErrorCode(StrEnum):
    """Why a widget has no data; the codes mean what they do elsewhere."""

    NOT_FOUND = "NOT_FOUND"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"


class WidgetErrorDoc(TypedDict):
    """What is wrong with a widget."""

    code: WidgetErrorCode
    message: str


class ShownWidgetDoc(TypedDict):
    """A widget with its data for one profile, or its error."""

    title: str
    kind: WidgetKind
    data: DataSetDoc | None
    masked: bool
    error: WidgetErrorDoc | None


class ShownDashboardDoc(DashboardDoc):
    """A dashboard on one profile."""

    profile: ProfileDoc


async def widgets_of_each(context: Context, shown: Sequence[ShownDashboardDoc]) -> list[list[ShownWidgetDoc]]:
    """Return the widgets of dashboards on profiles, each with its data or its error."""
    spend(context, "widgets", sum(len(each["widgets"]) for each in shown), MOST_WIDGETS)
    profiles = {each["profile"]["_id"]: each["profile"] for each in shown if each["widgets"]}
    computations = await computations_of(context, shown)
    whole = context.sees_personal
    context.loaders.asked.update(profiles)
    histories = dict(zip(profiles, await context.loaders.histories(whole=whole).load_many(profiles), strict=True))
    answers: list[list[ShownWidgetDoc]] = [[blank(widget) for widget in each["widgets"]] for each in shown]
    asked: list[Asked] = []
    for number, dashboard in enumerate(shown):
        profile = dashboard["profile"]["_id"]
        for place in range(len(dashboard["widgets"])):
            computation = computations[dashboard["_id"], place]
            try:
                if isinstance(computation, GatewayError):
                    raise computation
                question = computation.question(histories[profile], context.now)
                spend(context, "values", computation.values(question), MOST_VALUES)
                asked.append(Asked((number, place), profile, computation, question))
            except GatewayError as error:
                answers[number][place]["error"] = error_of(error)
        await asyncio.sleep(0)
    for each, found in zip(asked, await answer_all(context, asked), strict=True):
        number, place = each.place
        answer = answers[number][place]
        if isinstance(found, BadInputError):
            answer["error"] = error_of(found)
        elif isinstance(found, BaseException):
            raise found
        else:
            answer["data"] = data_of(context, each, found, histories[each.profile])
            answer["masked"] = is_masked(context, each)
        await asyncio.sleep(0)
    return answers


def blank(widget: WidgetDoc) -> ShownWidgetDoc:
    return {"title": widget["title"], "kind": widget["kind"], "data": None, "masked": False, "error": None}


def spend(context: Context, what: str, number: int, most: int) -> None:
    """Count what an operation is given of something; raises `LIMIT_EXCEEDED` for what would be too many."""
    spent = context.loaders.spent
    if spent[what] + number > most:
        raise GatewayError(
            f"An operation is given at most {most} {what} of dashboards, and these would be {spent[what] + number}; "
            "ask for fewer profiles, or dashboards by their names.",
            code=ErrorCode.LIMIT_EXCEEDED,
            limit=what,
            allowed=most,
        )
    spent[what] += number


def error_of(error: GatewayError) -> WidgetErrorDoc:
    return {"code": WidgetErrorCode(error.code.value), "message": error.message}


async def answer_all(context: Context, asked: Sequence[Asked]) -> list[Sequence[Result] | BaseException]:
    """Return what each question is answered with, or why it has no answer; all are asked at once."""
    results = context.loaders.results(whole=context.sees_personal)
    return await asyncio.gather(
        *(results.load((each.profile, each.question)) for each in asked), return_exceptions=True
    )
