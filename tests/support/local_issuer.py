"""An OpenID Connect issuer on this machine: real keys, real HTTP, and ways to misbehave."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, Key
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.credentials.tokens import SIGNATURES

AUDIENCE = "profile-gateway"
JWKS = "/keys"
DISCOVERY = "/.well-known/openid-configuration"


def ec_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


class LocalIssuer:
    """`answers` replaces whole answers by path, `hang` holds them back, `fetches` counts them."""

    def __init__(self) -> None:
        self.port = free_port()
        self.reset()

    def reset(self) -> None:
        self.keys: list[Key] = [ec_key("first")]
        self.answers: dict[str, Response] = {}
        self.hang: asyncio.Event | None = None
        self.fetches = {JWKS: 0, DISCOVERY: 0}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Claims that are accepted, with `changes`; a change to None leaves the claim out."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "service-7",
            "exp": now + 300,
            "iat": now,
            "workspace": "acme",
            "scope": "profiles:read openid",
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(
        self, key: Key | None = None, *, alg: str = "ES256", header: dict[str, Any] | None = None, **changes: Any
    ) -> str:
        key = key or self.keys[0]
        headers = {"alg": alg, "kid": key.kid, **(header or {})}
        return jwt.encode(headers, self.claims(**changes), key, registry=SIGNATURES)

    async def answer(self, request: Request) -> Response:
        path = request.url.path
        self.fetches[path] += 1
        if self.hang:
            await self.hang.wait()
        if path in self.answers:
            return self.answers[path]
        if path == JWKS:
            return JSONResponse({"keys": [key.as_dict(private=False) for key in self.keys]})
        return JSONResponse({"issuer": self.url, "jwks_uri": self.url + JWKS})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        app = Starlette(routes=[Route(path, self.answer) for path in (JWKS, DISCOVERY)])
        config = uvicorn.Config(app, lifespan="off", log_config=None, port=self.port, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        async with asyncio.timeout(10):
            while not server.started:
                await asyncio.sleep(0.01)
        try:
            yield
        finally:
            server.should_exit = True
            await task


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
