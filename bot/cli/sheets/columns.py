"""What a column of a sheet is, and a cell's way from what somebody typed to the one form in which it is compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.cli.formulas import armless
from bot.privacy import mask_personal
from bot.settings import did_you_mean

Cells = Mapping[str, str]
"""A whole row in its one form, by the keys of the columns; "" is nothing."""
Given = Mapping[str, str | None]
"""What a row says: None where its cell is blank or the file lacks the column, which leaves what stands as it is."""

NOTHING: Final = "无"
"""Written into a cell that may be empty, it empties it; a blank cell changes nothing."""
SEPARATOR: Final = "、"

_SEPARATORS: Final = re.compile(r"[、;；]")
_STRANGE: Final = {
    "Cc": "换行或控制字符",
    "Cf": "看不见的字符",
    "Co": "自造的字",
    "Cs": "坏字",
    "Zl": "换行",
    "Zp": "换行",
}
_SHOWN: Final = 24
_MEANT: Final = "是不是想写"  # how bot.settings.did_you_mean begins when it knows
_NUMBER_OF_A_PERSON: Final = re.compile(r"1[3-9]\d{9}|\d{6}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dXx]")


class Wrong(ValueError):  # noqa: N818 - what a cell is
    """A cell that cannot be taken; the message says why and what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`word` heads the column in our own files, `key` and `also` are understood as well.

    `heading`: a file without the column is refused; `needed`: so is a row with an empty cell.
    `many`: a list that only grows. `masked`: how the cell is shown. `same`: whether what is given means what stands.
    """

    key: str
    word: str
    read: Callable[[str], str]
    also: tuple[str, ...] = ()
    heading: bool = False
    needed: bool = False
    default: str = ""
    many: bool = False
    exported: bool = True
    masked: Callable[[str], str] | None = None
    same: Callable[[str, str], bool] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return (self.word, self.key, *self.also)

    def take(self, cell: str) -> str | None:
        """What a cell says. Raises Wrong."""
        text = armless(cell.strip()).strip()
        if not text:
            if self.needed:
                raise Wrong(f"{self.word}空着，请补上")
            return None
        if text == NOTHING and not self.needed and not self.default:
            return ""
        try:
            return self.read(_plain(text))
        except Wrong as wrong:
            raise Wrong(f"{self.word}{wrong}") from wrong

    def settled(self, given: str | None, old: str | None) -> str:
        """What the cell will be, over what stands."""
        if given is None:
            return self.default if old is None else old
        if old and self.same is not None and self.same(given, old):
            return old
        return joined([*items(old or ""), *items(given)]) if self.many else given

    def shown(self, text: str) -> str:
        return (self.masked(text) if self.masked else text) or "（空）"


def heading(text: str) -> str:
    """One form for comparing headings: width, case, spaces and the star of "must be filled in" do not matter."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split()).strip("*")


def items(text: str) -> list[str]:
    """The items of a list in one cell."""
    return [item for part in _SEPARATORS.split(text) if (item := part.strip())]


def joined(found: Iterable[str]) -> str:
    return SEPARATOR.join(dict.fromkeys(found))


def quoted(text: str, *, code: bool = False) -> str:
    """What somebody typed, for a sentence on the screen: short, and without a number that belongs to a person.

    `code`: codes of areas may be long numbers and are shown as long as they are no number of a person.
    """
    short = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return short if code and not _NUMBER_OF_A_PERSON.fullmatch(text) else mask_personal(short)


def nearest(wrong: str, known: Iterable[str]) -> str:
    """What a misspelled word is meant to be, "" where nothing is near; of two characters one may be wrong."""
    names = list(known)
    said = did_you_mean(wrong, names)
    if said.startswith(_MEANT):
        return said
    close = [name for name in names if len(name) == len(wrong) > 1 and _differ(name, wrong) == 1]
    return f"{_MEANT} {close[0]}" if close else ""


def _differ(one: str, other: str) -> int:
    return sum(mine != yours for mine, yours in zip(one, other, strict=True))


def _plain(text: str) -> str:
    """Raises Wrong for characters that nobody sees and that make two names look alike."""
    for place, char in enumerate(text, 1):
        if (kind := _STRANGE.get(unicodedata.category(char))) is not None:
            raise Wrong(f"里第 {place} 个字是{kind}（U+{ord(char):04X}），请删掉再试")
    return text
