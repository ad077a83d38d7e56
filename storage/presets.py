"""The dashboards that every workspace begins with. Who deletes one does not get it again."""

from datetime import datetime
from typing import Any

from storage import workspaces
from storage.aggregates import QueryDoc, WindowDoc, new_window
from storage.dashboards import DashboardPreset, NewDashboard, WidgetDoc, WidgetKind, new_dashboard
from storage.engines.aggregates import Function
from storage.engines.windows import Unit, WindowKind
from storage.store.workspace import Workspace

CHARGE, CANCEL, BUY = ["transaction.charge"], ["transaction.cancel"], ["product.buy"]
VISITS = ["page.visit", "screen.view"]


LIFETIME = new_window()
LAST_30_DAYS = new_window(WindowKind.LAST, Unit.DAYS, 30)
LAST_12_WEEKS = new_window(WindowKind.LAST, Unit.WEEKS, 12)
LAST_12_MONTHS = new_window(WindowKind.LAST, Unit.MONTHS, 12)


def query(
    function: Function,
    actions: list[str],
    param: str | None = None,
    *,
    within: WindowDoc = LIFETIME,
    limit: int | None = None,
) -> QueryDoc:
    return {
        "function": function,
        "actions": actions,
        "param": param,
        "filters": [],
        "window": within,
        "timeZone": "UTC",
        "limit": limit,
        "quantile": None,
    }


def widget(title: str, kind: WidgetKind, of: QueryDoc, **more: Any) -> WidgetDoc:
    made: Any = {
        "title": title,
        "kind": kind,
        "query": of,
        "granularity": None,
        "by": None,
        "columns": [],
        "aggregate": None,
        **more,
    }
    return made  # type: ignore[no-any-return]  # it has every key


def figure(title: str, of: QueryDoc) -> WidgetDoc:
    return widget(title, WidgetKind.FIGURE, of)


def trend(title: str, of: QueryDoc, granularity: Unit = Unit.MONTHS) -> WidgetDoc:
    return widget(title, WidgetKind.TIME_SERIES, of, granularity=granularity)


def breakdown(title: str, of: QueryDoc, by: str) -> WidgetDoc:
    return widget(title, WidgetKind.BREAKDOWN, of, by=by)


def table(title: str, actions: list[str], *columns: str, limit: int) -> WidgetDoc:
    return widget(title, WidgetKind.TABLE, query(Function.COUNT, actions, limit=limit), columns=[*columns])


def preset(name: str, display: str, description: str, *widgets: WidgetDoc) -> NewDashboard:
    return {
        "name": name,
        "displayName": display,
        "description": description,
        "widgets": [*widgets],
        "showOnProfile": True,
        "condition": None,
    }


# Amounts are told by currency: a sum over several would say nothing.
PRESETS = {
    DashboardPreset.OVERVIEW: preset(
        "overview",
        "Overview",
        "What the person buys and looks at",
        figure("Purchases", query(Function.COUNT, CHARGE)),
        breakdown("Revenue", query(Function.SUM, CHARGE, "amount"), "currency"),
        trend("Purchases by month", query(Function.COUNT, CHARGE, within=LAST_12_MONTHS)),
        figure("Page visits in 30 days", query(Function.COUNT, VISITS, within=LAST_30_DAYS)),
        trend("Page visits by week", query(Function.COUNT, VISITS, within=LAST_12_WEEKS), Unit.WEEKS),
        breakdown("Item categories", query(Function.COUNT, BUY), "category"),
    ),
    DashboardPreset.CALL_CENTRE: preset(
        "callCentre",
        "Call centre",
        "What the person may be calling about",
        table("Latest orders", CHARGE, "orderId", "amount", "currency", "quantity", limit=5),
        table("Latest cancellations", CANCEL, "orderId", "amount", "currency", "reason", limit=5),
        table("Latest visits", VISITS, "title", "url", limit=10),
        figure("Orders in 12 months", query(Function.COUNT, CHARGE, within=LAST_12_MONTHS)),
        figure("Failed payments in 30 days", query(Function.COUNT, ["payment.error"], within=LAST_30_DAYS)),
        figure("Emails that came back", query(Function.COUNT, ["message.bounce"])),
    ),
    DashboardPreset.TRANSACTION_TRENDS: preset(
        "transactionTrends",
        "Transaction trends",
        "How the person's orders change",
        trend("Orders by month", query(Function.COUNT, CHARGE, within=LAST_12_MONTHS)),
        trend("Items by month", query(Function.SUM, CHARGE, "quantity", within=LAST_12_MONTHS)),
        trend("Cancellations by month", query(Function.COUNT, CANCEL, within=LAST_12_MONTHS)),
        breakdown("Revenue in 12 months", query(Function.SUM, CHARGE, "amount", within=LAST_12_MONTHS), "currency"),
        breakdown("Average order", query(Function.AVG, CHARGE, "amount"), "currency"),
        breakdown("Products", query(Function.COUNT, BUY), "productName"),
    ),
}


async def ensure_presets(workspace: Workspace, *, now: datetime) -> None:
    """Create those presets that the workspace never had and whose names are free."""
    had = await workspaces.presets_of(workspace.database, workspace.id)
    missing = {preset: made for preset, made in PRESETS.items() if preset not in had}
    if missing:
        made = [dict(new_dashboard(workspace, each, now=now, preset=preset)) for preset, each in missing.items()]
        await workspace.database.insert_missing("dashboards", made)
        await workspaces.remember_presets(workspace.database, workspace.id, [*missing])
