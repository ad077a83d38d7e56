"""A soak of live feeds: everything that can go wrong at once, and every subscriber's record must equal the journal.

Run it with `make soak`, or `python -m bench.soak --seconds N`.
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from bench.harness.feed_clients import WIDE, over_sse, over_websocket
from bench.harness.feeds import Feeds, prepare_feeds
from bench.harness.gateways import ready, starting
from bench.harness.processes import pause, proceed
from bench.harness.subscribers import Subscriber, differing
from bench.soak_report import Figures, Report, report, watched
from bench.soak_writers import Writers
from gateway.embedded.mongodb import start_mongodb
from gateway.embedded.redis import start_redis
from gateway.embedded.store import Store
from storage.store.mongo import Database

SECONDS, PROFILES, SUBSCRIBERS, EVENTS_A_SECOND = 600.0, 100, 500, 50
BUSY, NAP_SECONDS, AWAKE_SECONDS = 2, 12.0, 20.0
QUEUE = 16
DROPS, DROP_SECONDS = 5, 1.0
CALM_SECONDS, STORM_SECONDS = (15.0, 30.0), (3.0, 10.0)
END_SECONDS = 90.0
DATABASE = "soak"


def subscribers_of(feeds: Feeds, *, number: int) -> list[Subscriber]:
    """Return them spread over the profiles, a tenth by server-sent events.

    The first are slow ones, for each busy profile one on a WebSocket and one on a stream: they ask for much, and
    now and then read nothing for some seconds.
    """
    slow = feeds.subscribers(BUSY, partial(over_websocket, query=WIDE), partial(over_sse, query=WIDE))
    for subscriber in slow:
        subscriber.nap, subscriber.awake = NAP_SECONDS, AWAKE_SECONDS
    streams = number // 10 - BUSY
    sockets = number - len(slow) - streams
    return slow + feeds.subscribers(sockets, over_websocket) + feeds.subscribers(streams, over_sse)


class Crowd:
    """Subscribers who follow through any of the gateways, and are torn away from them now and then."""

    def __init__(self, subscribers: Sequence[Subscriber], addresses: Sequence[str], token: str) -> None:
        self._subscribers = subscribers
        self._addresses = addresses
        self._token = token
        self._tasks: dict[int, asyncio.Task[NoReturn]] = {}
        self.drops = 0

    async def run(self) -> NoReturn:
        async with asyncio.TaskGroup() as group:
            for place in range(len(self._subscribers)):
                self._start(group, place)
            while True:
                await asyncio.sleep(DROP_SECONDS)
                for place in random.sample(range(len(self._subscribers)), DROPS):
                    self._tasks[place].cancel()
                    await asyncio.wait([self._tasks[place]])
                    self._start(group, place)
                    self.drops += 1

    def _start(self, group: asyncio.TaskGroup, place: int) -> None:
        first = random.randrange(len(self._addresses))  # noqa: S311 - any gateway will do
        stay = self._subscribers[place].stay(self._addresses, self._token, first=first)
        self._tasks[place] = group.create_task(stay)


async def weather(stores: Sequence[Store], figures: Figures) -> NoReturn:
    """Stop one store after the other for some seconds."""
    number = 0
    while True:
        await asyncio.sleep(random.uniform(*CALM_SECONDS))  # noqa: S311 - any moment will do
        store = stores[number % len(stores)]
        begun = time.time()
        pause(store.pid)
        try:
            await asyncio.sleep(random.uniform(*STORM_SECONDS))  # noqa: S311 - as above
        finally:
            proceed(store.pid)
        figures.storms.append((begun, time.time()))
        number += 1


async def soak(seconds: float, number: int, directory: Path) -> Report:
    """Run the soak over stores and gateways of its own in `directory`."""
    stores = [await start_mongodb(directory), await start_redis(directory, durable=False)]
    database = Database.connect(stores[0].address, name=DATABASE, timeout=30)
    try:
        feeds = await prepare_feeds(database, profiles=PROFILES)
        with starting(
            directory,
            mongodb_uri=stores[0].address,
            redis_url=stores[1].address,
            database=DATABASE,
            GATEWAY_SUBSCRIPTION_QUEUE=str(QUEUE),
        ) as start:
            addresses = await ready(start(), start())
            return await run(feeds, addresses, stores, number=number, seconds=seconds)
    finally:
        await database.close()
        for store in stores:
            await store.stop()


async def run(
    feeds: Feeds, addresses: Sequence[str], stores: Sequence[Store], *, number: int, seconds: float
) -> Report:
    subscribers = subscribers_of(feeds, number=number)
    crowd = Crowd(subscribers, addresses, feeds.token)
    writers = Writers(feeds, addresses, rate=EVENTS_A_SECOND, busy=BUSY)
    figures = Figures(subscribers, 2 * BUSY, writers)
    async with asyncio.TaskGroup() as group:
        following = group.create_task(crowd.run())
        trouble = group.create_task(weather(stores, figures))
        writing = group.create_task(writers.run())
        await watched(figures, seconds=seconds)
        trouble.cancel()
        await asyncio.wait([trouble])
        writers.stop()
        await writing
        for subscriber in subscribers:
            subscriber.nap = 0
        different = await differing(feeds.workspace, subscribers, within=END_SECONDS)
        following.cancel()
    return Report(figures, drops=crowd.drops, seconds=seconds, different=different)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--subscribers", type=int, default=SUBSCRIBERS)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="soak") as directory:
        return report(asyncio.run(soak(options.seconds, options.subscribers, Path(directory))))


if __name__ == "__main__":
    sys.exit(main())
