"""A running harness of each registered channel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path

import pytest

from bot.channels.registry import CHANNELS
from tests.contract.harness import Harness, Make


@pytest.fixture(params=sorted(CHANNELS))
async def harness(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Harness]:
    make: Make = import_module(f"tests.contract.{request.param}").make
    bench = make(tmp_path)
    await bench.start()
    yield bench
    bench.bridge.away = False
    bench.bridge.open.set()
    await bench.stop()
