"""Figures that are followed: computed once for all who follow the same ones of a profile, whenever they may differ."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from loaders.analytics import Analytics
from resolvers.analyses import Figure, display_of, figures_of, value_of
from resolvers.context import Context
from resolvers.feeds.definitions import SETTINGS, DefinitionsFeed
from resolvers.feeds.feed import ProfileFeed, patiently
from resolvers.live.changes import PAUSE_SECONDS
from resolvers.live.moving import Moving, MovingWindow
from resolvers.live.statistics import FollowedStatistics, StatisticsQuery, actions_of, followed
from storage.aggregates import AggregateDoc, window_of, zone_of
from storage.credentials import Credential
from storage.engines.holding import STANDING
from storage.journal import EntryKind
from storage.past.tail import Entry

FRESH = timedelta(seconds=1)  # what a new subscriber begins with is no older
BY_CLOCK = timedelta(seconds=1)  # between computations that only the clock calls for
LONGEST_PAUSE_SECONDS = 1.0
AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures by name, as of an entry of the profile and a moment; `number` says how often they have changed."""

    number: int
    seq: int
    as_of: datetime
    by_name: Mapping[str, Figure]
    shown: Mapping[str, Any]
    statistics: FollowedStatistics | None

    def changed_since(self, before: "Figures | None") -> list[str]:
        """Return the names of the figures that are new, or not as they were."""
        shown = before.shown if before else {}
        return [name for name in self.by_name if self.shown[name] != shown.get(name)]

    def gone_since(self, before: "Figures | None") -> list[str]:
        return [name for name in (before.by_name if before else ()) if name not in self.by_name]

    def statistics_since(self, before: "Figures | None") -> FollowedStatistics | None:
        """Return the statistics where they are not as they were."""
        same = before and before.statistics and self.statistics and before.statistics.shown == self.statistics.shown
        return None if same else self.statistics

    def differ_from(self, before: "Figures | None") -> bool:
        return bool(self.changed_since(before) or self.gone_since(before) or self.statistics_since(before))

    def kept(self) -> "Figures":
        """Return the same without what can be read again of the profile's history."""
        histories = {id(figure.history): figure.history.unread() for figure in self.by_name.values()}
        kept = {name: replace(figure, history=histories[id(figure.history)]) for name, figure in self.by_name.items()}
        statistics = self.statistics and replace(self.statistics, history=self.statistics.history.unread())
        return replace(self, by_name=kept, statistics=statistics)


