"""Which advice a case needs until help comes; the sentences are the table [emergency]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from storage.records import CaseRow

_ADVICE: Final[Mapping[str, str]] = {
    "emergency.fire": "fire",
    "hazard.gas": "gas",
    "emergency.missing": "missing",
    "emergency.medical": "medical",
    "emergency.accident": "accident",
    "emergency.disaster": "disaster",
    "hazard.electric": "electric",
    "security.violence": "fight",
}
# What a category does not tell apart, by the words in the report.
_BY_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "suicide": ("轻生", "自杀", "想不开", "跳楼", "割腕", "喝农药", "不想活"),
    "drowning": ("溺水", "落水", "掉河", "掉水里", "掉进水", "淹着"),
    "lift": ("电梯困", "困电梯", "困在电梯", "关在电梯", "卡在电梯"),
}


def advice_for(case: CaseRow) -> str | None:
    """The key of the advice; None for what is neither grave nor dangerous."""
    if case.sensitive == "violence":
        return "violence"
    family = case.category.partition(".")[0]
    if family == "emergency" or case.urgency == "emergency":
        by_words = (name for name, words in _BY_WORDS.items() if any(word in case.text for word in words))
        special = next(by_words, None)
        if special:
            return special
    grave = case.urgency != "normal" or family == "emergency"
    return _ADVICE.get(case.category) if grave else None
