"""The operations that run side by side on one WebSocket, each in a task with a context of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing

import orjson

from gateway.asgi.direct_socket import SendAtOnce
from gateway.concurrency.tasks import cancel
from gateway.execution.engine import Engine
from gateway.execution.operation import Operation, Result
from gateway.transports.responses import errors_of
from gateway.transports.websocket.messages import SUBSCRIBER_EXISTS, SocketClosed, encode_message
from storage.credentials import Credential
from storage.store.errors import ErrorCode, GatewayError

Send = Callable[[str], Awaitable[None]]


class SocketOperations:
    """Runs at most `limit` operations at a time; `send` waits until the client reads the message."""

    def __init__(self, engine: Engine, send: Send, send_at_once: SendAtOnce, *, limit: int) -> None:
        self._engine = engine
        self._send = send
        self._send_at_once = send_at_once
        self._limit = limit
        self._running: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()  # also those that are cancelled and still clean up

    async def start(self, id: str, operation: Operation, credential: Credential) -> None:
        """Run `operation`; raises `SocketClosed` when its id is in use."""
        if id in self._running:
            raise SocketClosed(SUBSCRIBER_EXISTS, f"Subscriber for {id} already exists")
        if len(self._running) >= self._limit:
            text = f"A WebSocket runs at most {self._limit} operations at a time; complete one first."
            refusal = GatewayError(text, code=ErrorCode.LIMIT_EXCEEDED, limit="operations", allowed=self._limit)
            await self._send(encode_message("error", id=id, payload=errors_of(refusal)["errors"]))
            return
        task = self._running[id] = asyncio.create_task(self._run(id, operation, credential))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self, id: str) -> None:
        """Cancel an operation that the client completes; nothing happens when it has ended meanwhile."""
        task = self._running.pop(id, None)
        if task is not None:
            task.cancel()

    async def complete_all(self) -> None:
        """Cancel every operation and tell the client that each is complete."""
        ids = list(self._running)
        await self.cancel_all()
        for id in ids:
            await self._send(encode_message("complete", id=id))

    async def cancel_all(self) -> None:
        self._running.clear()
        await cancel(*self._tasks)

    async def _run(self, id: str, operation: Operation, credential: Credential) -> None:
        last = await self._results(id, operation, credential)
        if self._running.get(id) is asyncio.current_task():
            del self._running[id]  # first, so that the client may use the id again as soon as it reads this
            await self._send(last)

    async def _results(self, id: str, operation: Operation, credential: Credential) -> str:
        """Send each result and return the message that ends the operation, which only ends this one."""
        start = b'{"type":"next","id":%b,"payload":' % orjson.dumps(id)
        task = asyncio.current_task()

        def outlet(results: Sequence[Result]) -> bool:
            # Once the client has completed it, its id may be another operation's.
            if self._running.get(id) is not task:
                return False
            return self._send_at_once([b"%b%b}" % (start, result.encoded) for result in results])

        try:
            async with aclosing(self._engine.stream(operation, credential, outlet=outlet)) as results:
                async for result in results:
                    if not result.executed:
                        return encode_message("error", id=id, payload=result.body["errors"])
                    await self._send(f"{start.decode()}{result.text}}}")
        except Exception as error:  # noqa: BLE001 - rendering it logs it, and masks it unless it is meant for clients
            return encode_message("error", id=id, payload=errors_of(error)["errors"])
        return encode_message("complete", id=id)
