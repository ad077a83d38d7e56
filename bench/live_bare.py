"""The least that a WebSocket costs in uvicorn under the gateway's settings: an application that accepts and listens.

It prints its port as a line of JSON.
"""

import asyncio
import json

import uvicorn
import uvloop
from starlette.types import Receive, Scope, Send

from gateway.running.server import listen, uvicorn_config
from gateway.settings import Settings
from gateway.transports.websocket.messages import PROTOCOL


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})
        return
    await receive()
    await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
    while (await receive())["type"] != "websocket.disconnect":
        pass


def main() -> None:
    with listen("127.0.0.1", 0) as listener, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
        runner.run(uvicorn.Server(uvicorn_config(application, Settings())).serve([listener]))


if __name__ == "__main__":
    main()
