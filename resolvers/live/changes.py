"""`profileChanged`: the profile as it is, and again whenever it has changed."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import NoReturn, TypedDict

from resolvers.context import Context
from resolvers.feeds.feed import ProfileFeed, patiently
from resolvers.live.sources import feed_of
from resolvers.live.stream import Payload, Sink, Stream
from storage.journal import EntryKind
from storage.past.history import public_field
from storage.past.tail import Entry, entries_after
from storage.profiles import ProfileDoc

PAUSE_SECONDS = 0.1
ACTIVITY = "activity"


class ProfileChangedDoc(TypedDict):
    """The profile as stored, and the fields that changed since the last message."""

    version: int
    changed: list[str]
    profile: ProfileDoc


class ProfileStream(Stream):
    """A snapshot of the profile first, then each newer one; changes within a pause come together."""

    def __init__(self, using: AsyncExitStack, feed: ProfileFeed) -> None:
        super().__init__(using)
        self._feed = feed

    async def missed(self) -> AsyncGenerator[Payload, None]:
        profile = await self._feed.snapshot(self._feed.position)
        yield message(profile, ())
        while profile["seq"] < self._feed.position:
            last, profile = profile["seq"], await self._feed.snapshot(self._feed.position)
            yield message(profile, fields_of(await self._entries(last, profile["seq"])))

    async def _entries(self, after: int, until: int) -> Sequence[Entry]:
        entries: list[Entry] = []
        while after < until:
            page = await patiently(partial(entries_after, self._feed.workspace, self._feed.profile, after))
            entries += page
            after = page[-1]["seq"]
        return [entry for entry in entries if entry["seq"] <= until]

    def follow(self, sink: Sink) -> Callable[[], None]:
        arrived: list[Entry] = []
        wake = asyncio.Event()

        def on(entries: Sequence[Entry]) -> None:
            arrived.extend(entries)
            wake.set()

        async def tell() -> NoReturn:
            while True:
                await wake.wait()
                profile = await self._feed.snapshot(self._feed.position)
                while self._feed.position < profile["seq"]:  # the profile was read after entries that are still to come
                    wake.clear()
                    self._feed.hinted(profile["seq"])
                    await wake.wait()
                wake.clear()
                sink(message(profile, fields_of(entry for entry in arrived if entry["seq"] <= profile["seq"])))
                arrived[:] = [entry for entry in arrived if entry["seq"] > profile["seq"]]
                if arrived:
                    wake.set()
                await asyncio.sleep(PAUSE_SECONDS)

        leave, telling = self._feed.follow(on), asyncio.create_task(tell())

        def end() -> None:
            leave()
            telling.cancel()

        return end


def message(profile: ProfileDoc, changed: Iterable[str]) -> Payload:
    content: ProfileChangedDoc = {"version": profile["version"], "changed": sorted(changed), "profile": profile}
    return Payload(content, position=profile["seq"])


def fields_of(entries: Iterable[Entry]) -> set[str]:
    """Return the names of the fields that entries changed, as in `history`; events change `activity`."""
    fields: set[str] = set()
    for entry in entries:
        if entry["kind"] == EntryKind.EVENT:
            fields.add(ACTIVITY)
        else:
            fields.update(public_field(change["field"]) for change in entry["changes"])  # type: ignore[typeddict-item]
    return fields


async def profile_changes(context: Context, profile_id: str) -> Stream:
    """Follow the profile as a whole."""
    async with AsyncExitStack() as using:
        feed = await feed_of(context, profile_id, using)
        return ProfileStream(using.pop_all(), feed)
