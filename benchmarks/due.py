"""Which of a million open cases must a tick look at? By index, beside reading them all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, event

from benchmarks.databases import sqlite_url
from benchmarks.measure import alternate
from benchmarks.scale import Scale
from benchmarks.stream import START
from benchmarks.table import Line, milli
from storage import cases
from storage.engine import Database

GOAL = 0.001
DUE, LIMIT, LOOKS = 10, 100, 20  # cases whose time has come, rows asked for, looks in a run
BATCH = 20_000
# By the driver: a million rows through the types of SQLAlchemy take longer than everything else here.
INSERT = (
    "INSERT INTO cases (version, state, source, category, urgency, sensitive, text, photos, result_photos, reported_at,"
    " updated_at, clock, due_at, next_tick_at)"
    " VALUES (1, 'accepted', 'group', ?, 'normal', 'none', ?, '[]', '[]', ?, ?, 'resolve', ?, ?)"
)


def run(scale: Scale) -> list[Line]:
    with sqlite_url() as url:
        return asyncio.run(_run(url, scale))


async def _run(url: str, scale: Scale) -> list[Line]:
    db = await Database.open(url)
    rows = open_cases(scale.cases)
    while some := list(islice(rows, BATCH)):
        await db.run(lambda conn, some=some: conn.exec_driver_sql(INSERT, some))  # type: ignore[misc]
    statement, parameters = await db.read(_asked)
    whole = statement.replace("FROM cases", "FROM cases NOT INDEXED", 1)

    async def ours(_: int) -> None:
        for _look in range(LOOKS):
            await db.read(_look_for_due)

    async def peer(_: int) -> None:
        await db.read(lambda conn: conn.exec_driver_sql(whole, parameters).all())

    pair = await alternate(ours, peer, scale.runs)
    found = await db.read(_look_for_due)
    steps = await db.read(lambda conn: conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())
    await db.close()
    plan, one = "; ".join(str(step[-1]) for step in steps), pair.ours / LOOKS
    what = f"due scan: {found} due of {scale.cases:,} open cases | without the index"
    reached = one <= GOAL and "ix_cases_next_tick_at" in plan
    return [
        Line(what, milli(one), milli(pair.peer), pair.peer / one, "≤ 1 ms, by index", reached),
        Line("due scan: EXPLAIN says", plan),
    ]


def open_cases(count: int) -> Iterator[tuple[str, ...]]:
    """The first ones are due."""
    start = _stored(START)
    for number in range(count):
        late = timedelta(minutes=-1) if number < DUE else timedelta(seconds=1 + number)
        yield ("facility.streetlight", "3号楼的路灯不亮了", start, start, start, _stored(START + late))


def _stored(moment: datetime) -> str:
    """As storage.types.Utc writes it on SQLite."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def _look_for_due(conn: Connection) -> int:
    return len(cases.due(conn, START, LIMIT))


def _asked(conn: Connection) -> tuple[str, Any]:
    """The statement and parameters that reach the database."""
    seen: list[tuple[str, Any]] = []

    def note(_conn: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        seen.append((statement, parameters))

    event.listen(conn, "before_cursor_execute", note)
    _look_for_due(conn)
    event.remove(conn, "before_cursor_execute", note)
    return seen[-1]
