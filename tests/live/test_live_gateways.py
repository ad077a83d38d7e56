"""Feeds through two gateways: what one writes the other tells, and who loses one goes on at the other."""

import asyncio
import signal
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

import httpx
import pytest

from bench.harness.feed_clients import LOST, over_sse, over_websocket
from bench.harness.feeds import Feeds, prepare_feeds, until_heard, until_recorded
from bench.harness.gateways import TLS, Start, ready
from bench.harness.subscribers import differing, staying
from storage.api_keys import create_key, revoke_key
from storage.credentials import Scope
from storage.profiles import NOUN
from storage.store.bus import Bus
from storage.store.ids import to_public
from storage.store.mongo import Database
from storage.write.edits import edit
from storage.write.working_copy import Edit
from tests.support.factories import TESTER, an_event
from tests.support.live.busy import busy, write
from tests.support.live.gateways import starting_over
from tests.support.live.watching import FIGURES, Watcher, until_known, watching
from tests.support.stores import Stores

ADD = """mutation ($id: ID!, $input: EventCreateInput!) {
  eventCreate(profileId: $id, input: $input) { event { id } userErrors { code } } }"""
DEFINE = """mutation ($input: AggregateCreateInput!) {
  aggregateCreate(input: $input) { aggregate { id } userErrors { code } } }"""
REMOVE = "mutation ($id: ID!) { aggregateDelete(id: $id) { userErrors { code } } }"
VISITS = {
    "name": "visits",
    "displayName": "Visits",
    "function": "COUNT",
    "actions": ["page.visit"],
    "showOnProfile": True,
}
SOCKETS, STREAMS = 180, 20
BYE = "The gateway is shutting down; connect again"
WITHIN_SECONDS = 10.0
SECONDS = timedelta(seconds=4)


@dataclass
class Pair:
    """Two gateways over one database, each test with a workspace of its own in it."""

    addresses: list[str]
    database: Database

    async def feeds(self) -> Feeds:
        return await prepare_feeds(self.database, name=f"w{uuid.uuid4().hex[:12]}")


@pytest.fixture(scope="module")
async def pair(tmp_path_factory: pytest.TempPathFactory, stores: Stores) -> AsyncIterator[Pair]:
    """Give the two of all tests that end none of them; what waits for a slow subscriber is little in them."""
    name = f"test_{uuid.uuid4().hex}"
    database = Database.connect(stores.mongodb_uri, name=name, timeout=10)
    try:
        with starting_over(stores, tmp_path_factory.mktemp("pair"), name) as start:
            queue = {"GATEWAY_SUBSCRIPTION_QUEUE": "16"}
            yield Pair(await ready(start(**queue), start(**queue)), database)
        await database.drop()
    finally:
        await database.close()


async def test_an_edit_reaches_the_subscribers_of_another_gateway(pair: Pair, bus: Bus) -> None:
    (address, elsewhere), feeds = pair.addresses, await pair.feeds()
    subscribers = feeds.subscribers(4, over_websocket, over_sse)
    headers = {"Authorization": f"Bearer {feeds.token}"}
    async with (
        staying(subscribers, [elsewhere], feeds.token),
        httpx.AsyncClient(base_url=address, headers=headers, verify=TLS) as client,
    ):
        for profile in feeds.profiles:
            await write(feeds.workspace, bus, profile)
        await until_recorded(subscribers, 1)
        begun = time.time()
        for profile in feeds.profiles * 5:
            event = {"action": "note", "params": {"sentAt": time.time()}}
            variables = {"id": to_public(NOUN.prefix, profile), "input": event}
            answer = await client.post("/graphql", json={"query": ADD, "variables": variables})
            assert answer.json()["data"]["eventCreate"]["userErrors"] == []
        assert not await differing(feeds.workspace, subscribers, within=WITHIN_SECONDS)
    took = [seconds for each in subscribers for sent, seconds in each.seconds if sent > begun]
    assert len(took) == 5 * len(subscribers)
    assert median(took) < 0.5


async def test_figures_are_told_at_both_gateways_whatever_changes_them_at_one(pair: Pair, bus: Bus) -> None:
    (address, elsewhere), feeds = pair.addresses, await pair.feeds()
    workspace, profile = feeds.workspace, feeds.profiles[0]
    clients = [partial(client, query=FIGURES) for client in (over_websocket, over_sse) * 2]
    watchers = [Watcher(profile, feeds.ids[0], client) for client in clients]
    headers = {"Authorization": f"Bearer {feeds.token}"}
    async with (
        watching(watchers, [address, address, elsewhere, elsewhere], feeds.token),
        httpx.AsyncClient(base_url=address, headers=headers, verify=TLS) as client,
    ):

        async def changing(mutation: str, **variables: Any) -> Any:
            answer = await client.post("/graphql", json={"query": mutation, "variables": variables})
            (payload,) = answer.json()["data"].values()
            assert payload["userErrors"] == []
            return payload

        begun = time.time()
        id = (await changing(DEFINE, input=VISITS))["aggregate"]["id"]
        await until_known(workspace, watchers, "visits", seconds=1.5)  # before a sweep could tell
        for _ in range(3):
            await write(workspace, bus, profile)
            await until_known(workspace, watchers, "visits", seconds=1.5)
        await changing(REMOVE, id=id)
        await until_known(workspace, watchers, seconds=1.5)
        assert time.time() - begun < 5
    assert all(watcher.never_went_back for watcher in watchers)
    assert [[message["removed"] for message in watcher.messages[-1:]] for watcher in watchers] == [[["visits"]]] * 4


