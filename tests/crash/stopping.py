"""SIGTERM while everybody talks, and a restart of one process after the other."""

from __future__ import annotations

import asyncio
import time

import sqlalchemy as sa

from storage import outbox, schema
from tests.crash.bench import Bench, open_bench
from tests.crash.lives import Life
from tests.crash.people import Matter
from tests.crash.pigeon.weather import FAIR, Weather
from tests.crash.table import Row, row_of

UNDER_LOAD = "SIGTERM under load"
HANGING = "a stop while something hangs"
ROLLING = "restart of one process after the other"
STANDARD_TERMS = {"account": 30}
LAG = Weather(lag=0.2)  # so that always something is on its way


async def under_load(url: str, short: bool) -> Row:
    """A slow platform, so that posts are on their way; nothing is in doubt afterwards, and the next one goes on."""
    async with open_bench(url) as bench:
        bench.platform.weather = LAG
        wrong: list[str] = []
        times, stops = [], []
        for _ in range(1 if short else 40):
            life = await bench.start()
            await life.running()
            await bench.busy(0.8, pace=0.02)
            stops.append(await _stop(bench, life))
            wrong += await left_behind(bench, life)
            bench.people.report()
            again = time.monotonic()
            await bench.start()
            times.append(await bench.handled_again(again))
            wrong += await _bury(bench)
        await bench.start()
        await bench.settle()
        found = await bench.reckoning()
        found.lost += wrong
        note = f"{len(stops)} stops within {max(stops):.1f} s"
        return row_of(UNDER_LOAD, url, found, note=note, recovered=times)


async def _bury(bench: Bench) -> list[str]:
    """Stop the one that was started to go on."""
    life = bench.lives[0]
    await life.running()
    await _stop(bench, life)
    return await left_behind(bench, life)


async def _stop(bench: Bench, life: Life, seconds: float = 20.0) -> float:
    asked = time.monotonic()
    await life.stop(seconds)
    bench.lives.remove(life)
    return time.monotonic() - asked


async def left_behind(bench: Bench, life: Life) -> list[str]:
    """What a process must not leave that was asked to stop."""

    def look(conn: sa.Connection) -> list[str]:
        wrong = []
        for queue in (schema.inbox, schema.outbox):
            claimed = sa.select(queue.c.id).where(queue.c.state == "pending", queue.c.locked_until.is_not(None))
            wrong += [f"{queue.name} {row} is still claimed" for row in conn.execute(claimed).scalars()]
        going = sa.select(schema.outbox.c.id).where(
            schema.outbox.c.state == "pending", schema.outbox.c.reason == outbox.GOING
        )
        wrong += [f"outbox {row} is on its way" for row in conn.execute(going).scalars()]
        held = sa.select(schema.lease.c.name).where(schema.lease.c.until > bench.clock())
        return wrong + [f"{name} is held" for name in conn.execute(held).scalars()]

    status = [record["line"] for record in life.said() if record.get("line", "").startswith("exit ")]
    found: list[str] = await bench.read(look)
    return [f"{life.name}: {what}" for what in found + [f"{status}"] * (status != ["exit 0"])]


async def hanging(url: str, _short: bool) -> Row:
    """Posts that are never answered are given up in their time; a channel that does not end is left in the program's."""
    async with open_bench(url) as bench:
        life = await bench.start()
        await life.running()
        await bench.busy(0.8)
        bench.platform.weather = Weather(hang=1.0)
        await bench.busy(0.5)
        took = [await _stop(bench, life)]
        wrong = await left_behind(bench, life)
        bench.platform.weather = FAIR
        life = await bench.start(clings=True, terms={"stop": 1.5})
        await life.running()
        await bench.busy(0.5)
        took.append(await _stop(bench, life))
        wrong += ["nothing is said of what hangs"] * (not any(one.get("action") == "stop_cut" for one in life.said()))
        bench.people.report()
        again = time.monotonic()
        await bench.start()
        times = [await bench.handled_again(again)]
        await bench.settle()
        found = await bench.reckoning()
        found.lost += wrong
        return row_of(HANGING, url, found, note=f"ended after {took[0]:.1f} and {took[1]:.1f} s", recovered=times)


# ---------------------------------------------------------------- two processes


async def rolling(url: str, short: bool) -> Row:
    """Two processes, two accounts; `recovered in` is how long reports waited for their cards all the while."""
    async with open_bench(url, accounts=2) as bench:
        for _ in range(2):
            await (await bench.start(terms=STANDARD_TERMS)).running()
        stop, said = asyncio.Event(), dict[int, float]()
        talk = asyncio.create_task(_report_on(bench, stop, said))
        wrong: list[str] = []
        for _ in range(2 if short else 20):
            old = bench.lives[0]
            await asyncio.sleep(0.7)
            await _stop(bench, old)
            wrong += [line for line in await left_behind(bench, old) if "exit" in line]
            await (await bench.start(terms=STANDARD_TERMS)).running()
        await asyncio.sleep(0.5)
        stop.set()
        await talk
        await bench.settle()
        found = await bench.reckoning()
        found.lost += wrong
        waited = [_shown_at(bench, matter) - said[building] for building, matter in bench.people.matters.items()]
        return row_of(ROLLING, url, found, note=f"{len(waited)} reports meanwhile", recovered=waited)


async def _report_on(bench: Bench, stop: asyncio.Event, said: dict[int, float]) -> None:
    while not stop.is_set():
        matter = bench.people.report()
        said[matter.building] = time.monotonic()
        bench.people.work()
        await asyncio.sleep(0.35)


def _shown_at(bench: Bench, matter: Matter) -> float:
    return next(post.at for post in bench.platform.deliveries if post.message == matter.card)
