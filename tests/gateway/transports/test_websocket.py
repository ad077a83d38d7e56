"""graphql-transport-ws on real sockets: what the protocol promises, and what must not break it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from storage.api_keys import create_key, revoke_key
from storage.credentials import Scope
from tests.support.edge import SHOUTED, TALLIED, Configured, Node, Probe, RunningServer


async def say(socket: ClientConnection, type: str, **fields: Any) -> None:
    await socket.send(json.dumps({"type": type, **fields}))


async def subscribe(socket: ClientConnection, query: str, id: str = "1", **payload: Any) -> None:
    await say(socket, "subscribe", id=id, payload={"query": query, **payload})


async def hear(socket: ClientConnection) -> Any:
    """Return the next message that is not a ping."""
    async with asyncio.timeout(10):
        while (message := json.loads(await socket.recv()))["type"] == "ping":
            pass
    return message


async def end_of(socket: ClientConnection) -> tuple[int | None, str | None]:
    """Return the code and reason that the server closes with, whatever it says before."""
    async with asyncio.timeout(10):
        with suppress(ConnectionClosed):
            while True:
                await socket.recv()
    return socket.close_code, socket.close_reason


@asynccontextmanager
async def acknowledged(
    server: RunningServer, key: str | None = None, **options: Any
) -> AsyncIterator[ClientConnection]:
    async with server.socket(**options) as socket:
        await say(socket, "connection_init", payload={"Authorization": f"Bearer {key or server.key}"})
        assert await hear(socket) == {"type": "connection_ack"}
        yield socket


async def test_operations_of_every_type(server: RunningServer) -> None:
    async with acknowledged(server) as socket:
        for id, (query, data) in enumerate(
            [("{ echo }", {"echo": "hello"}), ("mutation { touch }", {"touch": 1})], start=1
        ):
            await subscribe(socket, query, id=str(id))
            assert await hear(socket) == {"type": "next", "id": str(id), "payload": {"data": data}}
            assert await hear(socket) == {"type": "complete", "id": str(id)}
        await subscribe(socket, "subscription Count($to: Int!) { count(to: $to) }", variables={"to": 2})
        assert [(await hear(socket))["payload"]["data"]["count"] for _ in range(2)] == [1, 2]
        assert await hear(socket) == {"type": "complete", "id": "1"}


async def test_each_message_tells_what_is_deprecated(server: RunningServer) -> None:
    async with acknowledged(server) as socket:
        await subscribe(socket, "{ shout }", id="1")
        assert (await hear(socket))["payload"] == {"data": {"shout": "HELLO"}, "extensions": SHOUTED}
        assert (await hear(socket))["type"] == "complete"
        await subscribe(socket, "subscription { tally }", id="2")
        for number in (1, 2):
            assert (await hear(socket))["payload"] == {"data": {"tally": number}, "extensions": TALLIED}


async def test_operations_run_beside_each_other(server: RunningServer) -> None:
    async with acknowledged(server) as socket:
        await subscribe(socket, "{ slow }", id="slow")
        await subscribe(socket, "{ echo }", id="fast")
        assert (await hear(socket))["id"] == "fast"


@pytest.mark.parametrize(
    "query", ["{", "{ nonsense }", "query ($a: Int!) { echo }", "query A { echo } query B { echo }"]
)
async def test_what_is_wrong_with_an_operation_ends_only_the_operation(server: RunningServer, query: str) -> None:
    async with acknowledged(server) as socket:
        await subscribe(socket, query)
        message = await hear(socket)
        assert (message["type"], message["id"]) == ("error", "1")
        assert message["payload"][0]["extensions"]["code"]
        await subscribe(socket, "{ echo }")
        assert (await hear(socket))["payload"] == {"data": {"echo": "hello"}}


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
async def test_the_credential_may_come_in_either_case(server: RunningServer, name: str) -> None:
    async with server.socket() as socket:
        await say(socket, "connection_init", payload={name: f"Bearer {server.key}"})
        assert await hear(socket) == {"type": "connection_ack"}


async def test_the_credential_may_come_with_the_handshake(server: RunningServer) -> None:
    async with server.socket(additional_headers=server.headers) as socket:
        await say(socket, "connection_init")
        assert await hear(socket) == {"type": "connection_ack"}


@pytest.mark.parametrize("payload", [None, {}, {"Authorization": "Bearer wrong"}, {"Authorization": 1}])
async def test_a_bad_credential_is_forbidden(server: RunningServer, payload: Any) -> None:
    async with server.socket() as socket:
        await say(socket, "connection_init", payload=payload)
        code, reason = await end_of(socket)
    assert code == 4403
    assert reason.startswith("Forbidden")


@pytest.mark.parametrize(
    ("frame", "code", "told"),
    [
        ("[]", 4400, "must be a JSON object"),
        ('"x"', 4400, "must be a JSON object"),
        ("null", 4400, "must be a JSON object"),
        ("1", 4400, "must be a JSON object"),
        ("", 4400, "not valid JSON"),
        ("{", 4400, "not valid JSON"),
        ("[" * 20_000, 4400, "not valid JSON"),
        (b"{}", 4400, "must be text"),
        ("{}", 4400, "type must be one of"),
        ('{"type":1}', 4400, "type must be one of"),
        ('{"type":[]}', 4400, "type must be one of"),
        ('{"type":"start"}', 4400, "type must be one of"),
        ('{"type":"ping","payload":[]}', 4400, "payload of ping must be an object"),
        ('{"type":"pong","payload":1}', 4400, "payload of pong must be an object"),
        ('{"type":"complete"}', 4400, "id of complete"),
        ('{"type":"complete","id":1}', 4400, "id of complete"),
        ('{"type":"subscribe"}', 4400, "id of subscribe"),
        ('{"type":"subscribe","id":"","payload":{"query":"{ echo }"}}', 4400, "id of subscribe"),
        ('{"type":"subscribe","id":["1"],"payload":{"query":"{ echo }"}}', 4400, "id of subscribe"),
        ('{"type":"subscribe","id":"1"}', 4400, "query is missing"),
        ('{"type":"subscribe","id":"1","payload":"{ echo }"}', 4400, "payload of subscribe must be an object"),
        ('{"type":"subscribe","id":"1","payload":{"query":1}}', 4400, "query must be a string"),
        ('{"type":"subscribe","id":"1","payload":{"query":"{ echo }","variables":[]}}', 4400, "variables must be"),
        (
            '{"type":"subscribe","id":"1","payload":{"query":"{ echo }","operationName":1}}',
            4400,
            "operationName must be",
        ),
        ('{"type":"subscribe","id":"1","payload":{"query":"{ echo }","extensions":1}}', 4400, "extensions must be"),
        ('{"type":"connection_init"}', 4429, "Too many initialisation requests"),
    ],
)
async def test_what_breaks_the_protocol_closes_the_socket_with_a_reason(
    server: RunningServer, frame: str | bytes, code: int, told: str
) -> None:
    async with acknowledged(server) as socket:
        await socket.send(frame)
        closed, reason = await end_of(socket)
    assert closed == code
    assert told in reason


async def test_a_credential_that_is_no_object_is_malformed(server: RunningServer) -> None:
    async with server.socket() as socket:
        await say(socket, "connection_init", payload="Bearer")
        assert (await end_of(socket))[0] == 4400


async def test_subscribing_before_the_acknowledgement_is_unauthorized(server: RunningServer) -> None:
    async with server.socket() as socket:
        await subscribe(socket, "{ echo }")
        assert (await end_of(socket))[0] == 4401


async def test_an_id_in_use_is_refused_and_free_again_afterwards(server: RunningServer) -> None:
    async with acknowledged(server) as socket:
        for _ in range(2):
            await subscribe(socket, "{ echo }")
            assert [(await hear(socket))["type"] for _ in range(2)] == ["next", "complete"]
        await subscribe(socket, "{ slow }")
        await subscribe(socket, "{ slow }")
        assert await end_of(socket) == (4409, "Subscriber for 1 already exists")


async def test_complete_cancels_the_operation_and_frees_its_id(server: RunningServer, probe: Probe) -> None:
    async with acknowledged(server) as socket:
        await subscribe(socket, "subscription { wait }")
        assert (await hear(socket))["type"] == "next"
        await probe.started.wait()
        await say(socket, "complete", id="1")
        async with asyncio.timeout(5):
            await probe.cancelled.wait()
        await say(socket, "complete", id="1")
        await subscribe(socket, "{ echo }")
        assert [(await hear(socket))["type"] for _ in range(2)] == ["next", "complete"]


@pytest.mark.parametrize("query", ["{ slow }", "subscription { wait }"])
async def test_a_client_that_disconnects_cancels_its_operations(
    server: RunningServer, probe: Probe, query: str
) -> None:
    async with asyncio.timeout(5):
        async with acknowledged(server) as socket:
            await subscribe(socket, query)
            await probe.started.wait()
            socket.transport.abort()
        await probe.cancelled.wait()


async def test_pings_are_answered_with_their_payload(server: RunningServer) -> None:
    async with server.socket() as socket:
        await say(socket, "ping")
        assert await hear(socket) == {"type": "pong"}
        await say(socket, "ping", payload={"a": 1})
        assert await hear(socket) == {"type": "pong", "payload": {"a": 1}}


async def test_the_server_pings_and_the_client_need_not_be_admitted_for_it(configured: Configured) -> None:
    async with configured(heartbeat_seconds=0.05) as server, server.socket() as socket:
        for _ in range(2):
            assert json.loads(await socket.recv()) == {"type": "ping"}
            await say(socket, "pong")


@pytest.mark.parametrize("offered", [None, ["graphql-ws"]])
async def test_another_subprotocol_is_not_acceptable(server: RunningServer, offered: list[str] | None) -> None:
    async with server.socket(subprotocols=offered) as socket:
        code, reason = await end_of(socket)
    assert code == 4406
    assert "graphql-transport-ws" in reason


async def test_the_subprotocol_is_found_among_others(server: RunningServer) -> None:
    async with server.socket(subprotocols=["graphql-ws", "graphql-transport-ws"]) as socket:
        assert socket.subprotocol == "graphql-transport-ws"


async def test_pages_of_other_origins_may_not_connect(server: RunningServer) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await server.socket(origin="https://evil.example")
    assert refused.value.response.status_code == 403
    assert json.loads(refused.value.response.body)["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    for origin in (server.base_url, "https://console.example"):
        async with server.socket(origin=origin) as socket:
            await say(socket, "ping")
            assert await hear(socket) == {"type": "pong"}


async def test_too_many_operations_are_refused_one_by_one(configured: Configured) -> None:
    async with configured(socket_max_operations=2) as server, acknowledged(server) as socket:
        for id in ("1", "2", "3"):
            await subscribe(socket, "{ slow }", id=id)
        message = await hear(socket)
        assert (message["type"], message["id"]) == ("error", "3")
        assert message["payload"][0]["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": "operations", "allowed": 2}
        await say(socket, "complete", id="1")
        await subscribe(socket, "{ echo }", id="3")
        assert (await hear(socket))["payload"] == {"data": {"echo": "hello"}}


async def test_a_message_over_the_limit_closes_the_socket(server: RunningServer) -> None:
    async with acknowledged(server) as socket:
        await subscribe(socket, "{ echo }" + " " * server.state.settings.max_body_bytes)
        assert (await end_of(socket))[0] == 1009


async def test_a_silent_client_is_not_waited_for(configured: Configured) -> None:
    async with configured(socket_init_timeout=0.1) as server, server.socket() as socket:
        assert await end_of(socket) == (4408, "Connection initialisation timeout")


async def test_a_slow_client_makes_its_operations_wait(server: RunningServer, probe: Probe) -> None:
    async with acknowledged(server, max_queue=1, compression=None) as socket:
        await subscribe(socket, "subscription { flood }")
        produced = -1
        while produced != probe.produced:
            produced = probe.produced
            await asyncio.sleep(0.3)
        # What fits into the buffers of the kernel and of both ends, and not one more.
        assert 0 < produced < 200
        socket.transport.abort()


async def test_a_client_that_reads_nothing_is_left(configured: Configured, probe: Probe) -> None:
    limits = {"heartbeat_seconds": 0.1, "slow_client_seconds": 0.2}
    async with configured(**limits) as server, acknowledged(server, max_queue=1, compression=None) as socket:
        await subscribe(socket, "subscription { flood }")
        async with asyncio.timeout(10):
            await probe.cancelled.wait()
        assert probe.produced < 200
        # The close frame waits behind what is not read; whoever reads on finds it, or the end of the connection.
        assert (await end_of(socket))[0] in (1006, 1013)


async def test_closing_completes_operations_and_closes_with_a_reason(configured: Configured, probe: Probe) -> None:
    async with configured() as server, acknowledged(server) as socket:
        await subscribe(socket, "subscription { wait }")
        assert (await hear(socket))["type"] == "next"
        await probe.started.wait()
        server.state.closing.set()
        assert await hear(socket) == {"type": "complete", "id": "1"}
        assert await end_of(socket) == (1001, "The gateway is shutting down; connect again")
        assert probe.cancelled.is_set()


async def test_a_revoked_key_closes_its_sockets(configured: Configured, probe: Probe) -> None:
    async with configured(credential_cache_seconds=0.1) as server:
        database, workspace = server.state.database, server.state.settings.workspace
        key, described = await create_key(database, workspace, name="doomed", scopes=[Scope.PROFILES_READ])
        async with acknowledged(server, key) as doomed, acknowledged(server) as other:
            await subscribe(doomed, "subscription { wait }")
            await probe.started.wait()
            await revoke_key(database, workspace, described["prefix"])
            code, reason = await end_of(doomed)
            assert code == 4403
            assert "revoked" in reason
            assert probe.cancelled.is_set()
            await subscribe(other, "{ echo }")
            assert (await hear(other))["type"] == "next"


async def test_an_expired_key_closes_its_sockets(configured: Configured) -> None:
    async with configured() as server:
        expires_at = datetime.now(UTC) + timedelta(seconds=1)
        key, _ = await create_key(
            server.state.database,
            server.state.settings.workspace,
            name="brief",
            scopes=[Scope.PROFILES_READ],
            expires_at=expires_at,
        )
        async with acknowledged(server, key) as socket:
            code, reason = await end_of(socket)
        assert code == 4403
        assert "expired" in reason
        assert datetime.now(UTC) >= expires_at


async def test_the_reference_client(server: RunningServer, node: Node) -> None:
    assert json.loads(await node("graphql-ws.mjs", URL=server.url, KEY=server.key)) == {
        "query": [{"data": {"echo": "hello"}}],
        "subscription": [{"data": {"count": 1}}, {"data": {"count": 2}}],
        "invalid": "GRAPHQL_VALIDATION_FAILED",
        "forbidden": 4403,
    }
