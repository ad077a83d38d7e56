"""What a newcomer waits for, over each store that `run` could start on this machine, in turns.

Run it with `make bench`, or `python -m bench.stores ROUNDS`. Figures are the medians of requests to a gateway's schema,
without HTTP, and in brackets the processor time of the store.
"""

import asyncio
import statistics
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.ingest import EVENTS, send
from bench.live_processes import cpu_of
from bench.peers.report import a_table, console, markdown, number, publish
from gateway.embedded.mongodb import start_mongodb
from gateway.embedded.redis import start_redis
from gateway.embedded.servers import FINDERS, available
from gateway.embedded.store import Store
from gateway.running.demo import load_dataset
from resolvers.context import Context
from schema import schema
from storage.actors import Actor, ActorKind
from storage.credentials import Credential, CredentialKind, Scope
from storage.setup import prepare, prepare_workspace
from storage.sources import ChangeSource
from storage.store.bus import Bus
from storage.store.ids import time_id, to_public
from storage.store.mongo import Database
from storage.store.workspace import Workspace
from storage.write.edits import edit
from storage.write.working_copy import Edit

CUSTOMERS, ACTIVE, ROUNDS, TIMES = 600, 1_000, 3, 8
EMAIL = "busy@example.com"
PERSON = f'profile(by: {{email: "{EMAIL}"}})'
CARDS = """{ profiles(first: 50) { edges { node {
  id displayName contact { email } tags { name } attributes { name display } subscriptions { channel status }
  activity { lastActivityAt events(first: 10) { edges { node { id action label } } } } } } } }"""
ONE = "{ profiles(first: 1) { edges { node { displayName } } } }"
BY_EMAIL = f"{{ {PERSON} {{ displayName contact {{ email }} }} }}"
TIMELINE = f"{{ {PERSON} {{ timeline(first: 20) {{ edges {{ node {{ __typename }} }} }} }} }}"
OF_ONE_ACTION = f"""{{ {PERSON} {{
  activity {{ events(first: 20, filter: {{actions: ["button.click"]}}) {{ edges {{ node {{ id }} }} }} }} }} }}"""
NOTE = """mutation ($id: ID!) {
  noteCreate(profileId: $id, input: {title: "A note", text: "Its text"}) { userErrors { code } } }"""
Ask = Callable[..., Awaitable[Any]]


def asking(workspace: Workspace) -> Ask:
    async def ask(query: str, **variables: Any) -> Any:
        credential = Credential(CredentialKind.API_KEY, "pgk_bench", "Bench", workspace.id, frozenset(Scope))
        context = Context(credential, workspace)
        result = await schema.execute(query, variable_values=variables, context_value=context)
        assert result.errors is None, result.errors
        return result.data

    return ask


async def active_profile(workspace: Workspace) -> str:
    """Make a profile with a long activity, and return its id."""
    now = datetime.now(UTC)
    profile = time_id(now)

    def change(working: Edit) -> None:
        working.set("email", EMAIL)
        for place in range(ACTIVE):
            at = now - timedelta(minutes=place)
            working.add_event(
                {
                    "uuid": str(uuid.uuid4()),
                    "action": "page.visit" if place % 10 else "button.click",
                    "label": "Visited a page",
                    "occurredAt": at,
                    "receivedAt": at,
                    "source": "SDK",
                    "ip": None,
                    "direction": "BY_PROFILE",  # type: ignore[typeddict-item]
                    "params": {"page": f"/products/{place}"},
                }
            )

    await edit(
        workspace, profile, change, actor=Actor(ActorKind.API_KEY, "bench", "Bench", ChangeSource.API), created_at=now
    )
    return to_public("prf", profile)


async def measured(store: Store, times: int, work: Callable[[], Awaitable[Any]]) -> tuple[float, float]:
    """Return the median time of some calls, and the store's processor time for each, in milliseconds."""
    await work()
    took = []
    before = cpu_of(store.pid)
    for _ in range(times):
        started = time.perf_counter()
        await work()
        took.append(time.perf_counter() - started)
    return statistics.median(took) * 1000, (cpu_of(store.pid) - before) / times * 1000


async def measure(server: str, directory: Path) -> dict[str, tuple[float, float]]:
    """Return (milliseconds, milliseconds of the store's processor time) of each thing, over one kind of server."""
    async with AsyncExitStack() as stack:
        store = await start_mongodb(directory, kind=server)
        stack.push_async_callback(store.stop)
        redis = await start_redis(directory)
        stack.push_async_callback(redis.stop)
        database = Database.connect(store.address, name="bench", timeout=60)
        stack.push_async_callback(database.close)
        bus = Bus.connect(redis.address)
        stack.push_async_callback(bus.close)
        await prepare(database)
        workspace = await prepare_workspace(database, "demo", name="Demo")
        started, before = time.perf_counter(), cpu_of(store.pid)
        await load_dataset(database, "demo", "ecom", data_dir=directory.parent, console=console, limit=CUSTOMERS)
        found = {"load ecom": ((time.perf_counter() - started) * 1000, (cpu_of(store.pid) - before) * 1000)}
        profile, ask = await active_profile(workspace), asking(workspace)
        for name, query in {
            "profiles(first: 1)": ONE,
            "cards of 50 profiles": CARDS,
            "by email": BY_EMAIL,
            f"timeline page of 20 from {ACTIVE:,}": TIMELINE,
            "20 events of one action": OF_ONE_ACTION,
        }.items():
            found[name] = await measured(store, TIMES, lambda query=query: ask(query))  # type: ignore[misc]
        found["noteCreate"] = await measured(store, 4 * TIMES, lambda: ask(NOTE, id=profile))
        request = await measured(store, TIMES, lambda: send(workspace, bus, 0))
        found["an ingested event"] = (request[0] / EVENTS, request[1] / EVENTS)
        return found


async def compare(rounds: int) -> Mapping[str, Mapping[str, list[tuple[float, float]]]]:
    figures: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    servers = [name for name in FINDERS if available(name)]
    with TemporaryDirectory(prefix="bench") as directory:
        for number_of_round in range(rounds):
            for name in servers:
                taken = await measure(name, Path(directory, f"{number_of_round}-{name}"))
                for what, both in taken.items():
                    figures[what][name].append(both)
    return figures


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    figures = asyncio.run(compare(rounds))
    servers = {name: available(name)[0] for name in FINDERS if available(name)}
    columns = ("milliseconds (of the store's processor)", *(f"{one.name} {one.version}" for one in servers.values()))
    rows = [
        (what, *(f"{number(middle(by_server[name], 0))} ({number(middle(by_server[name], 1))})" for name in servers))
        for what, by_server in figures.items()
    ]
    a_table("Over each embedded store", columns, rows)
    publish("stores", markdown(columns, rows), {"rounds": rounds, "milliseconds": figures})


def middle(pairs: list[tuple[float, float]], place: int) -> float:
    return statistics.median(pair[place] for pair in pairs)


if __name__ == "__main__":
    main()
