"""Serves the gateway as `profile-gateway serve` does; only the database is in memory."""

from typing import Any

import gateway.app
from bench.peers.memory import open_database
from gateway.running.process import serve
from gateway.settings import Settings


def main() -> None:
    application: Any = gateway.app
    application.open_database = open_database
    serve(Settings())


if __name__ == "__main__":
    main()
