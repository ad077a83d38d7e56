"""Operations: what is executed, what is refused, and what a client is told."""

import asyncio
import gc
import time
from contextlib import aclosing
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.execution.engine import Engine
from gateway.execution.faults import MASK
from gateway.execution.operation import Operation, Result
from gateway.settings import Settings
from gateway.telemetry.metrics import Metrics
from resolvers.context import Context
from storage.credentials import Credential, Scope
from storage.store.errors import GatewayError
from tests.support import sample_schema
from tests.support.sample_schema import INTROSPECTION, SECRET, a_credential, an_engine, ask, make_context, schema


def codes(result: Result) -> list[str]:
    return [error["extensions"]["code"] for error in result.body.get("errors", [])]


async def stream(engine: Engine, query: str, **operation: Any) -> list[Result]:
    return [result async for result in engine.stream(Operation(query, **operation), a_credential())]


async def test_a_query_is_executed() -> None:
    result = await ask("query($text:String!){echo(text:$text) child{name}}", variables={"text": "hi"})
    assert result == Result({"data": {"echo": "hi", "child": {"name": "node"}}}, executed=True)


async def test_introspection_is_answered() -> None:
    result = await ask(INTROSPECTION)
    assert result.body["data"]["__schema"]["queryType"]["name"] == "Query"


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("", None, "GRAPHQL_PARSE_FAILED"),
        ("{", None, "GRAPHQL_PARSE_FAILED"),
        ("{nothing}", None, "GRAPHQL_VALIDATION_FAILED"),
        ("{...F} fragment F on Query{...F}", None, "GRAPHQL_VALIDATION_FAILED"),
        ("type A{a:Int}", None, "GRAPHQL_VALIDATION_FAILED"),
        ("fragment F on Query{name}", None, "GRAPHQL_VALIDATION_FAILED"),
        ('{echo(at:"noon")}', None, "GRAPHQL_VALIDATION_FAILED"),
        ('{by(key:{id:1,email:"a"})}', None, "GRAPHQL_VALIDATION_FAILED"),
        ("{by(key:{id:$unknown})}", None, "GRAPHQL_VALIDATION_FAILED"),
        ("fragment F on Query{by(key:{id:null})} {...F}", None, "GRAPHQL_VALIDATION_FAILED"),
        ("query($key:Key!){by(key:$key)}", {"key": {}}, "BAD_USER_INPUT"),
        ("query($key:Key!){by(key:$key)}", {"key": {"id": 1, "email": "a"}}, "BAD_USER_INPUT"),
        ("query($at:DateTime!){echo(at:$at)}", {"at": "noon"}, "BAD_USER_INPUT"),
        ("query($color:Color!){echo(color:$color)}", {"color": 1}, "BAD_USER_INPUT"),
        ("query($size:Int!){child(size:$size){name}}", None, "BAD_USER_INPUT"),
        ("query($if:Boolean=true){name @skip(if:$if)}", {"if": None}, "BAD_USER_INPUT"),
        ("query A{name} query B{name}", None, "BAD_REQUEST"),
        ("subscription{ticks{number}}", None, "BAD_REQUEST"),
    ],
)
async def test_a_request_error_is_coded_and_has_no_data(query: str, variables: Any, code: str) -> None:
    result = await ask(query, variables=variables)
    assert set(codes(result)) == {code}
    assert not result.executed
    assert "data" not in result.body
    assert all(MASK not in error["message"] for error in result.body["errors"])


async def test_mistakes_keep_their_text_and_place() -> None:
    result = await ask("{\n  nothing\n}")
    assert result.body["errors"] == [
        {
            "message": "Cannot query field 'nothing' on type 'Query'.",
            "locations": [{"line": 2, "column": 3}],
            "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"},
        }
    ]


async def test_an_operation_is_chosen_by_its_name() -> None:
    document = 'query A{echo(text:"a")} query B{echo(text:"b")}'
    assert (await ask(document, operation_name="B")).body == {"data": {"echo": "b"}}
    assert codes(await ask(document, operation_name="C")) == ["BAD_REQUEST"]