Follower = Callable[[Figures | None, Figures | Exception], None]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which figures are followed: those with some names or all that profiles list, and which statistics if any."""

    names: tuple[str, ...] | None
    statistics: StatisticsQuery | None

    def definitions(self, analytics: Analytics) -> list[AggregateDoc]:
        known = analytics.aggregates
        names = known if self.names is None else self.names
        return [known[name] for name in names if name in known and known[name]["showOnProfile"]]


class FiguresFeed:
    """Figures of a profile that are chosen, as a credential's scopes show them.

    They are computed again when an event of theirs, a definition or the clock may have changed one. Followers are
    called, without waiting, with the figures as they were told last and as they are now where these differ, or with the
    error that computing them ended with.
    """

    def __init__(
        self,
        profile: ProfileFeed,
        definitions: DefinitionsFeed,
        choice: Choice,
        credential: Credential,
        turns: asyncio.Semaphore,
    ) -> None:
        self.figures: Figures | None = None
        self._profile = profile
        self._definitions = definitions
        self._choice = choice
        self._credential = credential
        self._turns = turns
        self._followers: set[Follower] = set()
        self._waiting: list[asyncio.Future[Figures]] = []
        self._actions: frozenset[str] = frozenset()
        self._moving: Sequence[Moving] = ()
        self._wake = asyncio.Event()
        self._leave = (profile.follow(self._happened), definitions.follow(self._defined))
        self._task = asyncio.create_task(self._run())

    def follow(self, follower: Follower) -> Callable[[], None]:
        """Call `follower` until the function that this returns is called."""
        self._followers.add(follower)
        return lambda: self._followers.discard(follower)

    async def current(self) -> Figures:
        """Return the figures as they were a second ago or later; all who ask meanwhile share the computation."""
        if self.figures is not None and datetime.now(UTC) - self.figures.as_of < FRESH:
            return self.figures
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        self._wake.set()
        figures: Figures = await waiting
        return figures

    async def stop(self) -> None:
        for leave in self._leave:
            leave()
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    def _happened(self, entries: Sequence[Entry]) -> None:
        if any(entry["kind"] == EntryKind.EVENT and entry["action"] in self._actions for entry in entries):
            self._wake.set()

    def _defined(self, names: Sequence[str]) -> None:
        if self._choice.names is None or not {*self._choice.names, SETTINGS}.isdisjoint(names):
            self._wake.set()

    async def _run(self) -> NoReturn:
        loop = asyncio.get_running_loop()
        while True:
            waiting: list[asyncio.Future[Figures]] = []
            try:
                await self._until_due()
                self._wake.clear()
                began = loop.time()
                waiting, self._waiting = self._waiting, []
                figures = self._take(await patiently(self._compute_in_turn))
            except Exception as error:  # noqa: BLE001 - whoever follows is ended by it, so that its transport tells it
                self._tell(self.figures, error)
                for one in undone(waiting):
                    one.set_exception(error)
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                for one in undone(waiting):
                    one.set_result(figures)
                # Those that take long leave as much time to others, but for what they waited for a store.
                await asyncio.sleep(min(max(PAUSE_SECONDS, loop.time() - began), LONGEST_PAUSE_SECONDS))

    async def _until_due(self) -> None:
        """Return when something may have moved a figure, or when a window has other events than it held."""
        while not self._wake.is_set():
            now = datetime.now(UTC)
            at = self._look_at(now)
            if at is not None and at <= now:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(None if at is None else (at - now).total_seconds()):
                    await self._wake.wait()

    def _look_at(self, now: datetime) -> datetime | None:
        """Return when the clock may have moved a figure, or has; None when it will not."""
        if not self._moving or self.figures is None:
            return None
        over = not all(each.holds(now) for each in self._moving)
        at = now if over else min(filter(None, (each.look_at(now) for each in self._moving)), default=None)
        return at and max(at, self.figures.as_of + BY_CLOCK)

    async def _compute_in_turn(self) -> Figures:
        async with self._turns:
            return await self._compute()

    async def _compute(self) -> Figures:
        before, analytics, query = self.figures, self._definitions.analytics, self._choice.statistics
        definitions = self._choice.definitions(analytics)
        # Before the profile is read, so that no event is missed that a new definition counts.
        self._actions = frozenset(
            {action for each in definitions for action in each["actions"]}
            | (actions_of(analytics.settings) if query else set())
        )
        profile = await self._profile.snapshot(max(self._profile.position, before.seq if before else 0))
        context = Context(self._credential, self._profile.workspace)
        context.loaders.analytics.prime(context.workspace.id, analytics)
        (figures,) = await figures_of(context, [profile], definitions)
        statistics = await followed(context, profile, query) if query else None
        histories = [*(figure.history for figure in figures), *([statistics.history] if statistics else [])]
        by_name = {figure.definition["name"]: figure for figure in figures}
        self._moving = [
            *(moving(figure) for figure in figures if window_of(figure.definition).kind not in STANDING),
            *(statistics.moving if statistics else ()),
        ]
        return Figures(
            number=before.number if before else 0,
            seq=histories[0].seq if histories else profile["seq"],
            as_of=context.now,
            by_name=by_name,
            shown={name: shown(figure) for name, figure in by_name.items()},
            statistics=statistics,
        )

    def _take(self, figures: Figures) -> Figures:
        """Keep new figures, and tell them where they differ from those before."""
        before = self.figures
        differ = figures.differ_from(before)
        if differ:
            figures = replace(figures, number=figures.number + 1)
        self.figures = figures.kept()
        if differ:
            self._tell(before, figures)
        return self.figures

    def _tell(self, before: Figures | None, figures: Figures | Exception) -> None:
        for follower in list(self._followers):
            follower(before, figures)


def moving(figure: Figure) -> Moving:
    definition = figure.definition
    held = figure.history.held(definition["actions"], figure.span)
    return MovingWindow(window_of(definition), zone_of(definition), figure.week_start, held)


def shown(figure: Figure) -> tuple[Any, ...]:
    """Return what a figure is told again for when it differs: never what is masked."""
    definition: Any = figure.definition
    counts = figure.result.matched, figure.result.skipped
    return definition["_id"], definition["version"], *counts, display_of(figure), value_of(figure)


def undone(waiting: Iterable[asyncio.Future[Figures]]) -> Iterable[asyncio.Future[Figures]]:
    """Return those that somebody still waits for."""
    return [one for one in waiting if not one.done()]
