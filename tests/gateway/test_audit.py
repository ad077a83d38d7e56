"""The GraphQL over HTTP audit of the reference implementation, also what it only recommends."""

import json

from tests.support.edge import Node, RunningServer

AUDITS = 61


async def test_every_audit_passes(server: RunningServer, node: Node) -> None:
    results = json.loads(await node("audit.mjs", URL=server.url, KEY=server.key))
    failing = [
        f"{result['id']} {result['name']}: {result.get('reason')}" for result in results if result["status"] != "ok"
    ]
    assert failing == []
    assert len(results) == AUDITS
