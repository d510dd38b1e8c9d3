"""One message as the grammar sees it: normalised for matching, with the way back to the spelling that was typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, Self

from classifiers.normalize import normalize

Quoted = Literal["none", "card", "report", "result", "menu", "bot", "other"]

OURS: Final = frozenset({"card", "result", "menu", "bot"})  # what the program posted
_ADDRESS: Final = re.compile(r"^@[^\s@]{1,30}\s+")  # 「@网格小助手 确认 128」
_ENDING: Final = " 。.!~、,，;；\n"
_AROUND: Final = _ENDING + "：:！～\u3000"


@dataclass(frozen=True, slots=True)
class Line:
    """`raw` as typed, `plain` as matched; `plain` is a normalised prefix of `raw` in that order of characters."""

    raw: str
    plain: str
    staff: bool
    quoted: Quoted
    private: bool

    @classmethod
    def of(cls, text: str, *, staff: bool, quoted: Quoted, private: bool) -> Self:
        raw = _ADDRESS.sub("", text.strip()).strip()
        plain = re.sub(r"\s+", " ", normalize(raw)).strip().strip(_ENDING)
        return cls(raw, plain, staff, quoted, private)

    def after(self, position: int) -> str:
        """What was typed behind `plain[:position]`, with the spelling of the typist."""
        wanted = self.plain[position:].strip()
        if not wanted:
            return ""
        for start in range(len(self.raw)):
            if self._reads(self.raw[start:], wanted):
                return self.raw[start:].strip(_AROUND)
        return wanted.strip(_AROUND)

    @staticmethod
    def _reads(tail: str, wanted: str) -> bool:
        return re.sub(r"\s+", " ", normalize(tail)).strip().strip(_ENDING) == wanted
