"""What Prometheus asks for again and again, with a city's cases in the database: how long the reading takes."""

from __future__ import annotations

import asyncio
from itertools import islice

from sqlalchemy import Connection, text

from benchmarks.databases import sqlite_url
from benchmarks.due import BATCH, INSERT, open_cases
from benchmarks.measure import alternate
from benchmarks.scale import Scale
from benchmarks.stream import START
from benchmarks.table import Line, milli
from storage import gauges
from storage.engine import Database

GOAL = 0.25  # seconds; read at most every twenty times that, it takes a twentieth of one reader
LOOKS = 20
_CLOSE = text("UPDATE cases SET state = 'closed', clock = NULL, due_at = NULL, next_tick_at = NULL WHERE id > :open")


def run(scale: Scale) -> list[Line]:
    with sqlite_url() as url:
        return asyncio.run(_run(url, scale))


async def _run(url: str, scale: Scale) -> list[Line]:
    db, still_open = await Database.open(url), scale.cases // 10
    rows = open_cases(scale.cases)
    while some := list(islice(rows, BATCH)):
        await db.run(lambda conn, some=some: conn.exec_driver_sql(INSERT, some))  # type: ignore[misc]
    await db.run(lambda conn: conn.execute(_CLOSE, {"open": still_open}))

    async def ours(_: int) -> None:
        await db.read(lambda conn: gauges.counts(conn, START))

    async def peer(_: int) -> None:
        await db.read(_whole)

    pair = await alternate(ours, peer, scale.runs)

    async def queues(_: int) -> None:
        for _look in range(LOOKS):
            await db.read(lambda conn: gauges.queues(conn, START))

    waiting = await alternate(queues, queues, scale.runs)
    await db.close()
    what = f"scrape: {scale.cases:,} cases, {still_open:,} open, by indexes | reading them"
    return [
        Line(what, milli(pair.ours), milli(pair.peer), pair.ratio, f"≤ {GOAL * 1e3:.0f} ms", pair.ours <= GOAL),
        Line("scrape: empty queues", milli(waiting.ours / LOOKS)),
    ]


def _whole(conn: Connection) -> None:
    """The same figures of the cases without an index."""
    conn.exec_driver_sql(
        "SELECT state, clock, category, urgency, reminders, due_at < ?, count(*) FROM cases NOT INDEXED"
        " GROUP BY 1, 2, 3, 4, 5, 6",
        (START.isoformat(),),
    ).all()
