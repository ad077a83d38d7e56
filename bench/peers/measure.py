"""Measures servers by turns, so that none has a quieter machine, and compares their answers before."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from bench.peers.load import Connection, answer_of, data_of, request_of, saturated
from bench.peers.queries import Query
from bench.peers.servers import Server, Variant, serving

BLOCK_SECONDS, SATURATED_SECONDS, SATURATED_ROUNDS = 0.35, 2.0, 3
WARM_NODE, WARM_PYTHON = 2.5, 0.8  # seconds; V8 optimises in steps
FEWEST, MOST, AGAIN = 3, 3_000, 4


@dataclass(frozen=True, slots=True)
class Block:
    """Requests one after the other: processor time of the server for each, and how long one took, in milliseconds."""

    cpu: float
    latency: float


@dataclass(slots=True)
class Figures:
    """What was measured: for each variant and query a block a round, and requests a second of CPU under pressure."""

    blocks: dict[tuple[str, str], list[Block]] = field(default_factory=lambda: defaultdict(list))
    rates: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[str, bytes] = field(default_factory=dict)

    def cpu(self, variant: str, query: str) -> float:
        """Return milliseconds of processor time a request."""
        return median(block.cpu for block in self.blocks[variant, query])

    def latency(self, variant: str, query: str) -> float:
        return median(block.latency for block in self.blocks[variant, query])

    def rate(self, variant: str, query: str) -> float:
        return median(self.rates[variant, query])

    def times(self, variant: str, peer: str, query: str) -> float:
        """Return how many times as many requests a second on a core a variant serves: the median over rounds."""
        rounds = zip(self.blocks[variant, query], self.blocks[peer, query], strict=True)
        return median(its.cpu / own.cpu for own, its in rounds)


def measure(
    variants: Sequence[Variant],
    queries: Sequence[Query],
    *,
    token: str,
    rounds: int,
    directory: Path,
    pressed: int = SATURATED_ROUNDS,
) -> Figures:
    """Serve the variants side by side and measure each with each query, in so many rounds, then under pressure."""
    figures = Figures()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with ExitStack() as stack, Progress(*columns, transient=True) as progress:
        steps = len(variants) * (2 + (rounds + pressed) * len(queries))
        task = progress.add_task("Starting", total=steps)
        servers = []
        for variant in variants:
            progress.update(task, advance=1, description=f"Starting {variant.title}")
            servers.append(stack.enter_context(serving(variant, directory)))
        figures.answers = {query.name: agreed(servers, query, token) for query in queries}
        sizes: dict[tuple[str, str], int] = {}
        for server in servers:
            progress.update(task, advance=1, description=f"Warming {server.variant.title}")
            for query in queries:
                sizes[server.variant.key, query.name] = warm(server, request_of(query, token))
        for number in range(rounds):
            for server in turned(servers, number):
                progress.update(task, description=f"Round {number + 1}: {server.variant.title}")
                for query in queries:
                    key = server.variant.key, query.name
                    figures.blocks[key].append(block(server, request_of(query, token), sizes[key]))
                    progress.advance(task)
        for number in range(pressed):
            for server in turned(servers, number):
                progress.update(task, description=f"Pressing {server.variant.title}")
                for query in queries:
                    figures.rates[server.variant.key, query.name].append(rate(server, query, token, directory))
                    progress.advance(task)
    return figures


def turned(servers: Sequence[Server], number: int) -> list[Server]:
    """Return the servers in the order of a round: each begins one in turn."""
    first = number % len(servers)
    return [*servers[first:], *servers[:first]]


def agreed(servers: Sequence[Server], query: Query, token: str) -> bytes:
    """Return the answer to a query, which must be the same from every server."""
    answers = {server.variant.title: answer_of(server.port, query, token) for server in servers}
    first, *others = answers
    wanted = data_of(answers[first])
    for other in others:
        if (difference := first_difference(wanted, data_of(answers[other]))) is not None:
            raise ValueError(f"{first} and {other} differ in {query.name}{difference}")
    return orjson.dumps(wanted)


def first_difference(one: Any, other: Any, path: str = "") -> str | None:
    """Return where two answers differ, or None."""
    if type(one) is not type(other) and not (is_number(one) and is_number(other)):
        return f"{path}: {one!r} and {other!r}"
    pairs: list[tuple[str, Any, Any]] = []
    if isinstance(one, Mapping):
        if one.keys() != other.keys():
            return f"{path}: {sorted(one)} and {sorted(other)}"
        pairs = [(f"{path}.{key}", one[key], other[key]) for key in one]
    elif isinstance(one, list):
        if len(one) != len(other):
            return f"{path}: {len(one)} and {len(other)} items"
        pairs = [(f"{path}[{number}]", *pair) for number, pair in enumerate(zip(one, other, strict=True))]
    elif one != other:
        return f"{path}: {one!r} and {other!r}"
    found = (first_difference(mine, its, deeper) for deeper, mine, its in pairs)
    return next((difference for difference in found if difference), None)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def leaves(answer: bytes) -> int:
    """Return how many values an answer has; the parameters of an event are one."""

    def count(value: Any, key: str = "") -> int:
        if isinstance(value, list):
            return sum(count(each) for each in value)
        if isinstance(value, dict) and key != "params":
            return sum(count(inner, name) for name, inner in value.items())
        return 1

    return count(orjson.loads(answer))


def warm(server: Server, request: bytes) -> int:
    """Ask until the server is as fast as it gets, and return how many requests make a block."""
    seconds = WARM_NODE if server.variant.is_node else WARM_PYTHON
    connection, asked, started = Connection(server.port), 0, time.perf_counter()
    while asked < FEWEST or time.perf_counter() < started + seconds:
        connection.ask(request)
        asked += 1
    began = time.perf_counter()
    for _ in range(FEWEST):
        connection.ask(request)
    took = (time.perf_counter() - began) / FEWEST
    connection.close()
    return max(FEWEST, min(MOST, int(BLOCK_SECONDS / took)))


def rate(server: Server, query: Query, token: str, directory: Path) -> float:
    before = server.cpu()
    done = saturated(server.port, query, token, seconds=SATURATED_SECONDS, directory=directory)
    used = server.cpu() - before
    server.wait_until_idle()
    return done / used


def block(server: Server, request: bytes, size: int) -> Block:
    connection = Connection(server.port)
    for _ in range(max(1, size // AGAIN)):  # it has slept while the others worked
        connection.ask(request)
    waits = []
    before = server.cpu()
    for _ in range(size):
        began = time.perf_counter()
        connection.ask(request)
        waits.append(time.perf_counter() - began)
    cpu = server.cpu() - before
    connection.close()
    return Block(cpu / size * 1000, median(waits) * 1000)
