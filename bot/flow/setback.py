"""What a clock that was wrong for a while has put into the future must not wait until it is there again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.flow.clockwatch import ClockWatch
from storage import set_back
from storage.engine import Database

ROUNDS = 5  # looks: what was under way when the clock was set back may still write the wrong time
log = logging.getLogger(__name__)


class SetBack:
    """`look` is called again and again; the first time it asks the database what the last program has seen."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db, self._clock, self._watch = db, clock, ClockWatch(clock)
        self._rounds = 0
        self._owed: timedelta | None = None  # how far it was set back and nothing has been done about it; None: unknown

    async def look(self) -> None:
        now = self._clock()
        if self._owed is None:
            self._owed = await self._db.read(lambda conn: set_back.ahead(conn, now))
        self._owed = max(self._owed, self._watch.set_back())
        if self._owed > set_back.FURTHEST:
            facts = {"action": "clock_set_back", "seconds": round(self._owed.total_seconds())}
            log.warning("the clock was set back", extra=facts)
            self._rounds = ROUNDS
        self._owed = timedelta()
        if self._rounds:
            await self._db.run(lambda conn: set_back.free(conn, now))
            self._rounds -= 1
