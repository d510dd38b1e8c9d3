"""What the gate must remember, read back from the database: warmth, heat, linked messages, open questions.

The same reading serves the start (the last day) and the running program (what dispatch, here or in another process,
has linked since): one way to learn, whoever did the work.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.flow.gate import Gate, Windows
from storage import links, menus
from storage.engine import Database
from storage.records import Trace

log = logging.getLogger(__name__)
LOOK_BACK = timedelta(days=30)  # quotes of older messages are rare, and the bot's own always pass
BATCH = 5000
OVERLAP = 256  # ids: on PostgreSQL a lower one may be committed after a higher one has been read
HEATING = frozenset({"report", "piece", "support"})


class Traces:
    def __init__(
        self, gate: Gate, db: Database, account: str, *, clock: Callable[[], datetime], windows: Windows
    ) -> None:
        self._gate, self._db, self._account, self._clock, self._windows = gate, db, account, clock, windows
        self._last = 0

    async def rebuild(self) -> None:
        """Read the look-back window once, from the beginning."""
        self._last = 0
        while await self.step() == BATCH:
            pass

    async def step(self) -> int:
        now = self._clock()
        found, waiting = await self._db.read(lambda conn: self._look(conn, now))
        for trace in found:
            self._learned(trace)
        if found:
            self._last = max(self._last, found[-1].link_id)
        self._gate.expect(waiting)
        self._gate.tend(now)
        return BATCH if len(found) == BATCH else 0

    def _look(self, conn: Connection, now: datetime) -> tuple[list[Trace], set[tuple[str, str]]]:
        after = max(0, self._last - OVERLAP)
        found = links.traces(conn, self._account, after=after, since=now - LOOK_BACK, limit=BATCH)
        return found, menus.awaited(conn, self._account, now)

    def _learned(self, trace: Trace) -> None:
        """One that makes no sense must not keep the gate from learning all that come after it."""
        try:
            self._learn(trace)
        except Exception:
            log.exception("trace not learnt", extra={"action": "trace_failed", "link": trace.link_id})

    def _learn(self, trace: Trace) -> None:
        self._gate.link(trace.chat, trace.message_id)
        if trace.role in HEATING:
            self._gate.heat(trace.chat, trace.said_at + self._windows.hot)
            if trace.sender:
                self._gate.warm(trace.chat, trace.sender, trace.said_at + self._windows.warm)
        elif trace.role == "result":
            self._gate.heat(trace.chat, trace.said_at + self._windows.result_hot)
