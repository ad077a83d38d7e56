"""Serves the gateway with timers in it, and writes what each request took to the file DIVIDED when it is stopped.

It is for one request at a time: what is timed while a request runs belongs to that request.
"""

import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import orjson
from pymongo.message import _OpMsg

import gateway.app
from gateway.database import open_database
from gateway.execution.engine import Engine
from gateway.running.process import serve
from gateway.settings import Settings
from gateway.telemetry.requests import Telemetry
from storage.store.mongo import CommandListener, Database

READING = {"find", "aggregate"}
spent: dict[str, float] = defaultdict(float)
requests: list[dict[str, float]] = []


class Commands(CommandListener):
    """Adds up how long commands took, their answers' decoding included."""

    def started(self, event: Any) -> None:
        """Nothing: what counts is the answer."""

    def succeeded(self, event: Any) -> None:
        if event.command_name in READING:
            spent["commands"] += event.duration_micros / 1e6

    failed = started


def timed(owner: Any, name: str, part: str) -> None:
    """Have every call of a function add to a part."""
    function: Callable[..., Any] = getattr(owner, name)

    @wraps(function)
    def timing(*arguments: Any, **options: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*arguments, **options)
        finally:
            spent[part] += time.perf_counter() - began

    setattr(owner, name, timing)


def awaited(owner: Any, name: str, part: str) -> None:
    """Do the same with a coroutine function."""
    function: Callable[..., Awaitable[Any]] = getattr(owner, name)

    @wraps(function)
    async def timing(*arguments: Any, **options: Any) -> Any:
        began = time.perf_counter()
        try:
            return await function(*arguments, **options)
        finally:
            spent[part] += time.perf_counter() - began

    setattr(owner, name, timing)


class Divided(Telemetry):
    """The outermost layer, which begins and ends what belongs to a request."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return await super().__call__(scope, receive, send)
        spent.clear()
        began = time.perf_counter()
        await super().__call__(scope, receive, send)
        requests.append({**spent, "all": time.perf_counter() - began})
        return None


@asynccontextmanager
async def listened(settings: Settings, uri: str, *, listeners: Any = ()) -> AsyncIterator[Database]:
    async with open_database(settings, uri, listeners=[*listeners, Commands()]) as database:
        yield database


def main() -> None:
    application: Any = gateway.app
    application.open_database = listened
    application.Telemetry = Divided
    timed(_OpMsg, "unpack_response", "decode")
    timed(orjson, "dumps", "serialisation")
    awaited(Database, "find", "database")
    awaited(Engine, "execute", "engine")
    serve(Settings())
    Path(os.environ["DIVIDED"]).write_bytes(orjson.dumps(requests))


if __name__ == "__main__":
    main()
