"""Clients: connections that are kept alive, one request at a time to measure, several at once to saturate.

They are sockets, whose answers httptools parses: httpx takes 0.7 ms of processor time for a request, these 0.06 ms, and
some servers 0.15 ms.
"""

import re
import selectors
import shutil
import socket
import subprocess
import time
from pathlib import Path

import httpx
import orjson
from httptools import HttpResponseParser

from bench.peers.queries import Query

PIECE = 1 << 18
PATIENCE = 60.0
DONE = re.compile(r"(\d+) requests in ")
LUA = """wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json"
wrk.headers["Authorization"] = "Bearer {token}"
wrk.body = [==[{body}]==]
"""


class Answer:
    """A response while it arrives, parsed by httptools."""

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self._body = bytearray()
        self._is_complete = False

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self._is_complete = True

    def feed(self, piece: bytes) -> bool:
        """Take a piece and return whether the response is complete; raises `ConnectionError` unless it is 200."""
        if not piece:
            raise ConnectionError("The server has closed the connection.")
        self._parser.feed_data(piece)
        if self._is_complete and (status := self._parser.get_status_code()) != 200:
            raise ConnectionError(f"The server answered {status}: {self._body.decode()}")
        return self._is_complete


class Connection:
    """A connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        self.socket.close()

    def ask(self, request: bytes) -> None:
        self.socket.sendall(request)
        answer = Answer()
        while not answer.feed(self.socket.recv(PIECE)):
            pass


def request_of(query: Query, token: str) -> bytes:
    """Return the bytes of a request; every server gets the credential, and only the gateway looks at it."""
    head = (
        "POST /graphql HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        "Accept: application/json",
        f"Authorization: Bearer {token}",
        f"Content-Length: {len(query.body)}",
    )
    return "\r\n".join((*head, "", "")).encode() + query.body


def answer_of(port: int, query: Query, token: str) -> bytes:
    """Return the JSON that a server answers with."""
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Authorization": f"Bearer {token}"}
    response = httpx.post(f"http://127.0.0.1:{port}/graphql", content=query.body, headers=headers, timeout=PATIENCE)
    return response.raise_for_status().content


def generator() -> str:
    """Return the name of what saturates servers."""
    return "wrk" if shutil.which("wrk") else "Python"


def saturated(port: int, query: Query, token: str, *, seconds: float, directory: Path) -> int:
    """Have several clients ask without a pause for so long, and return how many requests were answered."""
    if wrk := shutil.which("wrk"):
        script = directory / f"{query.name}.lua"
        script.write_text(LUA.format(token=token, body=query.body.decode()))
        number = str(query.connections)
        command = (wrk, "-t1", "-c", number, "-d", f"{seconds:.0f}s", "--timeout", "30s", "-s", str(script))
        told = subprocess.run(
            [*command, f"http://127.0.0.1:{port}/graphql"], capture_output=True, text=True, check=True
        )
        done = DONE.search(told.stdout)
        if done is None or "Non-2xx" in told.stdout or "Socket errors" in told.stdout:
            raise ConnectionError(told.stdout + told.stderr)
        return int(done[1])
    return pressed([port], request_of(query, token), connections=query.connections, seconds=seconds)[0]


def pressed(ports: list[int], request: bytes, *, connections: int, seconds: float) -> tuple[int, float]:
    """Do the same over all the ports, by a loop of this process, which waits for the last answers.

    Returns how many requests were answered in how many seconds.
    """
    done = 0
    with selectors.DefaultSelector() as selector:
        clients = [Connection(ports[number % len(ports)]) for number in range(connections)]
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ, Answer())
            client.socket.sendall(request)
        started, waiting = time.perf_counter(), connections
        while waiting:
            for key, _ in selector.select():
                reader: socket.socket = key.fileobj  # type: ignore[assignment]  # what was registered
                if not key.data.feed(reader.recv(PIECE)):
                    continue
                done += 1
                if time.perf_counter() < started + seconds:
                    selector.modify(reader, selectors.EVENT_READ, Answer())
                    reader.sendall(request)
                else:
                    selector.unregister(reader)
                    waiting -= 1
        passed = time.perf_counter() - started
        for client in clients:
            client.close()
    return done, passed


def data_of(answer: bytes) -> dict[str, object]:
    """Return the data of an answer; raises for one with errors."""
    body = orjson.loads(answer)
    if "errors" in body:
        raise ValueError(f"The answer has errors: {body['errors']}")
    data: dict[str, object] = body["data"]
    return data
