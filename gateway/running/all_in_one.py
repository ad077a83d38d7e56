"""`profile-gateway run`: the gateway with stores, a development key and demo data of its own, on one machine."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from pydantic import SecretStr
from rich.console import Console

from gateway.app import create_app
from gateway.database import open_database
from gateway.embedded.data_dir import DataDirError, development_key, locked, signing_secret
from gateway.embedded.mongodb import start_mongodb
from gateway.embedded.redis import start_redis
from gateway.embedded.running_stores import announced
from gateway.embedded.store import Store, StoreError
from gateway.running.banner import print_banner
from gateway.running.demo import load_demo_data
from gateway.running.process import supervise
from gateway.running.server import address_of, listen, serve_until_cancelled
from gateway.settings import Settings
from gateway.telemetry import logs
from storage.api_keys import ensure_key
from storage.credentials import Scope
from storage.setup import prepare, prepare_workspace
from storage.store.errors import UnavailableError

PREPARING_SECONDS = 120.0  # to build an index over what an earlier version wrote


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, and bring what the settings do not name: stores, a development key, demo data."""
    logs.configure(settings)
    with locked(settings.data_dir), listen(settings.host, settings.port) as listener:
        supervise(serve_all_in_one(settings, listener, Console()))


async def serve_all_in_one(settings: Settings, listener: socket.socket, console: Console) -> None:
    """Serve until cancelled; raises `StoreError` as soon as an embedded store dies."""
    async with AsyncExitStack() as stack:
        with console.status("Starting the stores; the first time, programs may be downloaded ..."):
            settings, stores = await stack.enter_async_context(embedded_stores(settings))
            settings = settings.model_copy(update={"public_url": settings.public_url or address_of(listener)})
            token = await admit_developer(settings)
        embedded_store = next((store.server for store in stores if store.server), None)
        app = create_app(settings, prepared=True, embedded_store=embedded_store)
        ready = asyncio.Event()

        async def greet_and_load() -> None:
            await ready.wait()
            print_banner(console, address=address_of(listener), token=token, settings=settings, store=embedded_store)
            await load_demo_data(settings, console)

        try:
            async with asyncio.TaskGroup() as tasks:
                for store in stores:
                    tasks.create_task(store.watch())
                tasks.create_task(greet_and_load())
                tasks.create_task(serve_until_cancelled(settings, app, listener, on_ready=ready.set))
        except ExceptionGroup as group:
            raise group.exceptions[0] from group


@asynccontextmanager
async def embedded_stores(settings: Settings) -> AsyncIterator[tuple[Settings, list[Store]]]:
    """Start the stores that the settings do not name, yield settings that do, and stop the stores at the end."""
    async with AsyncExitStack() as stack:
        started: dict[str, Store] = {}
        if settings.mongodb_uri is None:
            started["mongodb_uri"] = await start_mongodb(settings.data_dir, kind=settings.embedded_store)
            stack.push_async_callback(started["mongodb_uri"].stop)
        if settings.redis_url is None:
            started["redis_url"] = await start_redis(settings.data_dir)
            stack.push_async_callback(started["redis_url"].stop)
        addresses = {name: store.address for name, store in started.items()}
        stack.enter_context(announced(addresses, settings.data_dir))
        secrets = {name: SecretStr(address) for name, address in addresses.items()}
        if settings.signing_secret is None:
            secrets["signing_secret"] = SecretStr(signing_secret(settings.data_dir))
        yield settings.model_copy(update=secrets), list(started.values())


async def admit_developer(settings: Settings) -> str:
    """Prepare the database and return a key for the workspace with every scope: the one in the data directory."""
    if settings.mongodb_uri is None:
        raise ValueError("needs the address of MongoDB")
    token = development_key(settings.data_dir)
    try:
        uri = settings.mongodb_uri.get_secret_value()
        async with open_database(settings, uri, command_timeout=PREPARING_SECONDS) as database:
            await prepare(database)
            await prepare_workspace(database, settings.workspace, name=settings.workspace)
            usable = await ensure_key(database, settings.workspace, token=token, name="Development key", scopes=Scope)
    except UnavailableError as error:
        raise StoreError(
            "MongoDB does not answer. If GATEWAY_MONGODB_URI is set, is the one that it names running?"
        ) from error
    if not usable:
        raise DataDirError(
            f"The key in {settings.data_dir / 'dev-key'} was revoked or is another workspace's. "
            "Delete the file, and the next start makes a new key."
        )
    return token
