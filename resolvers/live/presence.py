"""`presence`: which of some profiles are online, sent as it changes; only the clock tells when one goes offline."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import NoReturn, TypedDict

from resolvers.context import Context
from resolvers.feeds.feed import ProfileFeed
from resolvers.live.changes import PAUSE_SECONDS
from resolvers.live.sources import feed_of
from resolvers.live.stream import Payload, Sink, Stream
from storage.events import ACTIVITY_ACTIONS
from storage.journal import EntryKind
from storage.past.tail import Entry
from storage.profiles import ProfileDoc
from storage.store.errors import BadInputError
from storage.store.ids import milliseconds

MOST_PROFILES = 100


class PresenceDoc(TypedDict):
    """Whether a person is online; the profile is as stored."""

    profile: ProfileDoc
    online: bool
    lastActivityAt: datetime | None


class PresenceStream(Stream):
    """Each profile's presence first, then each change of it."""

    def __init__(self, using: AsyncExitStack, feeds: Sequence[ProfileFeed], window: timedelta) -> None:
        super().__init__(using)
        self._feeds = feeds
        self._window = window

    async def missed(self) -> AsyncGenerator[Payload, None]:
        seen = dict.fromkeys(self._feeds, -1)
        while stale := [feed for feed in self._feeds if feed.position > seen[feed]]:
            for feed in stale:
                seen[feed] = feed.position
                yield self._message(await feed.snapshot(feed.position))

    def follow(self, sink: Sink) -> Callable[[], None]:
        watchers = [asyncio.create_task(self._watch(feed, sink)) for feed in self._feeds]

        def end() -> None:
            for task in watchers:
                task.cancel()

        return end

    async def _watch(self, feed: ProfileFeed, sink: Sink) -> NoReturn:
        """Send the presence of one profile when it was active, and when it has not been for the whole window."""
        moved = asyncio.Event()

        def on(entries: Sequence[Entry]) -> None:
            if any(entry["kind"] == EntryKind.EVENT and entry["action"] in ACTIVITY_ACTIONS for entry in entries):
                moved.set()

        leave = feed.follow(on)
        try:
            while True:
                profile = await feed.snapshot(feed.position)
                sink(self._message(profile))
                await asyncio.sleep(PAUSE_SECONDS)
                try:
                    async with asyncio.timeout(self._seconds_online(profile)):
                        await moved.wait()
                except TimeoutError:
                    pass
                moved.clear()
        finally:
            leave()

    def _seconds_online(self, profile: ProfileDoc) -> float | None:
        """Return for how long the profile will still be online; None when it is not."""
        last = profile["lastActivityAt"]
        if last is None:
            return None
        left = (last + self._window - datetime.now(UTC)).total_seconds()
        return left if left > 0 else None

    def _message(self, profile: ProfileDoc) -> Payload:
        online = self._seconds_online(profile) is not None
        last = profile["lastActivityAt"]
        content: PresenceDoc = {"profile": profile, "online": online, "lastActivityAt": last}
        return Payload(content, key=profile["_id"], position=(milliseconds(last) if last else 0, not online))


async def presence_of(context: Context, profile_ids: Sequence[str]) -> Stream:
    """Follow the presence of up to 100 profiles (R37)."""
    if not 1 <= len(profile_ids) <= MOST_PROFILES:
        message = f"From 1 to {MOST_PROFILES} profiles, not {len(profile_ids)}; use more subscriptions for more."
        raise BadInputError(message, argument="profileIds")
    async with AsyncExitStack() as using:
        feeds = [
            await feed_of(context, profile_id, using, argument="profileIds")
            for profile_id in dict.fromkeys(profile_ids)
        ]
        return PresenceStream(using.pop_all(), feeds, context.online_window)
