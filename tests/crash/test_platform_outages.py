"""The platform is away, refuses, hangs, or does not say what it took: nothing is lost, and the operator reads what it is.

Each of these for itself, longer, on both databases, and with a SIGKILL in each: `make crash ARGS="--only platform"`.
"""

from __future__ import annotations

import pytest

from tests.crash import platform_outages
from tests.crash.table import wrong


@pytest.mark.crash
@pytest.mark.timeout(180)
async def test_a_moment_of_everything(postgres_url: str) -> None:
    """In one life, with a day without the platform and a kill at the end."""
    row = await platform_outages.tour(postgres_url)
    assert not wrong(row)
    assert (row.messages > 20, row.posts > 20) == (True, True), "the town was awake"
