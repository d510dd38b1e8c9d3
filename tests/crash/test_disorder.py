"""What comes twice, to two processes, under numbers used before or under a wrong clock: some of it; `make crash` has all."""

from __future__ import annotations

import pytest

from tests.crash import disorder
from tests.crash.table import wrong

pytestmark = [pytest.mark.crash, pytest.mark.timeout(120)]


async def test_ten_presses_of_two_people(postgres_url: str) -> None:
    """One acceptance, and the other is told whose it is."""
    assert not wrong(await disorder.buttons(postgres_url, short=True))


async def test_numbers_that_were_used_before(sqlite_url: str) -> None:
    """A platform that begins to count anew loses nobody a word."""
    row = await disorder.reborn(sqlite_url, short=True)
    assert not wrong(row)
    assert row.messages > 10


async def test_clocks_that_jump(sqlite_url: str) -> None:
    """Nothing waits until a wrong clock is right again."""
    row = await disorder.clocks(sqlite_url, short=True)
    assert not wrong(row)
    assert row.longest is not None
    assert row.longest < 20
