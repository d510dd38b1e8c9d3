"""A clock that is set back is noticed, one that only goes is not."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

from bot.flow.clockwatch import ClockWatch
from bot.flow.terms import STANDARD
from storage.set_back import FURTHEST
from tests.fakes.paper import START


class Hands:
    """What both clocks show."""

    def __init__(self) -> None:
        self.wall, self.steady = START, 100.0

    def pass_by(self, seconds: float, jump: float = 0.0) -> None:
        self.wall += timedelta(seconds=seconds + jump)
        self.steady += seconds


def test_what_is_noticed() -> None:
    """Once, and by how much; forward is none of its business."""
    hands = Hands()
    watch = ClockWatch(lambda: hands.wall, lambda: hands.steady)
    seen = []
    for jump in (0, 3600, -3600, 0, -86400, 86400):
        hands.pass_by(5, jump)
        seen.append(watch.set_back().total_seconds())
    assert seen == [0, 0, 3600, 0, 86400, 0]


def test_no_lease_reaches_further_than_a_clock_that_is_right() -> None:
    """Else a living process would lose what it has."""
    assert max(getattr(STANDARD, field.name) for field in fields(STANDARD)) < FURTHEST
