"""Which of the posts that were claimed together go out now: a group's ceiling first, then the platform's pace. Pure."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.flow import manners
from bot.flow.limits import Limits


class Round:
    """Asked about one post after the other, the most urgent first; what may go counts against those that follow."""

    def __init__(self, limits: Limits, now: datetime, *, per_hour: int) -> None:
        self._limits, self._now, self._per_hour = limits, now, per_hour
        self._going: dict[str, list[datetime]] = defaultdict(list)
        self._waiting: Counter[str] = Counter()

    def put_off(self, chat: str, kind: str, heard: Sequence[datetime] | None) -> datetime | None:
        """When to ask again, or None: it goes now.

        `heard`: when the group heard something within the last hour, ascending; None where no ceiling holds.
        """
        if heard is not None:
            said = [*heard, *self._going[chat]]
            free = manners.ceiling_frees_at(said, self._now, kind=kind, per_hour=self._per_hour)
            if free is not None:
                return free
        now = self._now.timestamp()
        ready = self._limits.ready_at(chat, now, ahead=self._waiting[chat])
        if ready > now:
            self._waiting[chat] += 1
            # Up to the millisecond: a moment cut short would find the bucket not quite full, and ask again at once.
            return datetime.fromtimestamp(math.ceil(ready * 1000) / 1000, UTC)
        self._limits.take(chat, now)
        self._going[chat].append(self._now)
        return None
