"""What all tests of the assembled program share."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.assembly import rules_of
from bot.config import build
from bot.flow.rules import Rules


@pytest.fixture(scope="session")
def rules() -> Rules:
    """The rules that come with the program; loading takes a second, and the first test that needs them does it."""
    return rules_of(build({}, Path()))
