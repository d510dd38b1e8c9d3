"""bot.flow.counts: a spread is what Prometheus calls a histogram."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.flow.counts import Spread

SECONDS = st.lists(st.floats(-5, 200), max_size=50)


@given(SECONDS)
def test_every_bound_counts_what_took_no_longer(taken: list[float]) -> None:
    """Also what took exactly that long; the last number is all of them; less than no time is none."""
    spread = Spread((0.0, 1.0, 10.0))
    for seconds in taken:
        spread.add(seconds)
    expected = [sum(max(0.0, one) <= bound for one in taken) for bound in (0.0, 1.0, 10.0)]
    assert spread.within() == [*expected, len(taken)]
    assert abs(spread.sum - sum(max(0.0, one) for one in taken)) < 1e-6
