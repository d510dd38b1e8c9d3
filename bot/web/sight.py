"""What the database says of the queues and the cases, asked seldom enough to cost next to nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from bot.cases.rulebook import Rulebook
from bot.web.kept import Kept
from bot.web.snapshot import Emergencies, Seen
from storage import gauges
from storage.engine import Database
from storage.errors import Unavailable
from storage.gauges import Counts, Queues
from storage.migrate import standing

T = TypeVar("T")
WITHIN = 5.0  # seconds for the database to answer: whoever asks waits ten


class Sight:
    """`fresh`: seconds for which an answer is kept at least."""

    def __init__(self, db: Database, book: Rulebook, clock: Callable[[], datetime], *, fresh: float = 1.0) -> None:
        self._db, self._book, self._clock = db, book, clock
        self._queues = Kept(lambda: self._read(gauges.queues), fresh=fresh)
        self._counts = Kept(lambda: self._read(gauges.counts), fresh=fresh)
        self._schema = Kept(lambda: self._read(lambda conn, _: standing(conn)), fresh=fresh)
        self._log = Kept(lambda: self._read(lambda conn, _: gauges.log_size(conn)), fresh=fresh)

    async def queues(self) -> Queues:
        """Raises Unavailable, also when there is no answer in time."""
        return await self._queues.get()

    async def schema(self) -> str:
        """Whether this program still fits, as storage.migrate.standing says. Raises Unavailable."""
        return await self._schema.get()

    async def log_size(self) -> int | None:
        """Bytes of SQLite's write-ahead log; None: there is none. Raises Unavailable."""
        return await self._log.get() if self._db.dialect == "sqlite" else None

    async def all(self) -> Seen:
        """Raises Unavailable."""
        queues, counts = await self._queues.get(), await self._counts.get()
        return Seen(queues, counts, self._emergencies(counts))

    async def _read(self, look: Callable[[Connection, datetime], T]) -> T:
        now = self._clock()
        try:
            async with asyncio.timeout(WITHIN):
                return await self._db.read(lambda conn: look(conn, now))
        except TimeoutError as slow:
            raise Unavailable("database answers not in time") from slow

    def _emergencies(self, counts: Counts) -> Emergencies:
        called = [one for one in counts.unaccepted if self._book.kind_of(one.category, one.urgency).escalate]
        unanswered = sum(one.cases for one in called if one.reminders >= self._book.rounds)
        return Emergencies(sum(one.cases for one in called), unanswered)
