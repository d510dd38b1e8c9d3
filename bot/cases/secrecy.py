"""How far a matter is kept out of sight: a second look only ever keeps it closer. Pure."""

from __future__ import annotations

from typing import Final

from bot.cases.duty import HIDDEN
from storage.records import CaseRow

SECRECY: Final = ("none", "private", "missing", "staff", "violence")
"""From what anybody may hear to what one answer in the group could already give away."""


def stricter(one: str, other: str) -> str:
    """Of two sensitivities the one that fewer people see."""
    return max(one, other, key=SECRECY.index)


def went_dark(before: CaseRow, after: CaseRow) -> bool:
    """From now on only a confidant sees the case: he has never heard of it."""
    return before.sensitive not in HIDDEN and after.sensitive in HIDDEN
