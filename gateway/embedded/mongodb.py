"""MongoDB on one machine: a `mongod` on PATH as a replica set of one, else SecantusDB's daemon."""

import asyncio
import shutil
from pathlib import Path

from gateway.embedded.ports import LOOPBACK, kept_port
from gateway.embedded.store import Store, StoreError, find_program
from storage.mongo import Database, OperationFailure

REPLICA_SET = "profile-gateway"
NOT_YET_INITIALIZED = 94
PATIENCE = 60.0


async def start_mongodb(data_dir: Path, *, durable: bool = True) -> Store:
    """Start a server on loopback that keeps its data in `data_dir/mongodb`, and return once it takes writes.

    Not `durable`: in memory where the server can, for tests that kill no server.
    """
    port = kept_port(data_dir / "mongodb.port")
    mongod = shutil.which("mongod")
    store = await Store.start(
        "MongoDB",
        mongod_command(mongod, port) if mongod else secantus_command(port, durable=durable),
        # Direct, since the gateway is to reach this very process, whatever host the replica set's configuration names.
        address=f"mongodb://{LOOPBACK}:{port}/?directConnection=true",
        directory=data_dir / "mongodb",
        log=data_dir / "logs" / "mongodb.log",
    )
    admin = Database.connect(store.address, name="admin", timeout=5)
    try:
        await store.wait_until_healthy(admin.ping, patience=PATIENCE)
        if mongod:
            await make_primary(admin, f"{LOOPBACK}:{port}", store)
    except BaseException:
        await store.stop()
        raise
    finally:
        await admin.close()
    return store


def mongod_command(mongod: str, port: int) -> list[str]:
    return [mongod, "--bind_ip", LOOPBACK, "--port", str(port), "--dbpath", ".", "--replSet", REPLICA_SET]


def secantus_command(port: int, *, durable: bool) -> list[str]:
    secantusd = find_program("secantusd-py")
    if secantusd is None:
        raise StoreError(
            "No MongoDB was found: neither mongod nor secantusd-py is on PATH. "
            "Install the stand-in with: pip install 'profile-gateway[embedded]', "
            "or set GATEWAY_MONGODB_URI to a MongoDB of your own."
        )
    # Without a sync on each commit, a killed server forgets writes that it has acknowledged.
    storage = ["--storage-path", ".", "--sync-on-commit"] if durable else ["--storage-path", ":memory:"]
    return [secantusd, "--host", LOOPBACK, "--port", str(port), *storage, "--log-level", "WARNING"]


async def make_primary(admin: Database, host: str, store: Store) -> None:
    """Form the replica set on the first start, correct it when the port has changed, and wait for the election."""
    member = {"_id": 0, "host": host}
    try:
        config = (await admin.command({"replSetGetConfig": 1}))["config"]
    except OperationFailure as error:
        if error.code != NOT_YET_INITIALIZED:
            raise
        await admin.command({"replSetInitiate": {"_id": REPLICA_SET, "members": [member]}})
    else:
        if config["members"][0]["host"] != host:
            config = {**config, "version": config["version"] + 1, "members": [{**config["members"][0], **member}]}
            await admin.command({"replSetReconfig": config, "force": True})
    try:
        async with asyncio.timeout(PATIENCE):
            while not (await admin.command({"hello": 1})).get("isWritablePrimary"):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise StoreError(store.explain("did not become the primary of its replica set")) from None
