"""Aggregates once more, as a straight loop over events: what R57 says, and nothing of how the engine does it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

NUMERIC = ("SUM", "AVG", "MIN", "MAX", "QUANTILE", "MEDIAN")
OF_DIFFERENT = ("DISTINCT_COUNT", "DISTINCT_LIST", "TOP_N")
YEAR_1970 = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Plain:
    value: Any
    matched: int
    skipped: int
    ids: list[bytes]
    counts: list[int]
    groups: list[tuple[Any, "Plain"]]


def plain(aggregate: Any, events: Sequence[Any], since: datetime | None, until: datetime | None) -> Plain:
    matched = []
    for event in sorted(events, key=lambda event: event["_id"]):
        at = time_of(event)
        is_within = (since is None or at >= since) and (until is None or at < until)
        is_meant = event["action"] in aggregate.actions
        if is_within and is_meant and all(passes(event["params"], condition) for condition in aggregate.filters):
            matched.append(event)
    if aggregate.once is not None:
        matched = firsts(matched, aggregate.once)
    found = of_matched(aggregate, matched)
    if aggregate.split is not None:
        found.groups = [(value, of_matched(aggregate, group)) for value, group in groups(matched, aggregate.split)]
    return found


def firsts(events: list[Any], param: str) -> list[Any]:
    kept: list[Any] = []
    for event in events:
        value = event["params"].get(param)
        if not counts_for("FIRST", value) or not any(same(value, one["params"].get(param)) for one in kept):
            kept.append(event)
    return kept


def groups(events: list[Any], param: str) -> list[tuple[Any, list[Any]]]:
    found: list[tuple[Any, list[Any]]] = []
    for event in events:
        value = event["params"].get(param)
        value = value if counts_for("FIRST", value) else None
        for known, group in found:
            if same(known, value):
                group.append(event)
                break
        else:
            found.append((value, [event]))
    return found


def of_matched(aggregate: Any, matched: list[Any]) -> Plain:
    function = aggregate.function.value
    counted, values = [], []
    for event in matched:
        value = None if aggregate.param is None else event["params"].get(aggregate.param)
        if function in ("COUNT", "EXISTS", "FIRST_AT", "LAST_AT") or counts_for(function, value):
            counted.append(event)
            values.append(value)
    different = count_different(values) if function in OF_DIFFERENT else []
    ranked = sorted(different, key=lambda known: -known[1])[: aggregate.limit]
    if function in ("FIRST_AT", "LAST_AT"):
        values = [time_of(event) for event in matched]
        function = function.removesuffix("_AT")
    result = compute(function, values, aggregate.quantile, aggregate.limit, different, ranked)
    counts = [count for _, count in ranked] if function == "TOP_N" else []
    ids = [event["_id"] for event in reversed(counted)]
    return Plain(result, len(matched), len(matched) - len(counted), ids, counts, [])


def time_of(event: Any) -> datetime:
    return YEAR_1970 + timedelta(milliseconds=int.from_bytes(event["_id"][:6], "big"))


def counts_for(function: str, value: Any) -> bool:
    if function in NUMERIC:
        return number(value) is not None
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def compute(
    function: str, values: list[Any], quantile: Any, limit: Any, different: list[Any], ranked: list[Any]
) -> Any:
    if function in NUMERIC:
        return of_numbers(function, [number(value) for value in values], quantile)
    results: dict[str, Any] = {
        "COUNT": len(values),
        "EXISTS": len(values) > 0,
        "FIRST": values[0] if values else None,
        "LAST": values[-1] if values else None,
        "FIRST_N": values[:limit],
        "LAST_N": values[::-1][:limit],
        "DISTINCT_COUNT": len(different),
        "DISTINCT_LIST": [value for value, _ in different][:limit],
        "TOP_N": [value for value, _ in ranked],
    }
    return results[function]


def of_numbers(function: str, values: list[Any], quantile: Any) -> int | float:
    if not values:
        return 0
    match function:
        case "SUM":
            return out(sum(values, Fraction()))
        case "AVG":
            return out(sum(values, Fraction()) / len(values))
        case "MIN":
            return out(min(values))
        case "MAX":
            return out(max(values))
        case "MEDIAN":
            return nearest_rank(values, Fraction(1, 2))
        case _:
            return nearest_rank(values, number(quantile))


def count_different(values: list[Any]) -> list[list[Any]]:
    """Return the different values in the order in which they occur first, and how often each does."""
    different: list[list[Any]] = []
    for value in values:
        for known in different:
            if same(known[0], value):
                known[1] += 1
                break
        else:
            different.append([value, 1])
    return different


def number(value: Any) -> Fraction | None:
    if type(value) is bool:
        return None
    if isinstance(value, int):
        return Fraction(value)
    if isinstance(value, float) and math.isfinite(value):
        return double(value)
    return None


@cache
def double(value: float) -> Fraction:
    return Fraction(Decimal(f"{value:.15g}"))


def out(exact: Fraction) -> int | float:
    if exact.denominator == 1 and -(2**63) <= exact < 2**63:
        return int(exact)
    if abs(exact) > Fraction(1.7976931348623157e308):
        return 1.7976931348623157e308 if exact > 0 else -1.7976931348623157e308
    return float(exact)


def nearest_rank(values: list[Any], share: Any) -> int | float:
    """Return the first of the sorted values of which so many do not exceed it."""
    values = sorted(values)
    for place, value in enumerate(values, start=1):
        if place >= share * len(values):
            return out(value)
    return 0


def kind(value: Any) -> str:
    for name, types in {"boolean": bool, "number": (int, float), "text": str, "date": datetime, "list": list}.items():
        if isinstance(value, types):
            return name
    return type(value).__name__


def same(one: Any, other: Any) -> bool:
    if kind(one) != kind(other):
        return False
    if kind(one) == "number":
        if number(one) is None or number(other) is None:
            return repr(one) == repr(other)
        return number(one) == number(other)
    if kind(one) == "list":
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if kind(one) == "dict":
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


def passes(params: Any, condition: Any) -> bool:
    has = params.get(condition.param)
    wanted = condition.value
    items = has if isinstance(has, list) else []
    match condition.comparison.value:
        case "EXISTS":
            return has is not None
        case "NOT_EXISTS":
            return has is None
        case "EQ":
            return any(same(each, wanted) for each in [has, *items])
        case "NE":
            return not any(same(each, wanted) for each in [has, *items])
        case "IN":
            return any(same(each, one) for each in [has, *items] for one in wanted)
        case "CONTAINS":
            if isinstance(has, str):
                return isinstance(wanted, str) and wanted in has
            return any(same(item, wanted) for item in items)
        case order:
            return any(in_order(order, each, wanted) for each in (items if isinstance(has, list) else [has]))


def in_order(order: str, one: Any, other: Any) -> bool:
    if kind(one) != kind(other) or kind(one) not in ("number", "text", "date"):
        return False
    if kind(one) == "number":
        one, other = number(one), number(other)
        if one is None or other is None:
            return False
    return bool({"LT": one < other, "LTE": one <= other, "GT": one > other, "GTE": one >= other}[order])
