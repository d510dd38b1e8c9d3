"""Has the machine's clock been set back? Told by a clock that only ever goes forward."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def machine() -> datetime:
    return datetime.now(UTC)


class ClockWatch:
    """`wall`: the clock that may be wrong; `steady`: seconds that nobody sets."""

    def __init__(self, wall: Callable[[], datetime] = machine, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._seen = wall(), steady()

    def set_back(self) -> timedelta:
        """How far, since the last look; nothing where it goes as it should, or was set forward."""
        (before, at), now, later = self._seen, self._wall(), self._steady()
        self._seen = now, later
        return max(before + timedelta(seconds=later - at) - now, timedelta())
