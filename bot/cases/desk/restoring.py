"""Columns out of an event's `before`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bot.cases.clocks import Changes

_MOMENTS: Final = frozenset(
    {
        "reported_at", "accepted_at", "dispatched_at", "resolved_at", "closed_at", "clock_started_at", "due_at",
        "yellow_at", "paused_at", "resume_at", "next_tick_at",
    }
)  # fmt: skip
_TUPLES: Final = frozenset({"photos", "result_photos"})


def restored(before: Mapping[str, Any]) -> Changes:
    """The old values with their types; `updated_at` always tells the present."""
    return {name: _typed(name, value) for name, value in before.items() if name != "updated_at"}


def _typed(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _MOMENTS:
        return datetime.fromisoformat(value)
    return tuple(value) if name in _TUPLES else value
