"""SIGKILL at random moments and at every named point, under a stream of messages, presses and ticks."""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import dataclass
from datetime import timedelta

from tests.crash.bench import Bench
from tests.crash.ledger import Reckoning
from tests.crash.lives import Life

A_DAY = timedelta(days=1)  # how far the clock goes while nobody lives: reminders fall due


@dataclass(frozen=True)
class Outcome:
    """`kills`: how many; `recovered`: seconds until the first post after each, the median and the longest."""

    kills: int
    reckoning: Reckoning
    recovered: tuple[float, float]


async def at_random(bench: Bench, kills: int, *, processes: int = 1, seed: int = 4) -> Outcome:
    """Each process lives a moment, some not even until they run."""
    dice = random.Random(seed)
    times: list[float] = []
    for _ in range(processes):
        await bench.start()
    await bench.lives[0].running()
    for number in range(kills):
        await bench.busy(dice.choice((0.02, 0.1, 0.3, 0.5)) * dice.random() * 2 + 0.3 / processes)
        victim, killed = dice.choice(bench.lives), time.monotonic()
        await bench.kill(victim)
        if number % 7 == 3 and processes == 1:
            bench.clock.jump(A_DAY)
        await bench.start()
        if number % 5 == 0:
            times.append(await _recovered(bench, killed))
    return await _end(bench, kills, times)


async def _recovered(bench: Bench, since: float) -> float:
    bench.people.report()
    return await bench.handled_again(since)


async def at_points(bench: Bench, points: list[tuple[str, int]]) -> Outcome:
    """Die at each of these, the n-th time it is passed; a point that is not passed within a while is left."""
    times: list[float] = []
    kills = 0
    for name, count in points:
        life = await bench.start(die=[name, count])
        if await _dies(bench, life):
            kills += 1
            await bench.buried(life)
        else:
            await life.stop()
            bench.lives.remove(life)
    await bench.start()
    return await _end(bench, kills, times)


async def _dies(bench: Bench, life: Life, seconds: float = 3.0) -> bool:
    until = time.monotonic() + seconds
    while life.alive and time.monotonic() < until:
        await bench.busy(0.05)
    return not life.alive


async def _end(bench: Bench, kills: int, times: list[float]) -> Outcome:
    await bench.settle()
    middle = statistics.median(times) if times else 0.0
    return Outcome(kills, await bench.reckoning(), (middle, max(times, default=0.0)))


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
    return note.read_text(encoding="utf-8").splitlines()
