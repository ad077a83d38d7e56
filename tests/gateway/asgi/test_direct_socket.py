"""Sending at once writes what the awaited way would, with the uvicorn whose internals it uses."""

import asyncio
from importlib.metadata import version
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.frames import Frame, Opcode

from gateway.asgi.direct_socket import frame_header, send_at_once_of
from gateway.concurrency.closing import Closing
from gateway.running.server import Server, listen
from gateway.settings import Settings


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 300_000])
def test_a_frame_is_the_library_s_own(length: int) -> None:
    text = b"x" * length
    assert frame_header(length) + text == Frame(Opcode.TEXT, text).serialize(mask=False)


def test_uvicorn_is_the_version_that_was_read() -> None:
    assert version("uvicorn") == "0.54.0", (
        "DirectSocket uses internals of uvicorn's WebSocketsSansIOProtocol. Read its websockets_sansio_impl.py "
        "again, see that `send` still writes as DirectSocket does, then change the version here and in pyproject."
    )


async def test_messages_sent_at_once_and_awaited_keep_their_order() -> None:
    sent_at_once: list[bool] = []

    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        send_at_once = send_at_once_of(websocket.scope)
        sent_at_once.append(send_at_once([b"1", b"2"]))
        await websocket.send_text("3")
        sent_at_once.append(send_at_once([b"4"]))
        await websocket.receive()

    app = Starlette(routes=[WebSocketRoute("/", talk)])
    app.state.gateway = SimpleNamespace(closing=Closing())
    with listen("127.0.0.1", 0) as listener:
        server = Server(app, Settings(), lambda: None)
        serving = asyncio.create_task(server.serve([listener]))
        async with connect(f"ws://127.0.0.1:{listener.getsockname()[1]}/") as client:
            assert [await client.recv() for _ in range(4)] == ["1", "2", "3", "4"]
        server.should_exit = True
        await serving
    assert sent_at_once == [True, True]
