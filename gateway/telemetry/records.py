"""What becomes known about a request and its operation while they run: the source of log lines, metrics and spans."""

from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import blake2b

from storage.credentials import Credential, CredentialKind


@dataclass(slots=True)
class Exchange:
    """One request and its response; all tasks that serve it share the object."""

    id: str
    traceparent: str | None = None
    credential: str | None = None
    operation: str | None = None
    transport: str = "http"
    status: int = 500
    bytes: int = 0
    opened: bool = False


@dataclass(slots=True)
class Observation:
    """One operation: `type` is `unknown` until it is parsed, `code` that of its first error or OK."""

    type: str = "unknown"
    code: str = "OK"
    document: str | None = None


current_exchange: ContextVar[Exchange | None] = ContextVar("current_exchange", default=None)


def note(*, credential: Credential | None = None, operation: str | None = None) -> None:
    """Add who asks, and for what type of operation, to the record of the current request, if there is one."""
    exchange = current_exchange.get()
    if exchange is not None and credential is not None:
        exchange.credential = log_name(credential)
    if exchange is not None and operation is not None:
        exchange.operation = operation


def log_name(credential: Credential) -> str:
    """Return what logs call a credential: a key's public prefix, or a hash of a token's subject, who is a person."""
    if credential.kind is CredentialKind.API_KEY:
        return credential.id
    return "token:" + blake2b(credential.id.encode(), digest_size=6).hexdigest()
