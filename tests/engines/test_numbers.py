"""Exact numbers: as MongoDB's decimals, in any order."""

import math
import sys
from decimal import Context, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.engines.numbers import Exact, nearest_rank, quotient, read_number, told, total

CASES = settings(derandomize=True, max_examples=300)
FINITE = st.floats(allow_nan=False, allow_infinity=False)


@CASES
@given(FINITE)
def test_a_double_is_what_its_15_digits_say(value: float) -> None:
    number = read_number(value)
    assert number is not None
    assert Decimal(number.units).scaleb(-number.scale, Context(prec=400, Emin=-999999, Emax=999999)) == Decimal(
        f"{value:.15g}"
    )
    assert number.scale == 0 or number.units % 10


@CASES
@given(st.lists(st.integers(-(10**15), 10**15).map(lambda units: units / 100), max_size=30), st.randoms())
def test_sums_are_those_of_decimals_in_any_order(amounts: list[float], chance: Any) -> None:
    exact = sum((Decimal(f"{amount:.15g}") for amount in amounts), Decimal())
    chance.shuffle(amounts)
    numbers = [read_number(amount) for amount in amounts]
    assert told(total([([number.units], number.scale) for number in numbers if number])) == float(exact)


@pytest.mark.parametrize("value", [True, False, "1", None, math.nan, math.inf, -math.inf, [], {}])
def test_what_is_no_number(value: object) -> None:
    assert read_number(value) is None


def test_three_tenths_are_three_tenths() -> None:
    assert read_number(0.1 + 0.2) == read_number(0.3) == Exact(3, 1)
    assert told(total([([1, 2], 1), ([3], 1)])) == 0.6
    assert read_number(-0.0) == Exact(0, 0)


def test_what_is_told_is_finite_and_whole_where_it_is_whole() -> None:
    assert (repr(quotient(6, 2)), repr(quotient(5, 2)), repr(quotient(-(2**63), 1))) == ("3", "2.5", str(-(2**63)))
    assert quotient(2**63, 1) == float(2**63)
    assert quotient(-(10**400), 1) == -sys.float_info.max
    largest = read_number(sys.float_info.max)
    assert largest is not None
    assert told(largest) == sys.float_info.max  # its 15 digits round up, beyond what a double holds


@pytest.mark.parametrize(
    ("quantile", "rank"), [(0, 1), (0.07, 7), (0.29, 29), (0.5, 50), (0.501, 51), (0.57, 57), (0.99, 99), (1, 100)]
)
def test_quantiles_are_of_the_nearest_rank_which_no_rounding_moves(quantile: float, rank: int) -> None:
    share = read_number(quantile)
    assert share is not None
    assert nearest_rank([(range(100, 0, -1), 0)], share) == Exact(rank, 0)
