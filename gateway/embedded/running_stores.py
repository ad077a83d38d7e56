"""Where a running `profile-gateway run` keeps its stores, so that other commands on the machine find them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import orjson

from gateway.settings import Settings

FILE = "stores.json"


@contextmanager
def announced(addresses: Mapping[str, str], data_dir: Path) -> Iterator[None]:
    """Tell other commands where the stores of this process are, for as long as it runs."""
    file = data_dir / FILE
    file.touch(mode=0o600)
    file.write_bytes(orjson.dumps(addresses))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def mongodb_uri(settings: Settings) -> str | None:
    """Return the configured address, else that of the running gateway's own MongoDB, else None."""
    if settings.mongodb_uri:
        return settings.mongodb_uri.get_secret_value()
    try:
        stores = orjson.loads((settings.data_dir / FILE).read_bytes())
    except FileNotFoundError:
        return None
    uri: str | None = stores.get("mongodb_uri")
    return uri
