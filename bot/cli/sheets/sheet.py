"""What one kind of file is: its columns, what stands as rows of such a file, and what changed rows mean. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from bot.cli.sheets.columns import Cells, Column, Given
from bot.cli.sheets.standing import Standing
from bot.cli.sheets.table import Row
from bot.rooms import NewMember, NewRoom
from storage.records.changes import Address, Changes

Key = tuple[str, ...]
Rooms = tuple[tuple[NewMember, ...], tuple[NewRoom, ...]]


@dataclass(frozen=True, slots=True)
class Line:
    """A row over what stands. `old` None: it is new; `base`: what of it stands nevertheless (a known person's name)."""

    row: Row
    key: Key
    old: Cells | None
    base: Cells
    new: Cells


Lines = Mapping[Key, Line]


class Sheet(ABC):
    """`thing`: what a row is, in a sentence; `keys`: the columns that say what it is about.

    `chat_at`, `person_at`: the columns that name a chat or a person, whose present address then takes their place.
    `in_web_chat`: its rows are also members or rooms there.
    """

    name: ClassVar[str]
    word: ClassVar[str]
    thing: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    keys: ClassVar[tuple[str, ...]]
    in_web_chat: ClassVar[bool] = False
    chat_at: ClassVar[tuple[str, str] | None] = None
    person_at: ClassVar[tuple[str, str] | None] = None

    @abstractmethod
    def label(self, row: Cells) -> str:
        """How the screen names a row."""

    @abstractmethod
    def stands(self, standing: Standing) -> Mapping[Key, Cells]:
        """All there is, as rows of such a file."""

    @abstractmethod
    def check(self, lines: Lines, standing: Standing) -> Iterator[tuple[Key, str]]:
        """The rows that do not fit with the others and with what stands, and why."""

    @abstractmethod
    def changes(self, lines: Sequence[Line], standing: Standing) -> Changes:
        """What the directory lacks."""

    def base(self, key: Key, standing: Standing) -> Cells:
        """What is known of a row that is new."""
        return {}

    def rooms(self, lines: Sequence[Line], standing: Standing) -> Rooms:
        """What the web chat lacks."""
        return (), ()

    def default(self, key: str) -> str:
        return next(column.default for column in self.columns if column.key == key)

    def named(self, given: Given, columns: tuple[str, str] | None) -> Address | None:
        """The address that a row names in these columns."""
        if columns is None:
            return None
        first, second = (given[key] or self.default(key) for key in columns)
        return (first, second) if first and second else None
