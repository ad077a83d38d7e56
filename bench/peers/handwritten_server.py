"""An endpoint for exactly the two answers, without GraphQL and without a framework."""

from typing import Any

import orjson

from bench.peers.by_hand import answer
from bench.peers.serving import serve


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    answered = orjson.dumps({"data": answer(orjson.loads(body)["variables"])}, option=orjson.OPT_NAIVE_UTC)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answered)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answered})


if __name__ == "__main__":
    serve(app)
