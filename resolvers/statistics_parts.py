"""Parts of statistics, such as email: which figures each has, as the settings of the workspace say (R53)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storage.aggregates import filter_of
from storage.engines.aggregates import Aggregate, Function
from storage.statistics_settings import StatisticsFigure, StatisticsSettingsDoc, events_of

TRANSACTIONS, EMAIL, WEB_PUSH, MOBILE_PUSH, DYNAMIC_CONTENT = (
    "TRANSACTIONS",
    "EMAIL",
    "WEB_PUSH",
    "MOBILE_PUSH",
    "DYNAMIC_CONTENT",
)
OF_EMAILS = {
    "openRate": ("uniqueOpened", "delivered"),
    "clickRate": ("uniqueClicked", "delivered"),
    "clickToOpenRate": ("uniqueClicked", "uniqueOpened"),
}
OF_SHOWN = {"clickRate": ("clicked", "shown")}
RATES = {EMAIL: OF_EMAILS, WEB_PUSH: OF_SHOWN, MOBILE_PUSH: OF_SHOWN, DYNAMIC_CONTENT: OF_SHOWN}


@dataclass(frozen=True, slots=True)
class Part:
    """Figures by name, and the rates of two of them."""

    figures: Mapping[str, Aggregate]
    rates: Mapping[str, tuple[str, str]]


def parts_of(settings: StatisticsSettingsDoc) -> dict[str, Part]:
    """Return all parts: those that count begin as their figures do, and orders are beside them.

    Unique opens and clicks are of messages, by their id.
    """
    events, params = events_of(settings), settings["params"]

    def of(figure: StatisticsFigure, function: Function = Function.COUNT, **more: Any) -> Aggregate:
        chosen = events[figure]
        return Aggregate(function, tuple(chosen["actions"]), filters=tuple(map(filter_of, chosen["filters"])), **more)

    parts = {}
    for prefix, rates in RATES.items():
        figures = [figure for figure in StatisticsFigure if figure.startswith(f"{prefix}_")]
        parts[prefix] = Part({name_of(figure.removeprefix(f"{prefix}_")): of(figure) for figure in figures}, rates)
    unique = {
        name: of(figure, Function.DISTINCT_COUNT, param=params["message"])
        for name, figure in {
            "uniqueOpened": StatisticsFigure.EMAIL_OPENED,
            "uniqueClicked": StatisticsFigure.EMAIL_CLICKED,
        }.items()
    }
    parts[EMAIL] = Part({**parts[EMAIL].figures, **unique}, OF_EMAILS)
    # An amount is never a value of its own, but one of each currency.
    amounts: dict[str, Any] = {"param": params["amount"], "split": params["currency"]}
    charged, cancelled = StatisticsFigure.CHARGED, StatisticsFigure.CANCELLED
    orders = {
        "count": of(charged),
        "charges": of(charged, Function.SUM, **amounts),
        "items": of(charged, Function.SUM, param=params["items"]),
        "firstAt": of(charged, Function.FIRST_AT),
        "lastAt": of(charged, Function.LAST_AT),
        "refunds": of(cancelled, Function.SUM, once=params["order"], **amounts),
    }
    return {TRANSACTIONS: Part(orders, {}), **parts}


def name_of(figure: str) -> str:
    """Return what a figure is called in an answer: `BOUNCED_HARD` is `bouncedHard`."""
    first, *words = figure.lower().split("_")
    return first + "".join(map(str.capitalize, words))
