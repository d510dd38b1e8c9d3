"""Asked to stop, a process finishes what it has claimed and leaves nothing in doubt; `make crash` has more of it."""

from __future__ import annotations

import pytest

from tests.crash import stopping
from tests.crash.table import wrong

pytestmark = [pytest.mark.crash, pytest.mark.timeout(120)]


async def test_under_load(sqlite_url: str) -> None:
    """With posts on their way each time."""
    assert not wrong(await stopping.under_load(sqlite_url, short=True))


async def test_one_after_the_other(postgres_url: str) -> None:
    """No gap: the other process has the account before a tenth of a lease is over."""
    row = await stopping.rolling(postgres_url, short=True)
    assert not wrong(row)
    assert row.longest is not None
    assert row.longest < 10, "a third of a lease"
