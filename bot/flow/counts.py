"""What a process counts while it works: plain values beside the work, which bot.web.metrics gives names and units.

They only grow: to whoever reads them a counter that went back would look like a restart. So nothing is counted before
it is certain, such as what came while the database was away and will come once more.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from bot.model import Inbound

STUMBLED = "stumbled"
"""Beside the gate's own reasons: the gate failed over a message, which went in to be looked at. Beside the kinds of
reminders: a case over which a tick failed, which is looked at again later."""
_DELAYS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0, 86400.0)  # from said to heard
_WORK = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)  # from heard to handled


class Spread:
    """How long something took, in seconds: how often it stayed within each bound."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.sum = 0.0
        self._counts = [0] * (len(self.bounds) + 1)  # the last one for what is beyond all bounds

    def add(self, seconds: float) -> None:
        """Clocks of two machines differ: what seems to have been heard before it was said took no time."""
        taken = max(0.0, seconds)
        self._counts[bisect_left(self.bounds, taken)] += 1
        self.sum += taken

    def within(self) -> list[int]:
        """How many took no longer than each bound, and last, how many there were."""
        return list(accumulate(self._counts))


@dataclass(slots=True)
class Heard:
    """What came from a platform and was acknowledged, and what became of it; `away` is what was not."""

    kinds: Counter[str] = field(default_factory=Counter)  # bot.model.InboundKind
    dropped: int = 0
    passed: Counter[str] = field(default_factory=Counter)  # by bot.flow.gate.Reason, or STUMBLED
    away: int = 0  # the database could not take it: the platform brings it again
    stored: int = 0
    repeated: int = 0  # had come before
    parked: int = 0  # the database would not take them: dead letters
    refused: int = 0  # not even so
    delay: Spread = field(default_factory=lambda: Spread(_DELAYS))  # of what passed

    @property
    def written(self) -> int:
        """Events with which the database could do something."""
        return self.stored + self.repeated + self.refused

    def settle(self, inbounds: Sequence[Inbound], dropped: int, passed: Mapping[str, int]) -> None:
        """A delivery that is acknowledged: it will not come again."""
        for inbound in inbounds:  # they mostly come one by one, where Counter.update would cost several times as much
            self.kinds[inbound.kind] += 1
        self.dropped += dropped
        if passed:
            self.passed.update(passed)


@dataclass(slots=True)
class Handled:
    """Rows of the inbox. `failed`: tries that ended with the row's own error and will be repeated; `dead`: the last."""

    done: int = 0
    failed: int = 0
    dead: int = 0
    time: Spread = field(default_factory=lambda: Spread(_WORK))


@dataclass(slots=True)
class Outcomes:
    """How tries to send ended; the names are the labels of the metric. Only those without `retry` settle a post."""

    sent: int = 0
    retry_row: int = 0
    retry_destination: int = 0
    retry_account: int = 0
    retry_unknown: int = 0  # no answer came, and it is sent once more
    unknown: int = 0
    dead: int = 0
    expired: int = 0
    cancelled: int = 0  # nothing was left to say when its turn came


@dataclass(slots=True)
class Tenure:
    """An account's lease in this process: held now, how often taken, how often lost instead of given back."""

    held: bool = False
    taken: int = 0
    lost: int = 0
