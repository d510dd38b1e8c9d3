"""Our way of a message, from its JSON to the committed outbox, as the program itself runs it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from time import perf_counter

from sqlalchemy import Connection, func, select

from benchmarks.stream import Said
from benchmarks.town import StreamClock, build
from benchmarks.updates import ACCOUNT, lines, parse
from bot.assembly import Parts
from storage import schema
from storage.engine import Database

FETCH = 100  # updates that one call of getUpdates brings at most


class Pipeline:
    """The program over a database, fed with batches while dispatch works beside it."""

    def __init__(self, parts: Parts, clock: StreamClock) -> None:
        self.parts, self._clock = parts, clock
        self._fed = False

    async def take(self, said: Sequence[Said]) -> float:
        """Seconds until everything is handled and committed."""
        batches = [lines(said[at : at + FETCH]) for at in range(0, len(said), FETCH)]
        self._fed = False
        start = perf_counter()
        await asyncio.gather(self._feed(batches), self._dispatch())
        return perf_counter() - start

    async def _feed(self, batches: Sequence[list[bytes]]) -> None:
        intake = self.parts.intakes[ACCOUNT]
        for documents in batches:
            inbounds = [parse(json.loads(document)) for document in documents]
            self._clock.now = inbounds[-1].sent_at
            await intake.accept(inbounds)
            await asyncio.sleep(0)  # as every read of a socket does
        self._fed = True

    async def _dispatch(self) -> None:
        while True:
            last = self._fed
            if not await self.parts.dispatch.step():
                if last:
                    return
                await self.parts.bells["dispatch"].wait(0.05, asyncio.Event())


async def open_pipeline(url: str, grids: int) -> tuple[Database, Pipeline]:
    """A database with the city settled in it, to be closed by the caller, and the program over it."""
    clock = StreamClock()
    db = await Database.open(url)
    return db, Pipeline(await build(db, grids, clock), clock)


def count(table: str) -> Callable[[Connection], int]:
    chosen = select(func.count()).select_from(schema.metadata.tables[table])
    return lambda conn: conn.execute(chosen).scalar_one()
