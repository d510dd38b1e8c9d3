"""Loops survive what can go wrong, stop between two steps, and wake early."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

import pytest

from bot.flow.loops import Bell, Pulse, run_loop
from storage.errors import Unavailable
from tests.fakes.bridge import until


class Steps:
    """A step that does what the list says, one after the other, and stops the loop at its end.

    It rings the bell each time, which cuts short the wait that follows.
    """

    def __init__(self, stop: asyncio.Event, *outcomes: int | Exception) -> None:
        self._stop, self._outcomes, self.bell = stop, iter(outcomes), Bell()
        self.done = 0

    async def __call__(self) -> int:
        self.done += 1
        self.bell.ring()
        outcome = next(self._outcomes, None)
        if outcome is None:
            self._stop.set()
            return 0
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


async def run(
    stop: asyncio.Event, step: Callable[[], Awaitable[int]], *, idle: float = 60, bell: Bell | None = None
) -> Pulse:
    pulse = Pulse()
    async with asyncio.timeout(5):
        await run_loop("tested", step, stop, bell=bell or Bell(), idle=idle, pulse=pulse)
    return pulse


async def test_an_outage_is_told_once_and_survived(caplog: pytest.LogCaptureFixture) -> None:
    """The loop goes on when the database is back, and then is well again; a second outage is told again."""
    stop = asyncio.Event()
    away = Unavailable("disk full")
    steps = Steps(stop, away, away, away, 1, away)
    pulse = await run(stop, steps, bell=steps.bell)
    assert steps.done == 6
    assert [record.message for record in caplog.records] == ["database away", "database back"] * 2
    assert pulse.trouble == {}


@pytest.mark.parametrize("error", [Unavailable("locked"), RuntimeError("a bug")])
async def test_a_failed_step_is_not_hammered(error: Exception) -> None:
    """After the first failure the loop rests half a second at least."""
    stop, times = asyncio.Event(), list[float]()

    async def step() -> int:
        times.append(time.monotonic())
        if len(times) == 2:
            stop.set()
            return 0
        raise error

    await run(stop, step)
    assert 0.45 <= times[1] - times[0] <= 3


async def test_a_bug_is_logged_with_its_place_and_survived(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a step raises, the loop goes on; health says what is wrong till it went well again."""
    stop = asyncio.Event()
    steps = Steps(stop, KeyError("one"), ZeroDivisionError())
    pulse = await run(stop, steps, bell=steps.bell)
    assert [record.exc_info is not None for record in caplog.records] == [True, True]
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert pulse.trouble == {}
    assert pulse.age("tested") < 5


async def test_trouble_is_seen_from_outside() -> None:
    """While it fails, the pulse beats and names the trouble."""
    stop, pulse = asyncio.Event(), Pulse()

    async def step() -> int:
        raise Unavailable("locked")

    task = asyncio.create_task(run_loop("tested", step, stop, bell=Bell(), idle=1, pulse=pulse))
    assert await until(lambda: dict(pulse.trouble)) == {"tested": "locked"}
    stop.set()
    await task


async def test_stopping_waits_for_the_step() -> None:
    """What was begun is finished, and nothing new is begun."""
    stop, begun, finish = asyncio.Event(), asyncio.Event(), asyncio.Event()
    finished = 0

    async def step() -> int:
        nonlocal finished
        begun.set()
        await finish.wait()
        finished += 1
        return 1

    task = asyncio.create_task(run(stop, step))
    await begun.wait()
    stop.set()
    await asyncio.sleep(0.01)
    assert not task.done()
    finish.set()
    await task
    assert finished == 1


async def test_stopping_ends_a_rest_and_a_back_off() -> None:
    """Nobody waits a minute for a program that sleeps."""
    stop = asyncio.Event()

    async def step() -> int:
        asyncio.get_running_loop().call_later(0.01, stop.set)
        return 0

    started = time.monotonic()
    await run(stop, step)
    assert time.monotonic() - started < 5


async def test_a_busy_loop_does_not_rest() -> None:
    """As long as there is work there is no pause: a thousand steps take no thousand idles."""
    stop = asyncio.Event()
    steps = Steps(stop, *[1] * 1000)
    await run(stop, steps)
    assert steps.done == 1001


# ---------------------------------------------------------------- the bell


@pytest.fixture
def stopwatch() -> Callable[[], float]:
    start = time.monotonic()
    return lambda: time.monotonic() - start


async def test_a_bell_wakes_early(stopwatch: Callable[[], float]) -> None:
    """Rung while waited for, or just before: both wake at once."""
    bell, stop = Bell(), asyncio.Event()
    bell.ring()
    bell.ring()
    await bell.wait(60, stop)
    asyncio.get_running_loop().call_later(0.01, bell.ring)
    await bell.wait(60, stop)
    assert stopwatch() < 5


async def test_ringing_twice_wakes_once(stopwatch: Callable[[], float]) -> None:
    """The second wait lasts its time."""
    bell, stop = Bell(), asyncio.Event()
    bell.ring()
    bell.ring()
    await bell.wait(60, stop)
    await bell.wait(0.05, stop)
    assert 0.05 <= stopwatch() < 5


async def test_a_bell_hears_the_stop(stopwatch: Callable[[], float]) -> None:
    """A stopped program does not rest."""
    stop = asyncio.Event()
    stop.set()
    await Bell().wait(60, stop)
    assert stopwatch() < 5


async def test_waiting_leaves_no_task_behind() -> None:
    """A loop that rests for years must not gather waiters."""
    bell, stop = Bell(), asyncio.Event()
    for _ in range(20):
        await bell.wait(0.0001, stop)
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == 1


def test_a_loop_never_seen_is_very_old() -> None:
    """Health must not take silence for health."""
    assert Pulse().age("never") >= time.monotonic() - 1
