"""`POST /ingest/events` on a real socket: what is taken, what each line becomes, and how a stream ends."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator

import pytest

from bench.harness.processes import pause, proceed
from bench.harness.waiting import until
from gateway.settings import Settings
from storage.api_keys import create_key
from storage.credentials import Scope
from tests.support.ingesting import ARRAY, NDJSON, Door, an_event, lines, opened
from tests.support.stores import Stores


@pytest.fixture
async def door(settings: Settings) -> AsyncIterator[Door]:
    async with opened(settings, Scope.EVENTS_WRITE) as door:
        yield door


async def test_each_line_is_answered_and_a_retry_doubles_nothing(door: Door) -> None:
    body = lines(an_event(1), b"", b"{", an_event(2, action="a\nb"), an_event(1), an_event(1, action="other"), b"[1]")
    results, last = await door.send(body)
    assert [(result["line"], result["status"]) for result in results] == [
        (1, "CREATED"),
        (3, "REJECTED"),
        (4, "REJECTED"),
        (5, "DUPLICATE"),
        (6, "CONFLICT"),
        (7, "REJECTED"),
    ]
    assert results[0] == {"line": 1, "status": "CREATED", "id": results[3]["id"]}
    assert (results[1]["code"], "field" in results[1]) == ("INVALID_VALUE", False)
    assert (results[2]["code"], results[2]["field"]) == ("FORBIDDEN_CHARACTER", ["action"])  # R17
    assert last == {"status": "DONE", "events": 6, "created": 1, "duplicate": 1, "conflict": 1, "rejected": 3}
    again, _ = await door.send(body)
    assert [result["status"] for result in again[:1]] == ["DUPLICATE"]
    assert await door.events() == 1


async def test_arrays_and_gzip_say_the_same(door: Door) -> None:
    events = [an_event(number, label='a "b" \\ [c], {d}') for number in range(5)]
    as_lines, _ = await door.send(gzip.compress(lines(*events)), **{"Content-Encoding": "gzip"})
    as_array, last = await door.send(json.dumps(events, indent=1), **ARRAY)
    assert [result["status"] for result in as_lines] == ["CREATED"] * 5
    assert [(result["line"], result["id"]) for result in as_array] == [(r["line"], r["id"]) for r in as_lines]
    assert last["duplicate"] == 5
    assert await door.send(b"[ ]", **ARRAY) == ([], {"status": "DONE", "events": 0} | dict.fromkeys(COUNTS, 0))
    assert await door.send(b"") == ([], {"status": "DONE", "events": 0} | dict.fromkeys(COUNTS, 0))


COUNTS = ("created", "duplicate", "conflict", "rejected")


async def test_a_long_line_is_refused_alone(door: Door) -> None:
    results, _ = await door.send(lines(an_event(1), an_event(2, label="x" * 70_000), an_event(3)))
    assert [result["status"] for result in results] == ["CREATED", "REJECTED", "CREATED"]
    assert results[1]["code"] == "TOO_LONG"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"\x1f\x8bnothing", {"Content-Encoding": "gzip"}),
        (gzip.compress(b"{}" * 1000, mtime=0)[:-9], {"Content-Encoding": "gzip"}),
        (b'[{"a": 1}', ARRAY),
        (b'{"a": 1}', ARRAY),
        (b"[1}", ARRAY),
        (b"[] []", ARRAY),
        (b"]", ARRAY),
    ],
)
async def test_a_broken_body_ends_the_stream_with_a_reason(door: Door, body: bytes, headers: dict[str, str]) -> None:
    _, last = await door.send(body, **headers)
    assert (last["status"], last["code"], last["retryFromLine"]) == ("STOPPED", "BAD_REQUEST", 1)


async def test_a_body_over_the_limit_is_refused_or_stops(settings: Settings) -> None:
    limited = settings.model_copy(update={"max_ingest_bytes": 300_000})
    async with opened(limited, Scope.EVENTS_WRITE) as door:
        refused = await door.client.post("/ingest/events", content=b" " * 300_001, headers=NDJSON)
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (413, "PAYLOAD_TOO_LARGE")
        bomb = gzip.compress(lines(*(an_event(number) for number in range(500))) + b"\n" + b" " * 50_000_000)
        results, last = await door.send(bomb, **{"Content-Encoding": "gzip"})
        assert (last["status"], last["code"]) == ("STOPPED", "PAYLOAD_TOO_LARGE")
        assert (len(results), last["retryFromLine"], await door.events()) == (500, 501, 500)


async def test_who_may_not_is_refused_before_the_body(door: Door, settings: Settings) -> None:
    reader, _ = await create_key(
        door.state.database, settings.workspace, name="reader", scopes=[Scope.PROFILES_READ, Scope.PROFILES_WRITE]
    )
    for headers, status, code in (
        ({"Authorization": "Bearer nobody"}, 401, "UNAUTHENTICATED"),
        ({"Authorization": f"Bearer {reader}"}, 403, "FORBIDDEN"),
        ({"Content-Type": "text/csv"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"Content-Encoding": "br"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ):
        response = await door.client.post("/ingest/events", content=b"{}", headers={**NDJSON, **headers})
        assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (status, code)
    assert (await door.client.get("/ingest/events")).status_code == 405


async def test_answers_come_while_the_body_still_does_and_a_client_that_leaves_ends_it(door: Door) -> None:
    """The second half is sent only once the first half is answered, as far as the socket goes."""
    host, port = door.client.base_url.host, door.client.base_url.port
    reader, writer = await asyncio.open_connection(host, port)
    head = [
        "POST /ingest/events HTTP/1.1",
        "Host: gateway",
        f"Authorization: {door.client.headers['authorization']}",
        "Content-Type: application/x-ndjson",
        "Transfer-Encoding: chunked",
    ]
    writer.write("\r\n".join([*head, "", ""]).encode())
    body = lines(*(an_event(number) for number in range(500))) + b"\n"
    writer.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
    async with asyncio.timeout(20):
        assert b'"line":500' in await reader.readuntil(b'"line":500,')
    writer.close()
    await writer.wait_closed()
    assert await door.events() == 500


async def test_a_store_that_goes_away_names_the_line_to_go_on_from(settings: Settings, stores: Stores) -> None:
    first, rest = ([an_event(number) for number in numbers] for numbers in (range(500), range(500, 510)))

    async with opened(settings.model_copy(update={"store_timeout": 1.0}), Scope.EVENTS_WRITE) as door:

        async def pieces() -> AsyncIterator[bytes]:
            yield lines(*first) + b"\n"
            async with asyncio.timeout(20):
                while await door.events() < 500:
                    await asyncio.sleep(0.05)
            pause(stores.mongodb.pid)
            yield lines(*rest)

        try:
            results, last = await door.send(pieces())
        finally:
            proceed(stores.mongodb.pid)
        assert (last["status"], last["code"]) == ("STOPPED", "UNAVAILABLE")
        assert last["retryFromLine"] == len(results) + 1
        await until(lambda: door.state.monitor.mongodb, seconds=30)
        again, done = await door.send(lines(*first, *rest))
        assert {result["status"] for result in again[:500]} == {"DUPLICATE"}
        assert done["rejected"] == done["conflict"] == 0
        assert await door.events() == 510
