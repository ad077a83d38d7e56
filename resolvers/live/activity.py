"""`activity` and `workspaceActivity`: entries of the journal, from a cursor on."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import TypedDict

from resolvers.context import Context
from resolvers.feeds.cursors import arrival_after, profile_cursor, seq_after, workspace_cursor
from resolvers.feeds.feed import ProfileFeed, WorkspaceFeed, patiently
from resolvers.filters import check_listed
from resolvers.live.sources import feed_of, hub_of
from resolvers.live.stream import Payload, Sink, Stream
from storage.journal import EntryKind
from storage.past.tail import Entry, entries_after, entries_since, looked_back, seq_of
from storage.store.errors import BadInputError


class LiveEntryDoc(TypedDict):
    """An entry as stored, and its place in the feed."""

    cursor: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class EntryMatch:
    """Which entries to send: those of these kinds and with these actions, where any are named."""

    kinds: frozenset[EntryKind] = frozenset()
    actions: frozenset[str] = frozenset()

    def __call__(self, entry: Entry) -> bool:
        return (not self.kinds or entry["kind"] in self.kinds) and (not self.actions or entry["action"] in self.actions)


def entry_match(actions: Sequence[str] | None, kinds: Sequence[EntryKind] | None) -> EntryMatch:
    check_listed(actions, "filter.actions")
    check_listed(kinds, "filter.kinds")
    return EntryMatch(frozenset(kinds or ()), frozenset(actions or ()))


class ActivityStream(Stream):
    """Every entry of one profile, once and in order."""

    def __init__(self, using: AsyncExitStack, feed: ProfileFeed, match: EntryMatch, seq: int) -> None:
        super().__init__(using, cursor=profile_cursor(feed.profile, seq))
        self._feed = feed
        self._match = match
        self._seq = seq

    async def missed(self) -> AsyncGenerator[Payload, None]:
        while self._seq < self._feed.position:
            read = partial(entries_after, self._feed.workspace, self._feed.profile, self._seq)
            for entry in await patiently(read):
                self._seq = entry["seq"]
                if self._match(entry):
                    yield self._message(entry)
        self.positions.reached[None] = self._seq

    def follow(self, sink: Sink) -> Callable[[], None]:
        return self._feed.follow(lambda entries: send(entries, self._match, self._message, sink))

    def _message(self, entry: Entry) -> Payload:
        cursor = profile_cursor(entry["profile"], entry["seq"])
        content: LiveEntryDoc = {"cursor": cursor, "entry": entry}
        return Payload(content, position=entry["seq"], cursor=cursor)


class WorkspaceActivityStream(Stream):
    """Every entry of a workspace, at least once; those of one profile mostly in order."""

    def __init__(self, using: AsyncExitStack, feed: WorkspaceFeed, match: EntryMatch, arrival: bytes | None) -> None:
        super().__init__(using, cursor=workspace_cursor(arrival or feed.position))
        self._feed = feed
        self._match = match
        self._arrival = arrival

    async def missed(self) -> AsyncGenerator[Payload, None]:
        if self._arrival is None:
            return
        start = looked_back(self._arrival)
        while start < self._feed.position:
            page = await patiently(partial(entries_since, self._feed.workspace, start))
            for entry in page:
                start = entry["arrival"]
                if self._match(entry):
                    yield self._message(entry)
            if not page:
                return

    def follow(self, sink: Sink) -> Callable[[], None]:
        return self._feed.follow(lambda entries: send(entries, self._match, self._message, sink))

    def _message(self, entry: Entry) -> Payload:
        cursor = workspace_cursor(entry["arrival"])
        content: LiveEntryDoc = {"cursor": cursor, "entry": entry}
        return Payload(content, cursor=cursor)


def send(entries: Sequence[Entry], match: EntryMatch, message: Callable[[Entry], Payload], sink: Sink) -> None:
    for entry in entries:
        if match(entry):
            sink(message(entry))


async def profile_activity(context: Context, profile_id: str, match: EntryMatch, *, after: str | None) -> Stream:
    """Follow one profile, from a cursor on or from now (X1)."""
    async with AsyncExitStack() as using:
        feed = await feed_of(context, profile_id, using)
        seq = feed.position if after is None else seq_after(feed.profile, after)
        if seq > feed.position and seq > (await seq_of(context.workspace, feed.profile) or 0):
            raise BadInputError("This cursor is ahead of the profile; begin again without it.", argument="after")
        return ActivityStream(using.pop_all(), feed, match, seq)


async def workspace_activity(context: Context, match: EntryMatch, *, after: str | None) -> Stream:
    """Follow everything that happens in the workspace, from a cursor on or from now."""
    async with AsyncExitStack() as using:
        arrival = None if after is None else arrival_after(after)
        feed = await using.enter_async_context(hub_of(context).workspace(context.workspace))
        return WorkspaceActivityStream(using.pop_all(), feed, match, arrival)
