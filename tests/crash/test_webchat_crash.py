"""The web chat is killed under its users: what a page calls sent is done once, what the bot says stands once."""

from __future__ import annotations

import pytest

from tests.crash import webchat
from tests.crash.table import wrong


@pytest.mark.crash
@pytest.mark.timeout(180)
async def test_the_web_chat_is_killed(sqlite_url: str) -> None:
    """The real command, started cold each time."""
    row = await webchat.killed(sqlite_url, short=True)
    assert not wrong(row)
    assert (row.messages > 10, row.posts > 10) == (True, True), "the town was awake"