async def test_who_loses_a_gateway_goes_on_at_the_other(start: Start, feeds: Feeds, bus: Bus) -> None:
    """The first gateway is told to stop under all its subscribers; the second, where they go, is killed."""
    first, second = start(), start()
    addresses = await ready(first, second)
    sockets, streams = feeds.subscribers(SOCKETS, over_websocket), feeds.subscribers(STREAMS, over_sse)
    subscribers = sockets + streams
    async with staying(subscribers, addresses, feeds.token):
        async with busy(feeds.workspace, bus, feeds.profiles, pause=0.05):
            await until_heard(subscribers)
            assert await asyncio.to_thread(first.stop, signal.SIGTERM) == 0
            await until_heard(subscribers)
            addresses[:1] = await ready(start())
            await asyncio.to_thread(second.stop, signal.SIGKILL)
            await until_heard(subscribers)
        assert not await differing(feeds.workspace, subscribers, within=WITHIN_SECONDS)
    told = Counter((end.code, end.reason, end.completed) for each in subscribers for end in each.ends[:1])
    assert told == {("1001", BYE, True): SOCKETS, ("UNAVAILABLE", f"{BYE}.", True): STREAMS}
    assert {each.ends[-1].code for each in subscribers} == {LOST}


async def test_who_does_not_read_is_ended_and_misses_nothing(pair: Pair, bus: Bus) -> None:  # X1
    """Some read nothing for a while; they are told so with where to resume, and another one gets all as it comes."""
    (address, _), feeds = pair.addresses, await pair.feeds()
    slow = feeds.subscribers(1, over_websocket, over_sse)
    (quick,) = feeds.subscribers(1, partial(over_websocket, narrow=False))
    for each in slow:
        each.nap = 6.0
    async with staying([*slow, quick], [address], feeds.token):
        await write(feeds.workspace, bus, feeds.profiles[0])
        await until_recorded([*slow, quick], 1)
        for number in range(1, 41):  # at the pace of the one who reads, for whom fewer wait than may
            await edit(feeds.workspace, feeds.profiles[0], ten_long_events, actor=TESTER, bus=bus)
            await until_recorded([quick], 1 + 10 * number)
        assert not await differing(feeds.workspace, [quick], within=WITHIN_SECONDS)
        for each in slow:
            each.nap = 0
        assert not await differing(feeds.workspace, slow, within=30)
    assert [{end.code for end in each.ends} for each in slow] == [{"SLOW_CONSUMER"}, {"SLOW_CONSUMER"}]
    assert quick.ends == []


def ten_long_events(working: Edit) -> None:
    for _ in range(10):
        working.add_event(an_event("note", at=datetime.now(UTC), sentAt=time.time(), note="x" * 30_000))


async def test_a_feed_ends_with_its_credential(pair: Pair, bus: Bus) -> None:
    """Two credentials, one of which is revoked and one of which expires, each used over both transports."""
    (address, _), feeds = pair.addresses, await pair.feeds()
    database, workspace = feeds.workspace.database, feeds.workspace
    expires_at = datetime.now(UTC) + timedelta(seconds=4)
    scopes = [Scope.PROFILES_READ, Scope.PERSONAL_READ]
    revoked, key = await create_key(database, workspace.id, name="Revoked", scopes=scopes)
    expiring, _ = await create_key(database, workspace.id, name="Expiring", scopes=scopes, expires_at=expires_at)
    subscribers = feeds.subscribers(2, over_websocket, over_sse)
    async with busy(workspace, bus, feeds.profiles, pause=0.05), asyncio.TaskGroup() as tasks:
        ends = [
            tasks.create_task(subscriber.follow(address, token))
            for subscriber, token in zip(subscribers, (revoked, expiring) * 2, strict=True)
        ]
        await until_heard(subscribers)
        assert await revoke_key(database, workspace.id, key["prefix"])
        revoked_at = datetime.now(UTC)
        async with asyncio.timeout(WITHIN_SECONDS):
            await asyncio.wait(ends[::2])
            assert datetime.now(UTC) - revoked_at < SECONDS
            await asyncio.wait(ends[1::2])
            assert timedelta() <= datetime.now(UTC) - expires_at < SECONDS
    assert [end.result().code for end in ends] == ["4403", "4403", "UNAUTHENTICATED", "UNAUTHENTICATED"]
