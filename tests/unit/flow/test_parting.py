"""A stop waits for what is claimed, and not for ever."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.flow.parting import until_stopped

SOON, NEVER = timedelta(seconds=0.05), 3600.0


async def run(seconds: float, limit: timedelta) -> list[str]:
    """How work ends that needs so long after the stop."""
    stop, ended = asyncio.Event(), list[str]()

    async def work() -> None:
        await stop.wait()
        try:
            await asyncio.sleep(seconds)
            ended.append("finished")
        except asyncio.CancelledError:
            ended.append("cut")
            raise

    asyncio.get_running_loop().call_later(0.01, stop.set)
    async with asyncio.timeout(5):
        await until_stopped(work(), stop, limit, lambda: ["delivery:a"])
    return ended


async def test_what_is_claimed_is_finished(caplog: pytest.LogCaptureFixture) -> None:
    assert await run(0.02, timedelta(seconds=4)) == ["finished"]
    assert "too long" not in caplog.text


async def test_what_hangs_is_left_and_named(caplog: pytest.LogCaptureFixture) -> None:
    assert await run(NEVER, SOON) == ["cut"]
    assert [getattr(record, "hangs", None) for record in caplog.records] == ["delivery:a"]


async def test_an_error_is_not_hidden() -> None:
    """Neither before the stop nor after it."""

    async def broken() -> None:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        await until_stopped(broken(), asyncio.Event(), SOON, list)


async def test_whoever_is_cancelled_takes_the_work_along() -> None:
    """As a test or another program does that runs it as a task."""
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(NEVER)
        finally:
            ended.set()

    task = asyncio.create_task(until_stopped(work(), asyncio.Event(), SOON, list))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
