"""What may stand in a report that leaves the house: numbers, moments, and words out of a fixed list. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from bot.flow.stumble import CUT_OFF, MOVED, NO_ANSWER

HIDDEN = "（已遮住）"
OTHER = "（其他）"
_SMALL = 10**6  # a larger number may be an account or a telephone
_CHANNEL = re.compile(r"[a-z]{1,20}")
# Types of errors as bot.flow.stumble writes them behind the stage, and as they stood before what the error said.
_ERROR = re.compile(
    r"(?:[^（A-Za-z]{1,40}（)?([A-Za-z_.]{1,60}(?:Error|Exception|Timeout|Unavailable|Gone|Refused|NotAccepted))(?=[:，）]|$)"
)
_REASONS = frozenset({NO_ANSWER, CUT_OFF, MOVED})


class Accounts:
    """Accounts of channels by their place in the configuration: their names are the operator's own words."""

    def __init__(self, accounts: Iterable[str]) -> None:
        self._labels = {account: _label(account, place) for place, account in enumerate(sorted(accounts), 1)}

    def label(self, account: str) -> str:
        channel = account.partition(":")[0]
        return self._labels.get(account) or (f"{channel}:?" if _CHANNEL.fullmatch(channel) else "?")

    def inside(self, name: str) -> str:
        """A name that ends with an account, `delivery:webchat:main`, or with the word of a tick."""
        before, _, account = name.partition(":")
        if before == "tick" and _CHANNEL.fullmatch(account):
            return name  # our own word
        return f"{before}:{self.label(account)}" if account in self._labels else self.label(name)


def _label(account: str, place: int) -> str:
    channel, _, name = account.partition(":")
    shown = channel if _CHANNEL.fullmatch(channel) else "?"
    return f"{shown}:{'main' if name == 'main' else place}"


def value(given: Any) -> Any:
    """A switch or a small number as it is, everything else hidden."""
    if isinstance(given, bool) or (isinstance(given, int | float) and abs(given) < _SMALL):
        return given
    return HIDDEN


def reason(text: str) -> str:
    """The type of an error, never what it said."""
    if text in _REASONS:
        return text
    found = _ERROR.match(text)
    return found[1] if found else OTHER


def moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None
