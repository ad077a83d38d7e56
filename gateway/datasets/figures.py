"""Figures that a workspace with demo data shows on its profiles, as their definitions."""

from datetime import datetime
from typing import Any

from storage.aggregates import FilterDoc, NewAggregate, WindowDoc, ensure_aggregates
from storage.engines.aggregates import Function
from storage.engines.filters import ParamComparison
from storage.engines.windows import Unit, WindowKind
from storage.store.workspace import Workspace

CHARGE, CANCEL = "transaction.charge", "transaction.cancel"
VISITS = ["page.visit", "screen.view"]


def window(kind: WindowKind = WindowKind.LIFETIME, unit: Unit | None = None, count: int | None = None) -> WindowDoc:
    return {"kind": kind, "unit": unit, "count": count, "since": None, "until": None, "calendar": False}


def figure(
    name: str, display: str, function: Function, actions: list[str], param: str | None = None, **more: Any
) -> NewAggregate:
    definition: Any = {
        "name": name,
        "displayName": display,
        "description": None,
        "function": function,
        "actions": actions,
        "param": param,
        "filters": [],
        "window": window(),
        "timeZone": "UTC",
        "limit": None,
        "quantile": None,
        "showOnProfile": True,
        **more,
    }
    return definition  # type: ignore[no-any-return]  # it has every key


HARD: FilterDoc = {"param": "type", "comparison": ParamComparison.EQ, "value": "hard"}
LAST_30_DAYS = window(WindowKind.LAST, Unit.DAYS, 30)

FIGURES = (
    figure("revenue", "Revenue", Function.SUM, [CHARGE], "amount"),
    figure("orders", "Orders", Function.COUNT, [CHARGE]),
    figure("averageOrder", "Average order", Function.AVG, [CHARGE], "amount"),
    figure("largestOrder", "Largest order", Function.MAX, [CHARGE], "amount"),
    figure("medianOrder", "Median order", Function.MEDIAN, [CHARGE], "amount"),
    figure("lastOrder", "Last order", Function.LAST, [CHARGE], "orderId"),
    figure("refunded", "Refunded", Function.SUM, [CANCEL], "amount"),
    figure("favouriteCategories", "Favourite categories", Function.TOP_N, ["product.view"], "category", limit=3),
    figure("productsSeen", "Products seen", Function.DISTINCT_COUNT, ["product.view"], "sku"),
    figure("visitsLately", "Visits in 30 days", Function.COUNT, VISITS, window=LAST_30_DAYS),
    figure("emailsOpened", "Emails opened", Function.COUNT, ["message.open"]),
    figure("hardBounced", "Has a hard bounce", Function.EXISTS, ["message.bounce"], filters=[HARD]),
)


async def ensure_figures(workspace: Workspace, *, now: datetime) -> None:
    """Define those figures whose names have no definition."""
    await ensure_aggregates(workspace, FIGURES, now=now)
