"""When colleagues have heard enough of one case for a while, and the rest is summed up. Pure."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from bot.cases.notices import Kind
from bot.model import Notice

MANY = 5  # supporters from which on it is a storm
LINES = 5  # about one case, in one chat
WHILE = timedelta(minutes=10)
EMERGENCY_WHILE = timedelta(minutes=1)
SUMMED = frozenset({Kind.SUPPLEMENT.value, Kind.SUPPORTED.value, Kind.RECALLED.value})
COUNTED = (*sorted(SUMMED), Kind.MORE.value, Kind.REPORTED.value)


def window(urgency: str) -> timedelta:
    return EMERGENCY_WHILE if urgency == "emergency" else WHILE


def enough(told: Counter[str], notice: Notice) -> bool:
    """`told`: what they got in that window, by kind. Of a storm they have heard with its card."""
    count = notice.data.get("count", 0)
    storm = notice.kind == Kind.SUPPORTED and isinstance(count, int) and count >= MANY
    return told[Kind.MORE.value] > 0 or told.total() >= (1 if storm else LINES)
