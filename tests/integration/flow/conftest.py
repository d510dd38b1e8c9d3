"""A clock that stands still and a platform on paper that reads it."""

from __future__ import annotations

import pytest

from tests.fakes.paper import PaperChannel
from tests.integration.flow.desk_of_one import ACCOUNT, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def town(clock: Clock) -> PaperChannel:
    return PaperChannel(ACCOUNT, clock=clock)