async def test_a_mutation_runs_but_not_when_only_queries_may() -> None:
    operation = Operation("mutation{change}")
    assert (await an_engine().execute(operation, a_credential())).body == {"data": {"change": 1}}
    with pytest.raises(GatewayError, match="POST") as refusal:
        await an_engine().execute(operation, a_credential(), queries_only=True)
    assert refusal.value.code == "METHOD_NOT_ALLOWED"


async def test_a_subscription_is_told_where_it_works() -> None:
    message = (await ask("subscription{ticks{number}}")).body["errors"][0]["message"]
    assert "WebSocket" in message
    assert "server-sent events" in message


@pytest.mark.parametrize("query", ["{broken}", "{missing}"])
async def test_a_fault_is_masked_and_found_in_the_log_by_its_id(query: str) -> None:
    with capture_logs() as logged:
        result = await ask(query)
    error = result.body["errors"][0]
    assert error["message"] == MASK
    assert error["path"] == [query.strip("{}")]
    assert error["extensions"]["code"] == "INTERNAL"
    assert result.executed
    assert SECRET not in str(result.body)
    assert [line["id"] for line in logged] == [error["extensions"]["id"]]
    assert "Error" in logged[0]["exception"]
    assert SECRET not in str(logged)
    assert "root:secret" not in str(logged)


async def test_errors_meant_for_clients_are_shown() -> None:
    result = await ask("{refused away}")
    refused, away = result.body["errors"]
    assert refused["message"] == "The cursor is not one of ours."
    assert refused["extensions"] == {"code": "BAD_USER_INPUT", "argument": "after"}
    assert away["extensions"] == {"code": "UNAVAILABLE"}
    assert result.body["data"] == {"refused": None, "away": None}


async def test_client_mistakes_are_no_log_lines(caplog: pytest.LogCaptureFixture) -> None:
    with capture_logs() as logged:
        await ask("{nothing}")
        await ask("{refused}")
        await ask("query($size:Int!){child(size:$size){name}}")
    assert logged == []
    assert caplog.records == []


@pytest.mark.parametrize(
    ("query", "variables", "name"),
    [
        ("{nam}", None, "'name'"),
        ("{child(siz:1){name}}", None, "'size'"),
        ("{echo(color:CRIMSO)}", None, "CRIMSON"),
        ("query($color:Color!){echo(color:$color)}", {"color": "CRIMSO"}, "CRIMSON"),
        ("query($filter:Filter!){child(filter:$filter){name}}", {"filter": {"tex": "a"}}, "'text'"),
        ("{...on Nod{name}}", None, "'Node'"),
        ('{__type(nam:"a"){name}}', None, "'name'"),
    ],
)
async def test_names_are_suggested_to_the_console_alone(query: str, variables: Any, name: str) -> None:
    (told,) = (await ask(query, Scope.CONSOLE, variables=variables)).body["errors"][:1]
    assert name in told["message"]
    stranger = await ask(query, variables=variables)
    assert name not in str(stranger.body)


async def test_faults_outside_of_resolvers_are_masked() -> None:
    def broken_context(_: Credential) -> Context:
        raise RuntimeError(SECRET)

    engine = Engine(schema, Settings(), broken_context)
    for results in ([await ask("{name}", engine=engine)], await stream(engine, "subscription{ticks{number}}")):
        assert [codes(result) for result in results] == [["INTERNAL"]]
        assert SECRET not in str(results)


async def test_a_slow_operation_is_cancelled_in_time() -> None:
    sample_schema.cancelled.clear()
    started = time.monotonic()
    result = await ask("{slow name}", engine=an_engine(operation_timeout=0.2))
    assert time.monotonic() - started < 5
    assert codes(result) == ["OPERATION_TIMEOUT"]
    assert "0.2 s" in result.body["errors"][0]["message"]
    assert sample_schema.cancelled.is_set()


