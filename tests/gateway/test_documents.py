"""The cache of prepared documents: found by text, bounded, and never in the way of what a document says."""

from gateway.execution import documents
from gateway.execution.documents import Documents
from gateway.execution.operation import Operation
from gateway.telemetry.metrics import Metrics
from tests.support.sample_schema import Settings, a_credential, an_engine, ask, schema


def lookups(metrics: Metrics) -> tuple[float | None, float | None]:
    return tuple(
        metrics.registry.get_sample_value("gateway_documents_total", {"cache": kind}) for kind in ("hit", "miss")
    )  # type: ignore[return-value]


def test_the_same_text_is_prepared_once() -> None:
    metrics = Metrics()
    cache = Documents(schema._schema, Settings(), metrics)
    assert cache.prepare("{name}") is cache.prepare("{name}")
    assert cache.prepare("{ name }") is not cache.prepare("{name}")
    assert lookups(metrics) == (2, 2)


def test_what_is_refused_is_kept_as_well() -> None:
    metrics = Metrics()
    cache = Documents(schema._schema, Settings(), metrics)
    for text in ("{", "{nothing}", "{" + "name " * 990 + "}"):
        assert cache.prepare(text).errors
        assert cache.prepare(text) is cache.prepare(text)
    assert lookups(metrics) == (6, 3)


def test_the_least_recently_used_document_goes_first() -> None:
    cache = Documents(schema._schema, Settings(document_cache=2), Metrics())
    first, second = cache.prepare("{name}"), cache.prepare("{a:name}")
    assert cache.prepare("{name}") is first
    cache.prepare("{b:name}")
    assert cache.prepare("{name}") is first
    assert cache.prepare("{a:name}") is not second


def test_the_text_kept_is_bounded() -> None:
    cache = Documents(schema._schema, Settings(), Metrics())
    padding = "," * 19_000
    for number in range(100):
        cache.prepare(f"{{a{number}:name}}{padding}")
    assert cache._text == sum(map(len, cache._cached)) <= documents.MAX_CACHED_TEXT
    assert len(cache._cached) == documents.MAX_CACHED_TEXT // len(padding)


def test_texts_over_the_limit_are_not_kept() -> None:
    cache = Documents(schema._schema, Settings(max_length=10), Metrics())
    assert cache.prepare("{name     }").errors
    assert not cache._cached


async def test_strawberry_neither_parses_nor_validates_again() -> None:
    metrics = Metrics()
    engine = an_engine(metrics)
    for _ in range(5):
        await ask("{name}", engine=engine)
        async for _ in engine.stream(Operation("subscription{breaks}"), a_credential()):
            pass
    assert lookups(metrics) == (8, 2)


async def test_errors_of_a_kept_document_are_those_of_the_first_time() -> None:
    engine = an_engine()
    for text in ("{", "{nothing}", "{nam}"):
        first = await ask(text, engine=engine)
        assert await ask(text, engine=engine) == first


def test_odd_texts_are_errors_not_exceptions() -> None:
    cache = Documents(schema._schema, Settings(), Metrics())
    for text in (
        "\ud800",
        "{\ud800}",
        '{echo(text:"\ud800")}',
        "\0",
        "{name}\0",
        "{name\ufeff}",
        '{echo(text:"\\ud800")}',
    ):
        assert cache.prepare(text).digest
