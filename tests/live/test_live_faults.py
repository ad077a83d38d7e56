"""Feeds while Valkey or MongoDB are away: real processes, real signals, and no entry is lost or comes twice."""

import asyncio
import time
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from statistics import median

from bench.harness.feed_clients import over_sse, over_websocket
from bench.harness.feeds import Feeds, prepare_feeds, until_heard
from bench.harness.gateways import Start
from bench.harness.processes import discarded, pause, proceed
from bench.harness.subscribers import differing, staying
from gateway.embedded.mongodb import start_mongodb
from gateway.embedded.redis import start_redis
from storage.store.bus import Bus
from storage.store.mongo import Database
from tests.support.live.busy import busy, write
from tests.support.live.watching import FIGURES, Watcher, a_count, define, until_known, watching

AWAY_SECONDS = 10.0
HEALED_SECONDS = 6.0


async def test_stores_that_were_away_cost_no_entry(
    start: Start, feeds: Feeds, database_name: str, bus: Bus, tmp_path: Path
) -> None:  # X1
    """Each happens to a gateway of its own, and both at the same time, since it takes a while."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(valkey_is_away_and_forgets(start, feeds, tmp_path))
        tasks.create_task(mongodb_is_away_and_dies(start, database_name, bus, tmp_path))


def watchers_of(feeds: Feeds) -> list[Watcher]:
    """Return two that follow figures of each profile."""
    clients = [partial(client, query=FIGURES) for client in (over_websocket, over_sse)]
    profiles = zip(feeds.profiles, feeds.ids, strict=True)
    return [Watcher(key, id, client) for key, id in profiles for client in clients]


async def valkey_is_away_and_forgets(start: Start, feeds: Feeds, directory: Path) -> None:
    async with AsyncExitStack() as stack:
        redis = await start_redis(directory, durable=False)
        stack.push_async_callback(discarded, redis)
        bus = Bus.connect(redis.address)
        stack.push_async_callback(bus.close)
        address = await asyncio.to_thread(start(redis_url=redis.address).wait_until_ready)
        subscribers, watchers = feeds.subscribers(4, over_websocket, over_sse), watchers_of(feeds)
        await define(feeds.workspace, a_count("visits", "page.visit"))
        async with staying(subscribers, [address], feeds.token), watching(watchers, [address], feeds.token):
            async with busy(feeds.workspace, bus, feeds.profiles, pause=0.05):
                await until_heard(subscribers)
                await discarded(redis)
                await define(feeds.workspace, a_count("again", "page.visit"))
                await asyncio.sleep(AWAY_SECONDS)
                redis = await start_redis(directory, durable=False)
                stack.push_async_callback(discarded, redis)
            for profile in feeds.profiles:
                await write(feeds.workspace, None, profile)
            assert not await differing(feeds.workspace, subscribers, within=HEALED_SECONDS)
            await until_known(feeds.workspace, watchers, "visits", "again", seconds=HEALED_SECONDS)

            begun = time.time()
            for profile in feeds.profiles * 3:
                await write(feeds.workspace, bus, profile)
            assert not await differing(feeds.workspace, subscribers, within=HEALED_SECONDS)
    assert not any(each.ends for each in subscribers)
    assert all(each.never_went_back for each in watchers)
    # Once a hint was heard again, nothing waits for the sweep.
    assert median(seconds for each in subscribers for sent, seconds in each.seconds if sent > begun) < 0.5


async def mongodb_is_away_and_dies(start: Start, database_name: str, bus: Bus, directory: Path) -> None:
    """See that feeds wait for it."""
    async with AsyncExitStack() as stack:
        mongodb = await start_mongodb(directory)
        stack.push_async_callback(discarded, mongodb)
        database = Database.connect(mongodb.address, name=database_name, timeout=3)
        stack.push_async_callback(database.close)
        feeds = await prepare_feeds(database)
        address = await asyncio.to_thread(start(mongodb_uri=mongodb.address).wait_until_ready)
        subscribers, watchers = feeds.subscribers(4, over_websocket, over_sse), watchers_of(feeds)
        await define(feeds.workspace, a_count("visits", "page.visit"))
        async with staying(subscribers, [address], feeds.token), watching(watchers, [address], feeds.token):
            async with busy(feeds.workspace, bus, feeds.profiles, pause=0.05):
                await until_heard(subscribers)
                pause(mongodb.pid)
                await asyncio.sleep(AWAY_SECONDS)
                proceed(mongodb.pid)
                await until_heard(subscribers, more=3)
                await discarded(mongodb)
                mongodb = await start_mongodb(directory)
                stack.push_async_callback(discarded, mongodb)
                await until_heard(subscribers, more=3)
            assert not await differing(feeds.workspace, subscribers, within=HEALED_SECONDS)
            await until_known(feeds.workspace, watchers, "visits", seconds=HEALED_SECONDS)
    assert not any(each.ends for each in subscribers)
    assert all(each.never_went_back for each in watchers)
