"""SIGKILL at random moments and at every named point, under a stream of messages, presses and ticks."""

from __future__ import annotations

import random
import time
from datetime import timedelta

from tests.crash.bench import Bench, open_bench
from tests.crash.lives import Life
from tests.crash.table import Row, row_of

A_DAY = timedelta(days=1)  # how far the clock goes while nobody lives: reminders fall due


async def random_moments(url: str, short: bool) -> Row:
    """1,000 in the long form, 30 in the short one. PostgreSQL: three processes, an account each and any of them."""
    processes = 1 if url.startswith("sqlite") else 3
    async with open_bench(url, accounts=processes) as bench:
        times = await at_random(bench, 15 if short else 500, processes=processes)
        note = f"{bench.killed:,} kills, {processes} process{'es' * (processes > 1)}"
        return row_of("SIGKILL at random moments", url, await bench.reckoning(), note=note, recovered=times)


async def named_points(url: str, short: bool) -> Row:
    """Every point once in the long form, some of them in the short one."""
    async with open_bench(url) as bench:
        points = await discovered(bench, 1.5 if short else 6.0)
        chosen = bench.people.dice.sample(points, 8) if short else points
        await at_points(bench, [(name, 2) for name in chosen])
        note = f"{bench.killed} kills at {len(points)} points"
        return row_of("SIGKILL at every named point", url, await bench.reckoning(), note=note)


async def at_random(bench: Bench, kills: int, *, processes: int = 1, seed: int = 4) -> list[float]:
    """Each process lives a moment, some not even until they run; seconds until the first post after some kills."""
    dice = random.Random(seed)
    times: list[float] = []
    for _ in range(processes):
        await bench.start()
    await bench.lives[0].running()
    for number in range(kills):
        await bench.busy(dice.choice((0.02, 0.1, 0.3, 0.5)) * dice.random() * 2 + 0.12)
        victim, killed = dice.choice(bench.lives), time.monotonic()
        await bench.kill(victim)
        if number % 7 == 3 and processes == 1:
            bench.clock.jump(A_DAY)
        await bench.start()
        if number % 5 == 0:
            times.append(await _recovered(bench, killed))
    await bench.settle()
    return times


async def _recovered(bench: Bench, since: float) -> float:
    bench.people.report()
    return await bench.handled_again(since)


async def at_points(bench: Bench, points: list[tuple[str, int]]) -> None:
    """Die at each of these, the n-th time it is passed; a point that is not passed within a while is left."""
    for name, count in points:
        life = await bench.start(die=[name, count])
        if await _dies(bench, life):
            await bench.buried(life)
        else:
            await life.stop()
            bench.lives.remove(life)
    await bench.start()
    await bench.settle()


async def _dies(bench: Bench, life: Life, seconds: float = 3.0) -> bool:
    until = time.monotonic() + seconds
    while life.alive and time.monotonic() < until:
        await bench.busy(0.05)
    return not life.alive


async def discovered(bench: Bench, seconds: float) -> list[str]:
    """Every named point that is passed in two lives of so long with a day between, in the order of their first time."""
    note = bench.folder / "points"
    for _ in range(2):
        life = await bench.start(note=str(note))
        await life.running()
        await bench.busy(seconds)
        await bench.settle()
        await life.stop()
        bench.lives.remove(life)
        bench.clock.jump(A_DAY)
    return list(dict.fromkeys(note.read_text(encoding="utf-8").splitlines()))
