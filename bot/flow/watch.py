"""When an operator hears of a platform that is away: once, and once that it is back. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.ports import ChannelState

AWAY: Final = frozenset({ChannelState.CONNECTING, ChannelState.FAILED})
PATIENCE: Final = timedelta(seconds=5)
"""A hiccup is over by then, and a start."""
STEADY: Final = timedelta(seconds=30)
"""For so long it must have stayed before it is called back; one that comes and goes is still away."""


class News(StrEnum):
    AWAY = "away"
    BACK = "back"


class Watch:
    """Looks at one account's state now and then."""

    def __init__(self) -> None:
        self._trouble: datetime | None = None  # since when it has not been steady
        self._up: datetime | None = None
        self._told = False

    def look(self, state: ChannelState, now: datetime) -> News | None:
        """What is new, or None."""
        if state in AWAY:
            return self._is_away(now)
        self._up = self._up or now
        if self._trouble is None or now - self._up < STEADY:
            return None
        self._trouble, told, self._told = None, self._told, False
        return News.BACK if told else None

    def _is_away(self, now: datetime) -> News | None:
        self._up, self._trouble = None, self._trouble or now
        if self._told or now - self._trouble < PATIENCE:
            return None
        self._told = True
        return News.AWAY
