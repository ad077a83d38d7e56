"""Accept headers of all kinds, since whoever calls writes them."""

import time

from hypothesis import given
from hypothesis import strategies as st

from gateway.transports.negotiation import OFFERS, choose, is_json

PIECES = st.sampled_from(
    [*OFFERS, "*/*", "text/*", "a/b", "q=1", "q=0", "q=0.5", "q=x", "charset=utf-8", '"', "\\", ",", ";", "=", " ", "/"]
)


@given(st.lists(PIECES).map("".join) | st.binary().map(lambda header: header.decode("latin-1")))
def test_any_header_is_answered(header: str) -> None:
    assert choose(header) in (*OFFERS, None)
    assert is_json(header) in (True, False)


@given(st.permutations(OFFERS), st.lists(st.integers(1, 1000), min_size=3, max_size=3))
def test_the_best_quality_wins_then_the_first(offers: list[str], qualities: list[int]) -> None:
    header = ", ".join(f"{offer};q={quality / 1000}" for offer, quality in zip(offers, qualities, strict=True))
    assert choose(header) == offers[qualities.index(max(qualities))]


def test_a_header_made_to_be_slow_is_not() -> None:
    for piece in ('"\\', '"', '\\"', ",", ";", '"a",', ";q="):
        header = piece * (60_000 // len(piece))
        started = time.thread_time()
        choose(header)
        is_json(header)
        assert time.thread_time() - started < 0.05
