"""How the Python peers are served: as the gateway is, with uvloop, httptools and a relieved garbage collector."""

import os
from typing import Any

import uvicorn

from gateway.running.process import relieve_collector


def serve(app: Any) -> None:
    relieve_collector()
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        log_level="error",
        access_log=False,
        server_header=False,
    )
