"""Who asks: scopes, and the credential that every request is made with."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.store.errors import ForbiddenError


class Scope(StrEnum):
    """What a credential may do; a credential holds any number of them."""

    PROFILES_READ = "profiles:read"
    PROFILES_WRITE = "profiles:write"
    PERSONAL_READ = "personal:read"
    EVENTS_WRITE = "events:write"
    MESSAGES_SEND = "messages:send"
    DEFINITIONS_WRITE = "definitions:write"
    CONSOLE = "console"
    METRICS_READ = "metrics:read"


class CredentialKind(StrEnum):
    """How the credential was shown: an API key of ours, or a token of the OpenID Connect issuer."""

    API_KEY = "API_KEY"
    TOKEN = "TOKEN"  # noqa: S105 - the name of a kind


@dataclass(frozen=True, slots=True)
class Credential:
    """A verified credential. `id` is the key's public prefix or the token's subject."""

    kind: CredentialKind
    id: str
    name: str
    workspace: str
    scopes: frozenset[Scope]
    expires_at: datetime | None = None

    def require(self, scope: Scope) -> None:
        """Raise `ForbiddenError` unless the credential holds `scope`."""
        if scope not in self.scopes:
            raise ForbiddenError(f"This needs the scope {scope.value}.", scope=scope.value)
