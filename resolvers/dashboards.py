"""Dashboards: the list, how they are edited, and which of them a profile shows."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from resolvers.aggregates import check_filtering, check_query
from resolvers.catalogue import check_free, check_room, delete_entry, list_catalogue
from resolvers.conditions import check_condition
from resolvers.connections import ConnectionDoc
from resolvers.context import Context
from resolvers.mutations import Options, PayloadDoc, change_workspace, create_in_workspace, existing
from resolvers.widget_questions import MOST_ROWS, SINGLE
from resolvers.widgets import ShownDashboardDoc
from storage import aggregates
from storage import dashboards as stored
from storage.catalogue import change_entry, changes_of, entries_by_name
from storage.condition_documents import from_document
from storage.credentials import Scope
from storage.dashboards import MOST_DASHBOARDS, NOUN, SHOWN, DashboardDoc, NewDashboard, WidgetDoc, WidgetKind
from storage.engines.aggregates import OF_GROUPS, Function
from storage.engines.sizes import size_of
from storage.profiles import ProfileDoc
from storage.rules import LONGEST_LINE, LONGEST_NAME, check_kept, check_length, check_name, check_number
from storage.store.errors import BadInputError
from storage.store.ids import to_public
from storage.store.mongo import Document, Session
from storage.store.pages import PageRequest
from storage.store.refusals import UserErrorCode, refuse

MOST_SHOWN = 20
MOST_WIDGETS = 20
MOST_COLUMNS = 20
MOST_BYTES = 64 * 1024
ALWAYS = ("displayName", "widgets", "showOnProfile")
# What belongs to a kind of widget, which needs it, and to no other.
NEEDED: Mapping[WidgetKind, tuple[str, ...]] = {
    WidgetKind.FIGURE: ("query",),
    WidgetKind.TIME_SERIES: ("query", "granularity"),
    WidgetKind.BREAKDOWN: ("query", "by"),
    WidgetKind.TABLE: ("query", "columns"),
    WidgetKind.ANALYSIS: ("aggregate",),
}
FUNCTIONS: Mapping[WidgetKind, frozenset[Function]] = {
    WidgetKind.FIGURE: SINGLE,
    WidgetKind.TIME_SERIES: SINGLE,
    WidgetKind.BREAKDOWN: OF_GROUPS,
    WidgetKind.TABLE: frozenset({Function.COUNT}),
}


async def list_dashboards(context: Context, page: PageRequest) -> ConnectionDoc:
    return await list_catalogue(context, NOUN, page)


async def shown_on_each(
    context: Context, found: Sequence[ProfileDoc], *, names: Sequence[str] | None = None, hidden: bool = False
) -> list[list[ShownDashboardDoc]]:
    """Return the dashboards of each profile, by name or in the order of the names that are given (R4).

    Those that are not shown on it come with `hidden`, to who may define them. Conditions are met, or not, by all
    profiles at once.
    """
    context.credential.require(Scope.PROFILES_READ)
    if hidden:
        context.credential.require(Scope.DEFINITIONS_WRITE)
    dashboards = chosen(await context.loaders.dashboards.load(hidden), names)
    met: list[frozenset[bytes]] = [frozenset()] * len(found)
    if not hidden and any(each["condition"] for each in dashboards):
        met = await context.loaders.dashboards_met.load_many(profile["_id"] for profile in found)
    return [
        [
            {**each, "profile": profile}
            for each in dashboards
            if hidden or each["condition"] is None or each["_id"] in ids
        ]
        for profile, ids in zip(found, met, strict=True)
    ]


def shown_id_of(dashboard: ShownDashboardDoc) -> str:
    """Return an id that no other profile has: clients keep what has one under it, and the data is of one profile."""
    return to_public("pdb", blake2b(dashboard["profile"]["_id"] + dashboard["_id"], digest_size=16).digest())


def chosen(dashboards: Mapping[str, DashboardDoc], names: Sequence[str] | None) -> list[DashboardDoc]:
    if names is None:
        return list(dashboards.values())
    if len(names) > MOST_DASHBOARDS:
        raise BadInputError(f"At most {MOST_DASHBOARDS} names, and these are {len(names)}.", argument="names")
    unknown = [name for name in names if name not in dashboards]
    if unknown:
        raise BadInputError(f"No dashboard {unknown[0][:100]!r} is shown on profiles.", argument="names")
    return [dashboards[name] for name in dict.fromkeys(names)]


async def create_dashboard(context: Context, options: Options, *, dashboard: NewDashboard) -> PayloadDoc:
    """Create a dashboard; its name is unique and never changes (R4, R54)."""
    check_filters_of(context, dashboard["widgets"])

    async def body(session: Session) -> Document:
        return await created(context, dashboard, session)

    return await create_in_workspace(context, options, body)


def check_filters_of(context: Context, widgets: Sequence[WidgetDoc]) -> None:
    for widget in widgets:
        check_filtering(context, widget["query"] and widget["query"]["filters"])


async def copy_dashboard(
    context: Context, options: Options, dashboard_id: str, *, name: str, display_name: str | None
) -> PayloadDoc:
    """Create a dashboard with the widgets of another; it is not shown on profiles until somebody says so."""

    async def body(session: Session) -> Document:
        original = stored.as_read(await existing(context, options, NOUN, dashboard_id, session))
        copy: NewDashboard = {
            "name": name,
            "displayName": original["displayName"] if display_name is None else display_name,
            "description": original["description"],
            "widgets": original["widgets"],
            "showOnProfile": False,
            "condition": original["condition"],
        }
        return await created(context, copy, session, checked=True)

    return await create_in_workspace(context, options, body)


async def created(context: Context, dashboard: NewDashboard, session: Session, *, checked: bool = False) -> Document:
    """Create a dashboard; what is in one that is `checked` was allowed before, and aggregates may be gone since."""
    check_name(dashboard["name"], ["name"])
    check_texts(dashboard)
    if not checked:
        await check_content(context, dashboard, dashboard, session)
    taken = "There is already a dashboard with this name."
    await check_free(context, NOUN, dashboard["name"], taken, session=session)
    await check_room(context, NOUN, most=MOST_DASHBOARDS, session=session)
    if dashboard["showOnProfile"]:
        await check_shown(context, session)
    made = await stored.create_dashboard(context.workspace, dashboard, now=context.now, session=session)
    return {"dashboard": made}


async def update_dashboard(
    context: Context, options: Options, dashboard_id: str, *, fields: Mapping[str, Any]
) -> PayloadDoc:
    """Change those fields of a dashboard that are given, which makes its next version."""
    check_filters_of(context, fields.get("widgets") or ())

    async def body(session: Session) -> Document:
        dashboard = stored.as_read(await existing(context, options, NOUN, dashboard_id, session))
        check_kept(fields, *ALWAYS)
        changed = changes_of(dashboard, fields)
        if not changed:
            return {"dashboard": dashboard}
        after: Any = {**dashboard, **changed}
        check_texts(after)
        await check_content(context, after, changed, session)
        if changed.get("showOnProfile"):
            await check_shown(context, session)
        return {
            "dashboard": await change_entry(
                context.workspace, NOUN, dashboard, changed, now=context.now, session=session
            )
        }

    return await change_workspace(context, options, body)


async def delete_dashboard(context: Context, options: Options, dashboard_id: str) -> PayloadDoc:
    return await delete_entry(context, options, NOUN, dashboard_id, answer="deletedDashboardId")


async def check_shown(context: Context, session: Session) -> None:
    """Refuse to show one more dashboard on profiles than fit there, whatever their conditions."""
    await check_room(context, NOUN, most=MOST_SHOWN, session=session, match=SHOWN, at="showOnProfile")


def check_texts(dashboard: NewDashboard) -> None:
    check_length(dashboard["displayName"], ["displayName"], longest=LONGEST_NAME)
    if dashboard["description"] is not None:
        check_length(dashboard["description"], ["description"], longest=LONGEST_LINE, blank=True)


async def check_content(context: Context, dashboard: NewDashboard, given: Mapping[str, Any], session: Session) -> None:
    """Refuse widgets and conditions that make no sense, or are too large; those that are not `given` stay."""
    if "widgets" in given:
        widgets = dashboard["widgets"]
        check_number(len(widgets), ["widgets"], most=MOST_WIDGETS)
        for place, widget in enumerate(widgets):
            check_widget(context, widget, ["widgets", str(place)])
        await check_analyses(context, widgets, session)
        if (size := size_of(widgets)) > MOST_BYTES:
            message = f"These widgets have {size} bytes; at most {MOST_BYTES} are allowed."
            raise refuse(UserErrorCode.TOO_LONG, ["widgets"], message)
    if given.get("condition") is not None:
        try:
            await check_condition(context, from_document(given["condition"]), "condition")
        except BadInputError as error:
            at = str(error.details["argument"]).split(".")
            raise refuse(UserErrorCode.INVALID_VALUE, at, error.message) from error


def check_widget(context: Context, widget: WidgetDoc, at: Sequence[str]) -> None:
    check_length(widget["title"], [*at, "title"], longest=LONGEST_NAME)
    kind = widget["kind"]
    given: Mapping[str, Any] = widget
    for name in ("query", "granularity", "by", "columns", "aggregate"):
        if (name in NEEDED[kind]) != (given[name] not in (None, [])):
            verb = "needs" if name in NEEDED[kind] else "takes no"
            raise refuse(UserErrorCode.INVALID_VALUE, [*at, name], f"A widget {kind} {verb} {name}.")
    if widget["by"] is not None:
        check_name(widget["by"], [*at, "by"])
    check_number(len(widget["columns"]), [*at, "columns"], most=MOST_COLUMNS)
    for place, param in enumerate(widget["columns"]):
        check_name(param, [*at, "columns", str(place)])
        if param in widget["columns"][:place]:
            raise refuse(UserErrorCode.INVALID_VALUE, [*at, "columns", str(place)], "This column is there already.")
    query = widget["query"]
    if query is None:
        return
    check_query(context, query, [*at, "query"])
    if query["function"] not in FUNCTIONS[kind]:
        message = f"A widget {kind} has one of {', '.join(sorted(FUNCTIONS[kind]))}."
        raise refuse(UserErrorCode.INVALID_VALUE, [*at, "query", "function"], message)
    if kind is WidgetKind.TABLE and query["limit"] is not None:
        check_number(query["limit"], [*at, "query", "limit"], most=MOST_ROWS)


async def check_analyses(context: Context, widgets: Sequence[WidgetDoc], session: Session) -> None:
    """Refuse widgets of aggregates that the workspace does not have."""
    named = {widget["aggregate"] for widget in widgets if widget["aggregate"] is not None}
    found = await entries_by_name(context.workspace, aggregates.NOUN, sorted(named), session=session) if named else []
    missing = named - {aggregate["name"] for aggregate in found}
    for place, widget in enumerate(widgets):
        if widget["aggregate"] in missing:
            at = ["widgets", str(place), "aggregate"]
            raise refuse(UserErrorCode.NOT_FOUND, at, "There is no aggregate with this name.")
