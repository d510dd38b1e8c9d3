"""bot.web.kept: what is costly to read is read seldom, however many ask."""

from __future__ import annotations

import asyncio

import pytest

from bot.web.kept import SHARE, Kept


class Reader:
    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds, self.times, self.away = seconds, 0, False

    async def __call__(self) -> int:
        self.times += 1
        await asyncio.sleep(self.seconds)
        if self.away:
            raise LookupError("away")
        return self.times


async def test_many_who_ask_at_once_cost_one_reading() -> None:
    reader = Reader(0.02)
    kept = Kept(reader)
    assert await asyncio.gather(*(kept.get() for _ in range(50))) == [1] * 50


async def test_reading_takes_a_twentieth_of_the_time_at_most() -> None:
    """What took 10 ms is not read again within the next 200, however short it was to be kept."""
    reader = Reader(0.01)
    kept = Kept(reader, fresh=0.001)
    end = asyncio.get_running_loop().time() + 0.3
    while asyncio.get_running_loop().time() < end:
        await kept.get()
        await asyncio.sleep(0.005)
    assert 1 <= reader.times <= 1 + 0.3 / (SHARE * 0.01)


async def test_a_failure_is_not_kept() -> None:
    reader = Reader()
    kept = Kept(reader)
    reader.away = True
    for _ in range(2):
        with pytest.raises(LookupError):
            await kept.get()
    reader.away = False
    assert await kept.get() == 3
