"""Batching: one loader a relation, new for every operation; all of them on this one screen."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from loaders.analytics import Analytics, analytics_of
from loaders.batches import Loader, paged
from loaders.queries import (
    BesideKey,
    BesideQuery,
    EventKey,
    EventQuery,
    HistoryKey,
    HistoryQuery,
    TimelineKey,
    TimelineQuery,
)
from storage import attribute_definitions, event_definitions, events, tags
from storage.actors import ActorDoc
from storage.attribute_definitions import AttributeDefinition
from storage.beside import find_documents, list_beside
from storage.catalogue import entries_by_name
from storage.changes import ChangeDoc
from storage.columns.histories import History, Question, histories_of
from storage.condition_documents import from_document
from storage.dashboards import DashboardDoc, all_dashboards
from storage.declaration import Noun
from storage.engines.aggregates import Result
from storage.event_definitions import EventDefinition
from storage.events import EventDoc
from storage.past import history
from storage.profiles import ProfileDoc, meeting, profiles_by_id
from storage.store.pages import Page
from storage.store.workspace import Workspace
from storage.tags import TagDoc


class Loaders:
    """Every loader of one operation; made when the operation starts, gone when it ends."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.asked: dict[bytes, ProfileDoc] = {}  # profiles whose histories are asked for
        self.spent: Counter[str] = Counter()  # of what an operation is given no more than so much
        self._histories: dict[bool, Loader[bytes, History]] = {}
        self._results: dict[bool, Loader[tuple[bytes, Question], list[Result]]] = {}

    @cached_property
    def attribute_definitions(self) -> Loader[str, Mapping[str, AttributeDefinition]]:
        """Definitions of a workspace by name; the key is the workspace."""

        async def fetch(keys: Sequence[str]) -> dict[str, dict[str, AttributeDefinition]]:
            found = await attribute_definitions.all_definitions(self.workspace)
            by_name = {definition["name"]: definition for definition in found}
            return dict.fromkeys(keys, by_name)

        return Loader(fetch, {})

    @cached_property
    def event_definitions(self) -> Loader[str, EventDefinition | None]:
        """The definition of an action."""

        async def fetch(names: Sequence[str]) -> dict[str, EventDefinition]:
            found = await entries_by_name(self.workspace, event_definitions.NOUN, names)
            return {definition["name"]: definition for definition in found}

        return Loader(fetch, None)

    @cached_property
    def events(self) -> Loader[EventKey, Page[EventDoc]]:
        """A page of a profile's events."""

        async def fetch(profiles: Sequence[bytes], query: EventQuery) -> Mapping[bytes, Page[EventDoc]]:
            return await events.list_events(
                self.workspace,
                profiles,
                query.page,
                actions=query.actions,
                since=query.since,
                until=query.until,
            )

        return paged(fetch)

    @cached_property
    def timeline(self) -> Loader[TimelineKey, Page[EventDoc | ChangeDoc]]:
        """A page of everything that happened to a profile."""

        async def fetch(profiles: Sequence[bytes], query: TimelineQuery) -> Mapping[bytes, Page[EventDoc | ChangeDoc]]:
            return await history.list_entries(
                self.workspace,
                profiles,
                query.page,
                kinds=query.kinds,
                actions=query.actions,
                since=query.since,
                until=query.until,
            )

        return paged(fetch)

    @cached_property
    def history(self) -> Loader[HistoryKey, Page[ChangeDoc]]:
        """A page of the changes of a profile's field."""

        async def fetch(profiles: Sequence[bytes], query: HistoryQuery) -> Mapping[bytes, Page[ChangeDoc]]:
            return await history.list_changes_of_field(self.workspace, profiles, query.page, field=query.field)

        return paged(fetch)

    @cached_property
    def beside(self) -> Loader[BesideKey, Page[Any]]:
        """A page of a profile's documents of one noun."""

        async def fetch(profiles: Sequence[bytes], query: BesideQuery) -> Mapping[bytes, Page[Any]]:
            condition = query.match.condition() if query.match else {}
            return await list_beside(self.workspace, query.noun, profiles, query.page, condition=condition)

        return paged(fetch)

    @cached_property
    def actors(self) -> Loader[bytes, ActorDoc | None]:
        """The actor of an event, for one that does not tell: those that a profile carries don't."""

        async def fetch(ids: Sequence[bytes]) -> dict[bytes, ActorDoc]:
            return {event["_id"]: event["actor"] for event in await events.events_by_id(self.workspace, ids)}

        return Loader(fetch, None)

    @cached_property
    def analytics(self) -> Loader[str, Analytics]:
        """What analyses are made by; the key is the workspace.

        All who need any of it wait for all of it, and so go on together, and share what they read of histories.
        """

        async def fetch(keys: Sequence[str]) -> dict[str, Analytics]:
            return dict.fromkeys(keys, await analytics_of(self.workspace))

        return Loader(fetch, None)  # type: ignore[arg-type]  # there is one for each key

    @cached_property
    def dashboards(self) -> Loader[bool, Mapping[str, DashboardDoc]]:
        """Dashboards by name: those that profiles show, or with the key True those that they don't as well."""

        async def fetch(keys: Sequence[bool]) -> dict[bool, dict[str, DashboardDoc]]:
            found = await all_dashboards(self.workspace, hidden=any(keys))
            by_name = {dashboard["name"]: dashboard for dashboard in found}
            return {key: {name: each for name, each in by_name.items() if key or each["showOnProfile"]} for key in keys}

        return Loader(fetch, {})

    @cached_property
    def dashboards_met(self) -> Loader[bytes, frozenset[bytes]]:
        """Ids of the dashboards on profiles by a condition that a profile meets; the key is the profile."""

        async def fetch(profiles: Sequence[bytes]) -> dict[bytes, frozenset[bytes]]:
            shown = (await self.dashboards.load(False)).values()
            conditions = {each["_id"]: from_document(each["condition"]) for each in shown if each["condition"]}
            met = await meeting(self.workspace, profiles, list(conditions.values()))
            return {
                profile: frozenset(id for id, who in zip(conditions, met, strict=True) if profile in who)
                for profile in profiles
            }

        return Loader(fetch, frozenset())

    def histories(self, *, whole: bool) -> Loader[bytes, History]:
        """Load the events of a profile in `asked` as columns; those that it carries are used where it is `whole`."""

        async def fetch(ids: Sequence[bytes]) -> dict[bytes, History]:
            return await histories_of(self.workspace, {id: self.asked[id] for id in ids}, whole=whole)

        if whole not in self._histories:
            self._histories[whole] = Loader(fetch, None)  # type: ignore[arg-type]  # each is found
        return self._histories[whole]

    def results(self, *, whole: bool) -> Loader[tuple[bytes, Question], list[Result]]:
        """Load what a question about a profile in `asked` is answered with; all that ask at once share one reading.

        One that has no answer raises why.
        """

        async def fetch(keys: Sequence[tuple[bytes, Question]]) -> dict[tuple[bytes, Question], Any]:
            questions: defaultdict[bytes, list[Question]] = defaultdict(list)
            for profile, question in keys:
                questions[profile].append(question)
            found: dict[tuple[bytes, Question], Any] = {}
            for profile, past in zip(questions, await self.histories(whole=whole).load_many(questions), strict=True):
                for question, results in zip(questions[profile], await past.answer(questions[profile]), strict=True):
                    found[profile, question] = results
            return found

        if whole not in self._results:
            self._results[whole] = Loader(fetch, [])
        return self._results[whole]

    @cached_property
    def documents(self) -> Loader[tuple[Noun, bytes], Any]:
        """A document of a noun by its id."""

        async def fetch(keys: Sequence[tuple[Noun, bytes]]) -> dict[tuple[Noun, bytes], Any]:
            by_noun: dict[Noun, list[bytes]] = {}
            for noun, id in keys:
                by_noun.setdefault(noun, []).append(id)
            return {
                (noun, document["_id"]): document
                for noun, ids in by_noun.items()
                for document in await find_documents(self.workspace, noun, ids)
            }

        return Loader(fetch, None)

    @cached_property
    def profiles(self) -> Loader[bytes, ProfileDoc | None]:
        """A profile by its id."""

        async def fetch(ids: Sequence[bytes]) -> dict[bytes, ProfileDoc]:
            return {profile["_id"]: profile for profile in await profiles_by_id(self.workspace, ids)}

        return Loader(fetch, None)

    @cached_property
    def tags(self) -> Loader[str, TagDoc | None]:
        """The tag of the catalogue with a name."""

        async def fetch(names: Sequence[str]) -> dict[str, TagDoc]:
            return {tag["name"]: tag for tag in await entries_by_name(self.workspace, tags.NOUN, names)}

        return Loader(fetch, None)

    @cached_property
    def profiles_by_tag(self) -> Loader[str, int]:
        """How many profiles carry a tag."""

        async def fetch(names: Sequence[str]) -> dict[str, int]:
            return await tags.count_profiles_by_tag(self.workspace, names)

        return Loader(fetch, 0)
