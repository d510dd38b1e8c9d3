"""The ticks on a real AsyncIOScheduler."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.flow.clockwatch import ClockWatch
from bot.flow.loops import Pulse
from bot.schedule.ticks import Tick, Ticks
from storage.errors import Unavailable

FAST = 0.05


async def _until(condition, seconds: float = 5.0) -> None:  # type: ignore[no-untyped-def]
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the scheduler offers nothing to wait for
            await asyncio.sleep(0.01)


async def test_a_tick_comes_again_and_again_and_beats() -> None:
    """An interval tick runs repeatedly and tells the pulse each time."""
    seen: list[int] = []

    async def tick() -> None:
        seen.append(1)

    pulse, stop = Pulse(), asyncio.Event()
    running = asyncio.create_task(Ticks([Tick("reminders", tick, every=FAST)], pulse).run(stop))
    await _until(lambda: len(seen) >= 3)
    stop.set()
    await running
    assert "tick:reminders" in pulse.beats
    assert pulse.trouble == {}


async def test_stop_waits_for_a_tick_under_way() -> None:
    """APScheduler's shutdown would cancel a running coroutine; ours lets it finish, and starts no other."""
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), []

    async def tick() -> None:
        begun.set()
        await go_on.wait()
        ended.append(1)

    stop = asyncio.Event()
    running = asyncio.create_task(Ticks([Tick("slow", tick, every=FAST)], Pulse()).run(stop))
    await asyncio.wait_for(begun.wait(), 5)
    stop.set()
    await asyncio.sleep(4 * FAST)
    assert not running.done()
    go_on.set()
    await running
    assert ended == [1]


@pytest.mark.parametrize(
    ("error", "told"), [(Unavailable("disk full"), "disk full"), (ValueError("a bug"), "ValueError")]
)
async def test_a_failing_tick_comes_again_and_is_told(error: Exception, told: str) -> None:
    """Neither an outage nor a bug ends the ticks; the pulse says what is wrong until it is well again."""
    calls: list[int] = []

    async def tick() -> None:
        calls.append(1)
        if len(calls) <= 2:
            raise error

    pulse, stop = Pulse(), asyncio.Event()
    running = asyncio.create_task(Ticks([Tick("shaky", tick, every=FAST)], pulse).run(stop))
    await _until(lambda: pulse.trouble.get("tick:shaky") == told)
    await _until(lambda: len(calls) >= 4 and not pulse.trouble)
    stop.set()
    await running


async def test_a_clock_set_back_delays_no_tick() -> None:
    """Plans lie on the machine's clock; three hours back, the next one would lie three hours ahead."""
    seen: list[int] = []

    async def tick() -> None:
        seen.append(1)

    ahead = timedelta(0)
    watch = ClockWatch(lambda: datetime.now(UTC) + ahead)
    stop = asyncio.Event()
    ticks = Ticks([Tick("reminders", tick, every=3 * 3600)], Pulse(), watch=watch, look_every=FAST)
    running = asyncio.create_task(ticks.run(stop))
    await asyncio.sleep(3 * FAST)
    assert not seen
    ahead = timedelta(hours=-3)
    await _until(lambda: len(seen) == 1)
    stop.set()
    await running
