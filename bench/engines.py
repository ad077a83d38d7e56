"""Processor time of twenty analyses of one profile, of folding its events into columns, and of adding late ones.

Run it with `python -m bench.engines EVENTS ...`; each figure is the median of several rounds.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import bson

from storage.engines.aggregates import Aggregate, Function
from storage.engines.columns import MOST_EVENTS, Columns
from storage.engines.evaluation import evaluate, series
from storage.engines.filters import ParamComparison, ParamFilter
from storage.engines.windows import Unit, Window, WindowKind, boundaries, span_of
from storage.store.ids import time_id

NOW = datetime(2026, 11, 28, 7, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Warsaw")
DAYS = 1095
ACTIONS = {
    "page.visit": 45,
    "product.view": 30,
    "product.addToCart": 8,
    "message.send": 6,
    "message.open": 3,
    "message.click": 2,
    "session.start": 3,
    "transaction.charge": 3,
}
LIFE = Window(WindowKind.LIFETIME)
BETWEEN = Window(
    WindowKind.BETWEEN, since=datetime(2025, 3, 30, tzinfo=ZONE), until=datetime(2025, 10, 26, tzinfo=ZONE)
)
MONTH = Window(WindowKind.THIS, Unit.MONTHS)


def last(days: int) -> Window:
    return Window(WindowKind.LAST, Unit.DAYS, days)


def of(function: Function, action: str, param: str | None = None, **more: Any) -> Aggregate:
    filters = tuple(ParamFilter(name, ParamComparison.EQ, value) for name, value in more.pop("only", {}).items())
    return Aggregate(function, (action,), param, filters, **more)


VISIT, VIEW, CART, CHARGE = "page.visit", "product.view", "product.addToCart", "transaction.charge"
POUNDS = {"currency": "GBP"}
ANALYSES = [
    (of(Function.COUNT, VISIT), LIFE),
    (of(Function.COUNT, VISIT), last(7)),
    (of(Function.COUNT, VISIT), MONTH),
    (of(Function.COUNT, VISIT, only={"platform": "ios"}), last(90)),
    (of(Function.EXISTS, CHARGE), last(30)),
    (of(Function.SUM, CHARGE, "amount", only=POUNDS), LIFE),
    (of(Function.SUM, CHARGE, "amount", only=POUNDS), last(365)),
    (of(Function.SUM, CHARGE, "amount", only=POUNDS), BETWEEN),
    (of(Function.AVG, CHARGE, "amount", only=POUNDS), last(365)),
    (of(Function.MAX, CHARGE, "amount"), LIFE),
    (of(Function.MIN, CHARGE, "amount"), last(90)),
    (of(Function.FIRST, CHARGE, "orderId"), LIFE),
    (of(Function.LAST, CHARGE, "orderId"), LIFE),
    (of(Function.LAST_N, VIEW, "productName", limit=5), last(30)),
    (of(Function.TOP_N, VIEW, "category", limit=3), last(90)),
    (of(Function.TOP_N, VIEW, "category", limit=3), LIFE),
    (of(Function.DISTINCT_COUNT, VIEW, "productId"), last(30)),
    (of(Function.DISTINCT_LIST, CART, "category"), LIFE),
    (of(Function.MEDIAN, VIEW, "price"), last(365)),
    (of(Function.QUANTILE, CHARGE, "amount", quantile=0.9), LIFE),
]


def events_of(count: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield events over three years, as a shop sends them."""
    seconds = sorted(chance.uniform(0, DAYS * 86_400) for _ in range(count))
    for number, ago in enumerate(reversed(seconds)):
        [action] = chance.choices(list(ACTIONS), list(ACTIONS.values()))
        params: dict[str, Any] = {
            "sessionId": f"s{number // 12}",
            "platform": chance.choice(("desktop", "ios", "android")),
            "channel": "email",
        }
        if action.startswith("product"):
            product = int(chance.paretovariate(0.6)) % 2000
            params |= {"productId": f"P-{product:04d}", "productName": f"Product {product}", "currency": "GBP"}
            params |= {"category": f"Category {product % 24}", "price": round(chance.lognormvariate(3.3, 0.8), 2)}
        elif action == CHARGE:
            params |= {"orderId": f"o{number}", "amount": round(chance.lognormvariate(4, 0.9), 2)}
            params |= {"currency": chance.choice(("GBP", "GBP", "EUR")), "items": chance.randint(1, 6)}
        elif action.startswith("message"):
            params |= {"messageId": f"m{number // 11}"}
        else:
            params |= {"url": f"/p/{chance.randrange(400)}"}
        yield {"_id": time_id(NOW - timedelta(seconds=ago), str(number)), "action": action, "params": params}


def measured(work: Callable[[], Any], rounds: int = 9) -> float:
    """Return the milliseconds of processor time that the work takes."""
    times = []
    for _ in range(rounds):
        started = time.thread_time()
        work()
        times.append(time.thread_time() - started)
    return statistics.median(times) * 1000


def answer(documents: Sequence[bytes]) -> None:
    blocks = [Columns.read(bson.decode(document)) for document in documents]
    for aggregate, window in ANALYSES:
        evaluate(aggregate, blocks, span_of(window, NOW, ZONE))


def main(counts: Sequence[int]) -> None:
    for count in counts:
        events = list(events_of(count, random.Random(7)))  # noqa: S311  # the same events in each run
        cuts = [events[start : start + MOST_EVENTS] for start in range(0, count, MOST_EVENTS)]
        fold = measured(lambda cuts=cuts: [Columns.of(cut).document() for cut in cuts], 3)  # type: ignore[misc]  # bound now
        blocks = [Columns.of(cut) for cut in cuts]
        documents = [bson.encode(block.document()) for block in blocks]
        cold = measured(lambda documents=documents: answer(documents))  # type: ignore[misc]
        read = [Columns.read(bson.decode(document)) for document in documents]
        spans = [(aggregate, span_of(window, NOW, ZONE)) for aggregate, window in ANALYSES]
        warm = measured(lambda: [evaluate(aggregate, read, span) for aggregate, span in spans])  # noqa: B023
        days = boundaries(span_of(last(365), NOW, ZONE), Unit.DAYS, ZONE)
        by_day = measured(lambda: series(ANALYSES[5][0], read, days))  # noqa: B023
        block, late = Columns.of(events[: MOST_EVENTS - 64 : 1][32:]), [*events[:32], *events[-32:]]
        late_merge = measured(lambda: block.merged(late))  # noqa: B023
        append = measured(lambda: blocks[0].merged(events[-64:])) if len(blocks) > 1 else 0.0  # noqa: B023
        print(
            f"{count:>7} events: 20 analyses from bytes {cold:.2f} ms, of blocks in memory {warm:.2f} ms, "
            f"365 days of one {by_day:.2f} ms; fold {fold / count * 1000:.1f} us an event; "
            f"64 more {append:.2f} ms, 32 of 64 late {late_merge:.2f} ms; "
            f"{sum(map(len, documents)) / count:.0f} bytes an event"
        )


if __name__ == "__main__":
    main([int(given) for given in sys.argv[1:]] or [100, 1000, 10_000])
