"""The GraphiQL page, served from our own origin and used in a real browser."""

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import httpx
import pytest
from graphql import parse, validate
from starlette.applications import Starlette

from gateway.endpoints.graphiql import STATIC, graphiql_routes
from gateway.transports.error_pages import gateway_error
from schema import schema
from storage.store.errors import GatewayError
from tests.support.edge import Configured, Node, RunningServer


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the browser, installed from Debian where this runs as root and it is missing."""
    with (Path(tempfile.gettempdir()) / "profile-gateway-chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if shutil.which("chromium") is None and os.geteuid() == 0 and shutil.which("apt-get"):
            install = "apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core"
            environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["sh", "-c", install], env=environment, check=False, capture_output=True, timeout=240)
    found = shutil.which("chromium")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing, and CI must not skip what needs it.")
        pytest.skip("Chromium is not installed")
    return found


@pytest.mark.timeout(300)  # a first run may have to install the browser
async def test_a_person_explores_the_api(server: RunningServer, node: Node, chromium: str) -> None:
    seen = json.loads(await node("graphiql.mjs", URL=server.base_url, KEY=server.key, CHROMIUM=chromium))
    assert seen == {
        "missing": "Connect with an API key",
        "wrong": "This key is not valid: it is unknown, expired or revoked.",
        "address": "/graphiql?tab=1",
        "query": {"data": {"echo": "hello"}},
        "subscription": {"data": {"count": 3}},
        "keyKept": {"session": True, "local": False},
        "elsewhere": [],
        "complaints": [],
    }


async def test_nothing_comes_from_elsewhere(server: RunningServer) -> None:
    async with server.client(headers={}) as client:
        page = await client.get("/graphiql")
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert "http" not in page.text
        for name in [*(path.name for path in STATIC.iterdir()), "graphiql.min.js", "graphql-ws.min.js"]:
            response = await client.get(f"/graphiql/{name}")
            assert response.status_code == 200
            assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["nothing.js", "..%2fapp.py", "%2e%2e/settings.py"])
async def test_no_other_file_is_served(server: RunningServer, name: str) -> None:
    async with server.client(headers={}) as client:
        response = await client.get(f"/graphiql/{name}")
    assert response.status_code == 404
    assert response.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_it_can_be_turned_off(configured: Configured) -> None:
    async with configured(graphiql=False) as server, server.client() as client:
        assert (await client.get("/graphiql")).status_code == 404


async def test_without_its_libraries_it_says_what_to_install() -> None:
    app = Starlette(routes=graphiql_routes("no_such_package"), exception_handlers={GatewayError: gateway_error})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        response = await client.get("/graphiql")
    assert response.status_code == 404
    assert "pip install 'profile-gateway[graphiql]'" in response.json()["errors"][0]["message"]


def test_the_first_query_fits_the_schema() -> None:
    document = parse((STATIC / "welcome.graphql").read_text())
    assert validate(schema._schema, document) == []
