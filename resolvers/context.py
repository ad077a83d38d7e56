"""What a resolver knows besides its arguments."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from loaders import Loaders
from resolvers.confirmations import Links
from resolvers.feeds.hub import Hub
from storage.credentials import Credential, Scope
from storage.store.bus import Bus
from storage.store.workspace import Workspace


@dataclass(slots=True)
class Context:
    """One operation of one credential. `now` is fixed for the operation, so that its answers agree."""

    credential: Credential
    workspace: Workspace
    online_window: timedelta = timedelta(minutes=5)
    bus: Bus | None = None
    keep_answers: timedelta = timedelta(hours=24)
    phone_region: str | None = None
    links: Links | None = None
    hub: Hub | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.workspace)

    @property
    def sees_personal(self) -> bool:
        """Whether personal data is shown as it is; otherwise it is masked."""
        return Scope.PERSONAL_READ in self.credential.scopes
