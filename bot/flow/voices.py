"""The voice of the program in front of one directory: names of areas, units and people come from its snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from bot.cases.directory import Directory
from bot.talk.texts import Texts
from bot.talk.voice import Names, Voice


@dataclass(frozen=True, slots=True)
class Voices:
    """`category`: code -> name, "" for an unknown one; `grades`: the best first; `phones`: the last level's list."""

    texts: Texts
    category: Callable[[str], str]
    zone: tzinfo
    grades: tuple[str, ...]
    phones: tuple[str, ...] = ()

    def declines(self, text: str) -> bool:
        """Whether a text says that a matter was not taken on, or offers to say so."""
        words = [self.texts.word(table, "declined") for table in ("state", "public_state", "hidden_state")]
        return any(word in text for word in (*words, self.texts.word("action", "decline")))

    def of(self, directory: Directory) -> Voice:
        names = Names(
            category=self.category,
            area=lambda ident: area.name if (area := directory.area(ident)) else "",
            unit=lambda ident: unit.name if (unit := directory.unit(ident)) else "",
            person=directory.name_of,
        )
        return Voice(self.texts, names, self.zone, self.grades)
