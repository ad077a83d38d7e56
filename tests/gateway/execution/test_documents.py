"""The cache of prepared documents: found by text, bounded, and never in the way of what a document says."""

import asyncio
import gc
import sys
from collections import Counter
from itertools import cycle, product

import pytest
from graphql import OperationDefinitionNode

from compiler import Lookups
from compiler.plans import Plan
from gateway.execution import documents
from gateway.execution.documents import Documents
from gateway.execution.engine import Engine
from gateway.execution.operation import Operation
from gateway.execution.subscriptions import resume_variable
from gateway.settings import Settings
from gateway.telemetry.metrics import Metrics
from tests.support.sample_schema import a_credential, an_engine, ask, make_context, schema


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


KINDS = "name", "__typename", "echo", "loaders", "refused", "child { name }", "children { __typename }"
NEVER_SEEN, WARM = 10_000, 2_000


@pytest.mark.timeout(300)  # it takes a dozen seconds of a processor, which others may want as well
async def test_documents_that_are_never_seen_again_hold_memory_flat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_CACHED_TEXT", 4_000)
    monkeypatch.setattr(documents, "RULES", ())  # they would take most of the time
    context = make_context(a_credential())
    engine = Engine(schema, Settings(), lambda _: context)
    shapes = cycle(product(KINDS, repeat=2))
    gc.collect()
    others, blocks = alive(), {}
    for number, kinds in zip(range(1, NEVER_SEEN + 1), shapes, strict=False):
        fields = " ".join(f"a{number}_{place}: {kind}" for place, kind in enumerate(kinds))
        assert (await ask(f"{{ {fields} }}", engine=engine)).executed
        await asyncio.sleep(0)  # the loop forgets timers that were cancelled
        if number in (WARM, NEVER_SEEN):
            gc.collect()
            cached = len(engine._documents._cached)
            assert engine._documents.plans == cached < WARM / 4
            assert alive() - others == Counter({OperationDefinitionNode: cached, Plan: cached})
            blocks[number] = sys.getallocatedblocks()
    assert blocks[NEVER_SEEN] < blocks[WARM] * 1.02
    assert engine._documents.lookups == Lookups(hits=0, misses=NEVER_SEEN)


def test_what_is_known_of_a_subscription_goes_with_its_document() -> None:
    gc.collect()
    others = alive()
    prepared = Documents(schema._schema, Settings(), Metrics()).prepare("subscription{ticks{number}}")
    assert resume_variable(prepared, None) is None
    del prepared
    gc.collect()
    assert alive() == others


async def test_plans_are_counted_over_all_documents() -> None:
    metrics = Metrics()
    engine = an_engine(metrics, document_cache=2)
    for text in ("{name}", "{name}", "{echo}", "{name}", "{a:name}"):
        await ask(text, engine=engine)
    value = metrics.registry.get_sample_value
    assert [value("gateway_plan_lookups_total", {"cache": kind}) for kind in ("hit", "miss")] == [2, 3]
    assert value("gateway_plans") == 2


def alive() -> Counter[type]:
    """Return how many operations and plans there are anywhere."""
    return Counter(type(each) for each in gc.get_objects() if type(each) in (OperationDefinitionNode, Plan))
