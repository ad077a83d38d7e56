"""The application: routes, middleware, and the lifespan, which opens and closes all that it needs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import NoReturn

import strawberry
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

from gateway.concurrency.tasks import cancel
from gateway.credentials.authentication import Authenticator
from gateway.database import open_database
from gateway.endpoints.confirmations import confirmation, confirmation_links
from gateway.endpoints.graphiql import graphiql_routes
from gateway.endpoints.health import healthz, metrics, readyz
from gateway.endpoints.ingest import ingest_events
from gateway.execution.engine import Engine
from gateway.execution.faults import fault
from gateway.settings import Settings
from gateway.state import State
from gateway.telemetry.metrics import CommandTimer, Metrics
from gateway.telemetry.monitor import Monitor
from gateway.telemetry.requests import Telemetry
from gateway.telemetry.tracing import Tracing
from gateway.transports.error_pages import FaultNet, gateway_error, http_error
from gateway.transports.http import METHODS, PATH, BeforeRouter, GraphQL
from gateway.transports.websocket.endpoint import graphql_socket
from gateway.workers.all import WORKERS
from resolvers.context import Context
from resolvers.feeds.hub import Hub
from schema import schema
from storage.credentials import Credential
from storage.setup import prepare
from storage.store.bus import Bus
from storage.store.errors import GatewayError, UnavailableError
from storage.store.workspace import Workspace

RETRY_SECONDS = 1.0


def create_app(
    settings: Settings,
    *,
    schema: strawberry.Schema = schema,
    prepared: bool = False,
    embedded_store: str | None = None,
) -> Starlette:
    """Return the ASGI application of `settings`, which must name both stores; they are contacted by its lifespan.

    `prepared` says that collections and indexes exist; `embedded_store` is the MongoDB that `/readyz` names.
    """
    mongodb_uri = required(settings.mongodb_uri, "GATEWAY_MONGODB_URI")
    redis_url = required(settings.redis_url, "GATEWAY_REDIS_URL")
    measures = Metrics()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_state(
            settings,
            schema,
            measures,
            mongodb_uri=mongodb_uri,
            redis_url=redis_url,
            prepared=prepared,
            embedded_store=embedded_store,
        ) as state:
            app.state.gateway = state
            yield

    app = Starlette(
        routes=routes(settings),
        middleware=middleware(settings, measures),
        exception_handlers={HTTPException: http_error, GatewayError: gateway_error},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


def required(address: SecretStr | None, variable: str) -> str:
    if address is None:
        raise ValueError(f"{variable} is not set. `profile-gateway run` starts stores of its own.")
    return address.get_secret_value()


def routes(settings: Settings) -> list[BaseRoute]:
    operations = Route(PATH, GraphQL(), methods=METHODS)
    operations.methods = set(METHODS)  # Starlette adds HEAD
    return [
        operations,
        WebSocketRoute(PATH, graphql_socket),
        Route("/confirm/{token}", confirmation, methods=["GET", "POST"]),
        Route("/ingest/events", ingest_events, methods=["POST"]),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
        *(graphiql_routes() if settings.graphiql else ()),
    ]


def middleware(settings: Settings, measures: Metrics) -> list[Middleware]:
    """Return the middleware, the outermost first."""
    layers = [Middleware(Telemetry, metrics=measures)]
    if settings.cors_origins:
        layers.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["Authorization", "Content-Type"],
                expose_headers=["X-Request-Id"],
            )
        )
    return [*layers, Middleware(FaultNet), Middleware(BeforeRouter, endpoint=GraphQL())]


@asynccontextmanager
async def open_state(
    settings: Settings,
    schema: strawberry.Schema,
    measures: Metrics,
    *,
    mongodb_uri: str,
    redis_url: str,
    prepared: bool = False,
    embedded_store: str | None = None,
) -> AsyncIterator[State]:
    """Open the stores and all that depends on them, and close everything in the opposite order."""
    async with AsyncExitStack() as stack:
        timer = CommandTimer(measures)
        database = await stack.enter_async_context(open_database(settings, mongodb_uri, listeners=[timer]))
        bus = Bus.connect(redis_url, timeout=settings.store_timeout)
        stack.push_async_callback(bus.close)
        monitor = await stack.enter_async_context(Monitor(database, bus, measures))
        authenticator = Authenticator(database, settings)
        stack.push_async_callback(authenticator.close)

        online_window = timedelta(seconds=settings.online_window)
        keep_answers = timedelta(hours=settings.idempotency_hours)

        links = confirmation_links(settings)
        hub = Hub(database, bus, sweep_seconds=settings.live_sweep_seconds)

        def make_context(credential: Credential) -> Context:
            workspace = Workspace(database, credential.workspace)
            region = settings.phone_region
            return Context(credential, workspace, online_window, bus, keep_answers, region, links=links, hub=hub)

        tracing = Tracing.connect(settings)
        if tracing is not None:
            stack.push_async_callback(asyncio.to_thread, tracing.close)
        engine = Engine(schema, settings, make_context, monitor=monitor, metrics=measures, tracing=tracing)
        measures.live_feeds.set_function(hub.__len__)
        measures.live_groups.set_function(engine.subscriptions.groups.__len__)
        state = State(
            settings,
            database,
            bus,
            authenticator,
            engine,
            monitor,
            measures,
            links,
            prepared=prepared,
            embedded_store=embedded_store,
        )
        tasks: list[asyncio.Task[None]] = [
            asyncio.create_task(prepare_store(state)),
            asyncio.create_task(follow(hub)),
        ]
        if settings.workers:
            lease = timedelta(seconds=settings.job_lease_seconds)
            tasks += [asyncio.create_task(kind(database, bus, lease=lease).run()) for kind in WORKERS]
        stack.push_async_callback(cancel, *tasks)
        stack.callback(state.closing.set)
        yield state


async def prepare_store(state: State) -> None:
    """Create collections and indexes, and retry until it works: a store may start after the gateway."""
    while not state.prepared:
        try:
            await prepare(state.database)
        except UnavailableError:
            await asyncio.sleep(RETRY_SECONDS)
        except Exception as error:  # noqa: BLE001 - it is logged, /readyz shows it, and nothing else would retry
            fault(error)
            await asyncio.sleep(RETRY_SECONDS)
        else:
            state.prepared = True


async def follow(hub: Hub) -> NoReturn:
    """Run the hub; when it fails, log that and start it again, since live feeds would otherwise be silent."""
    while True:
        try:
            await hub.run()
        except Exception as error:  # noqa: BLE001 - see above
            fault(error)
            await asyncio.sleep(RETRY_SECONDS)
