"""One program from its start to its first report, then a day of chatter. Prints its measures as JSON.

`python -m benchmarks.child <time it was started> <grids> <messages> [--full]`
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time

from benchmarks.databases import sqlite_url
from benchmarks.measure import resident_mb
from benchmarks.pipeline import FETCH, Pipeline
from benchmarks.stream import Said, stream
from benchmarks.town import StreamClock, assembled, settle
from benchmarks.updates import ACCOUNT, parse, update
from storage.engine import Database


async def main(began: float, grids: int, messages: int, *, full: bool) -> dict[str, float]:
    with sqlite_url() as url:
        prepared = time.time()
        await _settled(url, grids)
        away = time.time() - prepared  # the city is there when a real program starts
        clock, db = StreamClock(), await Database.open(url)
        loading = time.perf_counter()
        parts = await assembled(db, clock, full_dictionary=full)
        load = time.perf_counter() - loading
        pipeline = Pipeline(parts, clock)
        await pipeline.take(list(stream(1, reports=1, groups=grids)))
        measured = {"start": time.time() - began - away, "load": load, "idle": _weight()}
        await _chatter(pipeline, grids, messages)
        measured["grown"] = _weight()
        await db.close()
    return measured


async def _settled(url: str, grids: int) -> None:
    db = await Database.open(url)
    await db.run(lambda conn: settle(conn, grids))
    await db.close()


async def _chatter(pipeline: Pipeline, grids: int, messages: int) -> None:
    """Through intake, so that what passes is handled and stored as on any day."""
    batch: list[Said] = []
    intake = pipeline.parts.intakes[ACCOUNT]
    for said in stream(messages, reports=0, groups=grids, first=1):
        batch.append(said)
        if len(batch) == FETCH:
            await intake.accept([parse(update(one)) for one in batch])
            batch.clear()
    await pipeline.take([*stream(1, reports=0, groups=grids, first=messages + 1)])


def _weight() -> float:
    gc.collect()
    return resident_mb()


if __name__ == "__main__":
    began, grids, messages, *flags = sys.argv[1:]
    print(json.dumps(asyncio.run(main(float(began), int(grids), int(messages), full="--full" in flags))))
