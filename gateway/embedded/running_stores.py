"""The addresses of the stores of a running `profile-gateway run`, for other commands on the machine."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import orjson

from gateway.errors import OperatorError
from gateway.settings import Settings

FILE = "stores.json"


@contextmanager
def announced(addresses: Mapping[str, str], data_dir: Path) -> Iterator[None]:
    """Publish where the stores of this process are while the block runs."""
    file = data_dir / FILE
    file.touch(mode=0o600)
    file.write_bytes(orjson.dumps(addresses))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def find_mongodb(settings: Settings, *, purpose: str) -> str:
    """Return the configured address, else that of the running gateway's own MongoDB.

    Raises `OperatorError`, which says that there is no store to `purpose`.
    """
    if settings.mongodb_uri:
        return settings.mongodb_uri.get_secret_value()
    file = settings.data_dir / FILE
    uri: str | None = orjson.loads(file.read_bytes()).get("mongodb_uri") if file.exists() else None
    if uri is None:
        raise OperatorError(f"No store to {purpose}: set GATEWAY_MONGODB_URI, or start `profile-gateway run` first.")
    return uri
