"""A platform on paper and a gate of small rules, fresh for each test."""

from __future__ import annotations

import pytest

from bot.flow.gate import Gate
from tests.fakes.paper import PaperChannel
from tests.unit.flow.small_rules import new_gate


@pytest.fixture
def town() -> PaperChannel:
    return PaperChannel()


@pytest.fixture
def gate() -> Gate:
    return new_gate()
