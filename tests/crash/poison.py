"""A message that makes the database refuse its case: parked, its lane goes on, put back after the fix it is done once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial

from storage import dead_letters
from storage.engine import Database
from tests.crash.bench import Bench, open_bench
from tests.crash.table import Row, row_of
from tests.integration.flow.refusing import allow, refuse

POISON = "前的路灯坏了，电线杆上写着毒"
EACH = 30.0  # seconds: one after the other they use up their attempts, six seconds each


async def poison(url: str, short: bool) -> Row:
    db = await Database.open(url)
    try:
        await refuse(db, "cases", "NEW.text LIKE '%毒%'")
        async with open_bench(url) as bench:
            return await _parked(bench, db, 1 if short else 10)
    finally:
        await db.close()


async def _parked(bench: Bench, db: Database, doses: int) -> Row:
    life = await bench.start()
    await life.running()
    await bench.busy(0.5)
    group = bench.town[0].groups[0]
    poisoned = [bench.people.report(wish="closed", trouble=POISON, group=group) for _ in range(doses)]
    for matter in poisoned:
        matter.parked = True
    behind = bench.people.report(wish="closed", group=group)
    await _until(bench, lambda: behind.card is not None, EACH * doses)
    letters = await db.read(dead_letters.waiting)
    too_early = [f"{matter.building}号楼 has a card" for matter in poisoned if matter.card]
    await allow(db)
    began = time.monotonic()
    for letter in letters:  # what `gridbridge dead-letters retry` does, at the town's time
        assert await db.run(partial(dead_letters.retry, box=letter.box, row_id=letter.id, now=bench.clock()))
    await bench.settle()
    found = await bench.reckoning()
    found.lost += too_early + [f"{len(letters)} parked of {doses}"] * (len(letters) != doses)
    note = f"{doses} parked, the lane went on, put back they were done once"
    return row_of("poison", bench.url, found, note=note, recovered=[time.monotonic() - began])


async def _until(bench: Bench, true: Callable[[], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await bench.busy(0.1, pace=0.5)
