"""The rules are read once: half a second each time is more than an outage takes."""

from __future__ import annotations

import pytest

from bot.assembly import rules_of
from bot.config import Config
from bot.flow.rules import Rules
from tests.integration.outage.town import settled


@pytest.fixture(scope="module")
def rules() -> Rules:
    return rules_of(Config())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement waits for another program's lock as long as it does in life, only shorter."""
    monkeypatch.setattr("storage.sqlite.BUSY_SECONDS", 0.2)


@pytest.fixture
async def town_url(sqlite_url: str) -> str:
    await settled(sqlite_url)
    return sqlite_url
