"""MongoDB on one machine: `mongod` as a replica set of one, or what stands in for it."""

import asyncio
from pathlib import Path

from gateway.embedded.ports import LOOPBACK, kept_port
from gateway.embedded.servers import Server, choose
from gateway.embedded.store import Store, StoreError
from gateway.embedded.writers import MONGOD, note_writer
from storage.store.mongo import Database, OperationFailure

REPLICA_SET = "profile-gateway"
NOT_YET_INITIALIZED = 94
PATIENCE = 60.0


async def start_mongodb(data_dir: Path, *, kind: str = "auto", durable: bool = True) -> Store:
    """Start a server on loopback that keeps its data in `data_dir/mongodb`, and return once it takes writes.

    `kind` is a key of `servers.FINDERS` or `auto`. Not `durable`: what it acknowledged may be lost when it is killed,
    for tests that kill no server.
    """
    server = await choose(data_dir, kind)
    port = kept_port(data_dir / "mongodb.port")
    store = await Store.start(
        "MongoDB",
        [str(server.program), *options(server, data_dir, durable=durable), "--port", str(port)],
        # Direct, since the gateway is to reach this very process, whatever host the replica set's configuration names.
        address=f"mongodb://{LOOPBACK}:{port}/?directConnection=true",
        directory=data_dir / "mongodb",
        log=data_dir / "logs" / "mongodb.log",
        server=str(server),
    )
    admin = Database.connect(store.address, name="admin", timeout=5)
    try:
        await store.wait_until_healthy(admin.ping, patience=PATIENCE)
        if server.name == MONGOD:
            await make_primary(admin, f"{LOOPBACK}:{port}", store)
        note_writer(data_dir, server.signature)  # it has opened what another may have written
    except BaseException:
        await store.stop()
        raise
    finally:
        await admin.close()
    return store


def options(server: Server, data_dir: Path, *, durable: bool) -> list[str]:
    """Return what a server is started with, in the directory of its data."""
    if server.name == MONGOD:
        return ["--bind_ip", LOOPBACK, "--dbpath", ".", "--replSet", REPLICA_SET]
    # Without a sync on each commit, a killed server forgets writes that it has acknowledged. Its log of writes takes
    # 2 GB by default, and a start after a kill as many seconds.
    sync = ["--sync-on-commit"] if durable else []
    # Without a file of settings it would take one that lies about, and with that perhaps lose what it acknowledged.
    settings = data_dir.resolve() / "mongodb.toml"
    settings.write_text("# The gateway gives every setting on the command line.\n")
    network = ["--config", str(settings), "--host", LOOPBACK, "--log-level", "WARNING"]
    return [*network, "--storage-path", ".", "--log-file-max", "128MB", *sync]


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
