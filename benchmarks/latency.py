"""How long a message takes when 1,000 a second come in, whether or not we are ready for them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from benchmarks import strawman
from benchmarks.databases import sqlite_url
from benchmarks.jiebawords import jieba_finder
from benchmarks.measure import percentile
from benchmarks.pipeline import open_pipeline
from benchmarks.scale import Scale
from benchmarks.stream import Said, stream
from benchmarks.table import Line, milli
from benchmarks.town import build
from benchmarks.updates import ACCOUNT, lines, parse
from bot.assembly import Parts, utc_now
from storage.engine import Database
from storage.schema import inbox

RATE = 1_000  # messages a second
GOAL = 0.010


def run(scale: Scale) -> list[Line]:
    with sqlite_url() as ours, sqlite_url() as theirs:
        return asyncio.run(_run(ours, theirs, scale))


async def _run(ours: str, theirs: str, scale: Scale) -> list[Line]:
    # Two hundred times the pace of a real day: many groups are hot, so that short small talk passes there too.
    said = list(stream(RATE * scale.seconds, reports=0.05, groups=scale.grids))
    db = await Database.open(ours)
    everything, reports = await Steady(db, await build(db, scale.grids, utc_now)).run(said)
    await db.close()
    other, _ = await open_pipeline(theirs, scale.grids)
    await other.close()
    peer = percentile(_strawman(theirs, said), 0.99)
    one, two = percentile(everything, 0.99), percentile(reports, 0.99)
    what = f"p99 at {RATE:,} messages/s, SQLite, 95 % chatter"
    return [
        Line(f"{what}: all | straw man", milli(one), milli(peer), peer / one, "≤ 10 ms", one <= GOAL),
        Line(f"{what}: what passes, to committed outbox", milli(two), milli(peer), peer / two, "≤ 10 ms", two <= GOAL),
    ]


def _strawman(url: str, said: Sequence[Said]) -> list[float]:
    """Seconds from when each message came."""
    done = strawman.on_sqlite(url, jieba_finder(), strawman.jobs(said), every=1 / RATE)
    return [at - number / RATE for number, at in enumerate(done)]


class Steady:
    """Feeds messages at their time, while dispatch works beside it."""

    def __init__(self, db: Database, parts: Parts) -> None:
        self._db, self._parts = db, parts
        self._due: dict[str, datetime] = {}  # when each message came, by its event key
        self._dropped: dict[str, float] = {}  # seconds until the gate's answer
        self._committed: list[datetime] = []  # ends of dispatch's steps
        self._fed = False

    async def run(self, said: Sequence[Said]) -> tuple[list[float], list[float]]:
        """Seconds of all messages, and of those that were taken in."""
        await asyncio.gather(self._feed(lines(said)), self._dispatch())
        taken = await self._taken()
        return list({**self._dropped, **taken}.values()), list(taken.values())

    async def _feed(self, documents: Sequence[bytes]) -> None:
        start, at = utc_now(), 0
        while at < len(documents):
            ready = min(len(documents), int((utc_now() - start).total_seconds() * RATE) + 1)
            if ready > at:
                await self._accept(documents[at:ready], start, at)
                at = ready
            await asyncio.sleep(0.0005)
        self._fed = True

    async def _accept(self, documents: Sequence[bytes], start: datetime, first: int) -> None:
        due = [start + timedelta(seconds=number / RATE) for number in range(first, first + len(documents))]
        inbounds = [parse(_now(document, moment)) for document, moment in zip(documents, due, strict=True)]
        self._due |= {inbound.event_key: moment for inbound, moment in zip(inbounds, due, strict=True)}
        await self._parts.intakes[ACCOUNT].accept(inbounds)
        end = utc_now()
        self._dropped |= {one.event_key: (end - self._due[one.event_key]).total_seconds() for one in inbounds}

    async def _dispatch(self) -> None:
        bell, never = self._parts.bells["dispatch"], asyncio.Event()
        while True:
            last = self._fed
            if await self._parts.dispatch.step():
                self._committed.append(utc_now())
            elif last:
                return
            else:
                await bell.wait(0.05, never)

    async def _taken(self) -> dict[str, float]:
        """A row is finished within a step, and committed when the step ends."""
        chosen = select(inbox.c.event_key, inbox.c.done_at).order_by(inbox.c.done_at)
        rows = await self._db.read(lambda conn: conn.execute(chosen).all())
        ends, taken = iter(self._committed), {}
        end = next(ends)
        for key, done in rows:
            while end < done:
                end = next(ends)
            taken[key] = (end - self._due[key]).total_seconds()
        return taken


def _now(document: bytes, moment: datetime) -> dict[str, object]:
    update: dict[str, dict[str, object]] = json.loads(document)
    update["message"]["date"] = moment.astimezone(UTC).timestamp()
    return dict(update)
