"""What the lifespan makes, and every endpoint finds at `request.app.state.gateway`."""

import asyncio
from dataclasses import dataclass, field

from gateway.credentials.authentication import Authenticator
from gateway.execution.engine import Engine
from gateway.settings import Settings
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.monitor import Monitor
from resolvers.confirmations import Links
from storage.bus import Bus
from storage.mongo import Database


@dataclass(slots=True)
class State:
    """The parts of one running gateway.

    `prepared` turns true once collections and indexes are there; `closing` is set when the process is told to stop,
    and streams and sockets then complete with a reason.
    """

    settings: Settings
    database: Database
    bus: Bus
    authenticator: Authenticator
    engine: Engine
    monitor: Monitor
    metrics: Metrics
    links: Links | None = None
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    prepared: bool = False