async def test_an_operation_is_cancelled_with_its_task() -> None:
    sample_schema.cancelled.clear()
    metrics = Metrics()
    task = asyncio.create_task(ask("{slow}", engine=an_engine(metrics)))
    async with asyncio.timeout(5):
        while metrics.registry.get_sample_value("gateway_operations_running") != 1:
            await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sample_schema.cancelled.is_set()
    labels = {"type": "query", "code": "CANCELLED"}
    assert metrics.registry.get_sample_value("gateway_operation_seconds_count", labels) == 1
    assert metrics.registry.get_sample_value("gateway_operations_running") == 0


async def test_many_operations_at_once_do_not_meet() -> None:
    engine = an_engine()
    texts = [f'{{soon echo(text:"{number % 7}")}}' for number in range(100)]
    results = await asyncio.gather(*(ask(text, engine=engine) for text in texts))
    assert [result.body["data"]["echo"] for result in results] == [str(number % 7) for number in range(100)]


async def test_loaders_are_new_for_every_operation() -> None:
    seen: list[Context] = []

    def remembered(credential: Credential) -> Context:
        seen.append(make_context(credential))
        return seen[-1]

    engine = Engine(schema, Settings(), remembered)
    answers = [(await ask("{loaders}", engine=engine)).body["data"]["loaders"] for _ in range(3)]
    assert answers == [str(id(context.loaders)) for context in seen]
    assert len(set(answers)) == 3


async def test_a_stream_of_a_query_has_one_result() -> None:
    assert await stream(an_engine(), "{name}") == [Result({"data": {"name": "node"}}, executed=True)]
    assert [codes(result) for result in await stream(an_engine(), "{nothing}")] == [["GRAPHQL_VALIDATION_FAILED"]]
    assert [codes(result) for result in await stream(an_engine(), "{broken}")] == [["INTERNAL"]]


async def test_each_event_of_a_subscription_has_a_context_of_its_own() -> None:
    sample_schema.contexts.clear()
    results = await stream(an_engine(), "subscription{ticks(upto:4){number seenBy}}")
    assert [result.body["data"]["ticks"]["number"] for result in results] == [1, 2, 3, 4]
    assert len({id(context) for context in sample_schema.contexts}) == 4
    assert len({id(context.loaders) for context in sample_schema.contexts}) == 4


async def test_an_event_that_takes_too_long_is_skipped_and_the_next_one_comes() -> None:
    engine = an_engine(operation_timeout=0.2)
    first, second = await stream(engine, "subscription{ticks(upto:2){slowFirst}}")
    assert codes(first) == ["OPERATION_TIMEOUT"]
    assert second.body == {"data": {"ticks": {"slowFirst": 2}}}


async def test_a_subscription_that_breaks_ends_with_a_masked_fault() -> None:
    first, second = await stream(an_engine(), "subscription{breaks}")
    assert first.body == {"data": {"breaks": 1}}
    assert codes(second) == ["INTERNAL"]
    assert SECRET not in str(second)


async def test_mistakes_in_a_subscription_are_request_errors() -> None:
    for query in ("subscription($n:Int!){ticks(upto:$n){number}}", "subscription{nothing}"):
        (result,) = await stream(an_engine(), query)
        assert not result.executed
        assert "data" not in result.body


async def test_closing_a_stream_ends_its_source() -> None:
    sample_schema.cancelled.clear()
    metrics = Metrics()
    operation = Operation("subscription{ticks(upto:1000){number}}")
    async with aclosing(an_engine(metrics).stream(operation, a_credential())) as results:
        await anext(results)
        assert metrics.registry.get_sample_value("gateway_subscriptions_open") == 1
    assert sample_schema.cancelled.is_set()
    assert metrics.registry.get_sample_value("gateway_subscriptions_open") == 0


async def test_operations_leave_nothing_behind() -> None:
    engine = an_engine()
    for _ in range(3):
        await ask("{name child{name}}", engine=engine)
    gc.collect()
    before = sum(isinstance(thing, Context) for thing in gc.get_objects())
    for _ in range(20):
        await ask("{name child{name} broken}", engine=engine)
        await ask("{nothing}", engine=engine)
    gc.collect()
    assert sum(isinstance(thing, Context) for thing in gc.get_objects()) <= before
