"""A bad network: a relay between clients and a gateway whose connections a test can break off, or let die silently."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Relay:
    """Carries bytes to the gateway at `target`, an http address, which may change for those who connect next."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.address = ""
        self._writers: set[asyncio.StreamWriter] = set()
        self._silent: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Break off every connection, without a word to either end."""
        for writer in list(self._writers):
            writer.transport.abort()

    def silence(self) -> None:
        """Carry nothing any more over the connections that there are, which stay open."""
        self._silent.update(self._writers)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = urlsplit(self.target)
        with suppress(ConnectionError):
            gateway_reader, gateway_writer = await asyncio.open_connection(target.hostname, target.port)
            await asyncio.gather(self._carry(reader, gateway_writer), self._carry(gateway_reader, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with suppress(ConnectionError):
                while data := await reader.read(65_536):
                    if writer not in self._silent:
                        writer.write(data)
                        await writer.drain()
        finally:
            self._writers.discard(writer)
            self._silent.discard(writer)
            writer.close()


@asynccontextmanager
async def relaying(target: str) -> AsyncIterator[Relay]:
    relay = Relay(target)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    relay.address = f"http://{host}:{port}"
    try:
        yield relay
    finally:
        server.close()
        relay.cut()
        await server.wait_closed()
