"""A clock that stands still and a platform on paper that reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.flow.rules import Rules
from storage.engine import Database
from tests.fakes.paper import PaperChannel
from tests.integration.flow.bench import Bench
from tests.integration.flow.desk_of_one import ACCOUNT, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def town(clock: Clock) -> PaperChannel:
    return PaperChannel(ACCOUNT, clock=clock)


@pytest.fixture
async def bench(db: Database, tmp_path: Path, rules: Rules) -> Bench:
    return await Bench.open(db, tmp_path, rules)
