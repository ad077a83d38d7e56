"""Serves the gateway as `profile-gateway serve` does; only the database is in memory."""

from typing import Any

import gateway.app
from bench.peers.memory import opened
from gateway.run import serve
from gateway.settings import Settings


def main() -> None:
    application: Any = gateway.app
    application.opened = opened
    serve(Settings())


if __name__ == "__main__":
    main()
