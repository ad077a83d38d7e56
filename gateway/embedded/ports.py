"""Ports of the embedded stores: any free one, and the same again next time, so that open consoles keep working."""

import socket
from contextlib import suppress
from pathlib import Path

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # A port whose old connections are still fading away is free to a server.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def kept_port(file: Path) -> int:
    """Return the port written in `file` if it is free, else a free one, which is written there."""
    with suppress(FileNotFoundError, ValueError, OverflowError):
        port = int(file.read_text())
        if is_free(port):
            return port
    port = any_free_port()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{port}\n")
    return port
