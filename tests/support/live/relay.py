"""A bad network: a relay between clients and a gateway whose connections a test can break off, stop or let die."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

SEGMENT, LITTLE = 1400, 8192  # so that what is stopped soon fills what the gateway's system holds of it


class Relay:
    """Carries bytes to the gateway at `target`, an http address, which may change for those who connect next.

    `told` is everything that the gateway sent.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.address = ""
        self.told = bytearray()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._silent: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Break off every connection, without a word to either end."""
        for writer in list(self._writers):
            writer.transport.abort()

    def silence(self) -> None:
        """Carry nothing any more over the connections that there are, which stay open."""
        self._silent.update(self._writers)

    def hold(self) -> None:
        """Take nothing any more from either end, until `flow`."""
        self._flowing.clear()

    def flow(self) -> None:
        self._flowing.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            gateway_reader, gateway_writer = await asyncio.open_connection(sock=await self._connected(), limit=LITTLE)
            await asyncio.gather(
                self._carry(reader, gateway_writer, bytearray()), self._carry(gateway_reader, writer, self.told)
            )

    async def _connected(self) -> socket.socket:
        target = urlsplit(self.target)
        endpoint = socket.socket()
        endpoint.setblocking(False)
        endpoint.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
        endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LITTLE)
        try:
            await asyncio.get_running_loop().sock_connect(endpoint, (target.hostname, target.port))
        except OSError:
            endpoint.close()
            raise
        return endpoint

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, told: bytearray) -> None:
        self._writers.add(writer)
        try:
            with suppress(ConnectionError):
                while data := await reader.read(65_536):
                    await self._flowing.wait()
                    told += data
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
