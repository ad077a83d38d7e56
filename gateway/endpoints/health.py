"""Liveness, readiness and metrics, for orchestrators and monitoring."""

from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.credentials.authentication import bearer
from gateway.state import State
from gateway.telemetry.records import note
from storage.credentials import Scope


async def healthz(_request: Request) -> Response:
    """Answer 200 while the process lives, whatever the stores do: restarting it would not bring them back."""
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    """Answer 200 when this process can serve, else 503; either way the answer names each check.

    Where the gateway has started its own MongoDB, it says which one.
    """
    state: State | None = getattr(request.app.state, "gateway", None)
    checks = {
        "mongodb": state is not None and state.monitor.mongodb,
        "redis": state is not None and state.monitor.redis,
        "indexes": state is not None and state.prepared,
        "accepting": state is not None and not state.closing.is_set(),
    }
    ready = all(checks.values())
    results = {name: "ok" if passed else "failing" for name, passed in checks.items()}
    answer: dict[str, Any] = {"status": "ok" if ready else "failing", "checks": results}
    if state is not None and state.embedded_store:
        answer["embeddedStore"] = state.embedded_store
    return JSONResponse(answer, status_code=200 if ready else 503)


async def metrics(request: Request) -> Response:
    """Answer in Prometheus' text format; raises `ForbiddenError` for a credential without metrics:read."""
    state: State = request.app.state.gateway
    credential = await state.authenticator.authenticate(bearer(request.headers.get("Authorization")))
    note(credential=credential)
    credential.require(Scope.METRICS_READ)
    return Response(state.metrics.exposition(), headers={"Content-Type": CONTENT_TYPE_LATEST})
