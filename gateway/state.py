"""The state of a running gateway: made by the lifespan, and read by endpoints at `app.state.gateway`."""

from dataclasses import dataclass, field

from gateway.concurrency.closing import Closing
from gateway.credentials.authentication import Authenticator
from gateway.credentials.watches import CredentialWatches
from gateway.execution.engine import Engine
from gateway.settings import Settings
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.monitor import Monitor
from resolvers.confirmations import Links
from storage.store.bus import Bus
from storage.store.mongo import Database


@dataclass(slots=True)
class State:
    """The parts of one running gateway.

    `prepared` turns true once collections and indexes are there; `closing` is set when the process is told to stop,
    and streams and sockets then complete with a reason. `embedded_store` names the MongoDB that
    the gateway has started.
    """

    settings: Settings
    database: Database
    bus: Bus
    authenticator: Authenticator
    engine: Engine
    monitor: Monitor
    metrics: Metrics
    links: Links | None = None
    closing: Closing = field(default_factory=Closing)
    prepared: bool = False
    embedded_store: str | None = None
    credential_watches: CredentialWatches = field(init=False)

    def __post_init__(self) -> None:
        every = self.settings.credential_cache_seconds
        self.credential_watches = CredentialWatches(self.authenticator, every=every)
