"""Taking times: medians of runs that alternate between ours and the peer, so that a noisy neighbour hits both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import psutil


@dataclass(frozen=True, slots=True)
class Pair:
    """Medians in the same unit: seconds a run."""

    ours: float
    peer: float

    @property
    def ratio(self) -> float:
        """How many times faster ours is."""
        return self.peer / self.ours


Work = Callable[[int], Awaitable[object]]
"""One run of what is measured; it is given the run's number, so that each run can have fresh messages."""


async def alternate(ours: Work, peer: Work, runs: int) -> Pair:
    """Time both in turn, `runs` times each, after run 0, which does not count."""
    taken = [(await _seconds(ours, number), await _seconds(peer, number)) for number in range(runs + 1)]
    return Pair(median(one for one, _ in taken[1:]), median(other for _, other in taken[1:]))


async def _seconds(work: Work, number: int) -> float:
    start = perf_counter()
    await work(number)
    return perf_counter() - start


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of all stay below or reach."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def resident_mb() -> float:
    """Resident memory of this process in MB."""
    return float(psutil.Process().memory_info().rss) / 2**20
