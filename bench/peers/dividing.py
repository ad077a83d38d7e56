"""Where the time of a request goes, by timers in a gateway that answers one request at a time."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import orjson

from bench.peers.load import Connection, request_of
from bench.peers.queries import Query
from bench.peers.servers import python, serving

WARMING, COUNTED = 100, 200
PARTS = {
    "store": "waiting for the store",
    "decode": "decoding BSON",
    "driver": "the driver besides",
    "execution": "execution",
    "serialisation": "serialisation",
    "http": "HTTP, credential, log",
    "all": "all",
}


def divide(
    queries: Sequence[Query], settings: Mapping[str, str], *, token: str, directory: Path
) -> dict[str, dict[str, float]]:
    """Return the milliseconds of each part of a request, by query: medians over requests."""
    found = {}
    for query in queries:
        file = directory / f"divided-{query.name}.json"
        variant = python("divided", "gateway with timers", "bench.peers.divided_server", DIVIDED=str(file), **settings)
        with serving(variant, directory) as server:
            connection = Connection(server.port)
            for _ in range(WARMING + COUNTED):
                connection.ask(request_of(query, token))
            connection.close()
        parts = [parts_of(request) for request in orjson.loads(file.read_bytes())[-COUNTED:]]
        found[query.name] = {name: median(part[name] for part in parts) * 1000 for name in PARTS}
    return found


def parts_of(spent: Mapping[str, float]) -> dict[str, float]:
    """Return the parts of one request, which add up to all of it."""
    commands, decode, database = (spent[name] for name in ("commands", "decode", "database"))
    return {
        "store": commands - decode,
        "decode": decode,
        "driver": database - commands,
        "execution": spent["engine"] - database,
        "serialisation": spent["serialisation"],
        "http": spent["all"] - spent["engine"] - spent["serialisation"],
        "all": spent["all"],
    }
