"""Structured logs: one format for every library, and no line holds what a client sent or a store keeps."""

import logging
import sys
import time
import traceback
from collections.abc import MutableMapping
from functools import lru_cache, partial
from types import TracebackType
from typing import Any, TextIO

import orjson
import structlog

from gateway.settings import Settings
from gateway.telemetry.records import current_exchange

# Their debug lines quote commands and documents.
GUARDED = ("pymongo", "redis", "motor", "httpx", "httpcore", "websockets", "asyncio", "strawberry", "urllib3")
MAX_CAUSES = 5
Event = MutableMapping[str, Any]


def outline(error: BaseException) -> str:
    """Return where an exception and its causes were raised, without their texts, which may quote data."""
    lines: list[str] = []
    current: BaseException | None = error
    for _ in range(MAX_CAUSES):
        if current is None:
            break
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}")
        frames = traceback.extract_tb(current.__traceback__)
        lines.extend(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n".join(lines)


def add_origin(logger: Any, method: str, event: Event) -> Event:
    """Add what every line has: the request that it belongs to, if any, its level, its logger, and the time."""
    exchange = current_exchange.get()
    if exchange is not None:
        event.setdefault("request_id", exchange.id)
    record: logging.LogRecord | None = event.get("_record")
    event["level"] = method
    event["logger"] = logger.name if record is None else record.name
    now = time.time()
    event["timestamp"] = f"{date_and_time(int(now))}.{int(now % 1 * 1_000_000):06}Z"
    return event


@lru_cache(1)
def date_and_time(second: int) -> str:
    """Return the start of an ISO timestamp in UTC; a busy gateway writes many lines in the same second."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def outline_exception(_logger: Any, _method: str, event: Event) -> Event:
    """Replace `exc_info` by its outline."""
    info: BaseException | tuple[type[BaseException], BaseException, TracebackType] | bool | None
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else sys.exc_info()[1] if info is True else info
    if isinstance(error, BaseException):
        event["exception"] = outline(error)
    return event


def first_line(_logger: Any, _method: str, event: Event) -> Event:
    """Keep one line of what asyncio says: the next ones repeat exceptions with their texts."""
    if event.get("logger") == "asyncio":
        event["event"] = str(event["event"]).split("\n", 1)[0]
    return event


def as_json(_logger: Any, _method: str, event: Event) -> str:
    return orjson.dumps(event, default=str).decode()


class NamedLogger(structlog.WriteLogger):
    """Writes the lines of the gateway's own loggers, past the standard library's: there is one for each request."""

    def __init__(self, stream: TextIO, name: str) -> None:
        super().__init__(stream)
        self.name = name


def configure(settings: Settings, stream: TextIO = sys.stderr) -> None:
    """Set up structlog and the standard library's logging, for the whole process."""
    shared: list[structlog.typing.Processor] = [
        add_origin,
        outline_exception,
        first_line,
    ]
    renderer: structlog.typing.Processor = (
        as_json if settings.log_format == "json" else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=partial(NamedLogger, stream),
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in GUARDED:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = name != "uvicorn.access"  # gateway/telemetry/requests.py writes that line
