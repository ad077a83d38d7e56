"""Figures that a workspace with demo data shows on its profiles, as their definitions: those of each data set."""

from datetime import UTC, datetime
from typing import Any

from storage.aggregates import FilterDoc, NewAggregate, WindowDoc, new_window
from storage.engines.aggregates import Function
from storage.engines.filters import ParamComparison
from storage.engines.windows import Unit, WindowKind

CHARGE, CANCEL = "transaction.charge", "transaction.cancel"
VISITS = ["page.visit", "screen.view"]


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
        "window": new_window(),
        "timeZone": "UTC",
        "limit": None,
        "quantile": None,
        "showOnProfile": True,
        **more,
    }
    return definition  # type: ignore[no-any-return]  # it has every key


def year(number: int) -> WindowDoc:
    since, until = datetime(number, 1, 1, tzinfo=UTC), datetime(number + 1, 1, 1, tzinfo=UTC)
    return {**new_window(WindowKind.BETWEEN), "since": since, "until": until}


HARD: FilterDoc = {"param": "type", "comparison": ParamComparison.EQ, "value": "hard"}
LARGE: FilterDoc = {"param": "amount", "comparison": ParamComparison.GTE, "value": 100}
LAST_30_DAYS = new_window(WindowKind.LAST, Unit.DAYS, 30)

OF_ORDERS = (
    figure("revenue", "Revenue", Function.SUM, [CHARGE], "amount"),
    figure("orders", "Orders", Function.COUNT, [CHARGE]),
    figure("averageOrder", "Average order", Function.AVG, [CHARGE], "amount"),
    figure("largestOrder", "Largest order", Function.MAX, [CHARGE], "amount"),
    figure("medianOrder", "Median order", Function.MEDIAN, [CHARGE], "amount"),
)
OF_ECOM = (
    *OF_ORDERS,
    figure("lastOrder", "Last order", Function.LAST, [CHARGE], "orderId"),
    figure("refunded", "Refunded", Function.SUM, [CANCEL], "amount"),
    figure("favouriteCategories", "Favourite categories", Function.TOP_N, ["product.view"], "category", limit=3),
    figure("productsSeen", "Products seen", Function.DISTINCT_COUNT, ["product.view"], "sku"),
    figure("visitsLately", "Visits in 30 days", Function.COUNT, VISITS, window=LAST_30_DAYS),
    figure("emailsOpened", "Emails opened", Function.COUNT, ["message.open"]),
    figure("hardBounced", "Has a hard bounce", Function.EXISTS, ["message.bounce"], filters=[HARD]),
)
OF_CDNOW = (
    *OF_ORDERS,
    figure("firstPurchase", "First purchase", Function.FIRST_AT, [CHARGE]),
    figure("lastPurchase", "Last purchase", Function.LAST_AT, [CHARGE]),
    figure("quantity", "Discs bought", Function.SUM, [CHARGE], "quantity"),
    figure("usualQuantity", "Usual quantities", Function.TOP_N, [CHARGE], "quantity", limit=3),
    figure("latestAmounts", "Latest amounts", Function.LAST_N, [CHARGE], "amount", limit=5),
    figure("smallestOrder", "Smallest order", Function.MIN, [CHARGE], "amount"),
    figure("largeOrders", "Orders of 100 dollars or more", Function.COUNT, [CHARGE], filters=[LARGE]),
    figure("revenue1997", "Revenue in 1997", Function.SUM, [CHARGE], "amount", window=year(1997)),
    figure("revenue1998", "Revenue in 1998", Function.SUM, [CHARGE], "amount", window=year(1998)),
)
