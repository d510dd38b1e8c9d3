"""The sheet of chats as `chat room` writes it: the group of a unit is the unit as well, under the same code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from bot.cli.sheets import cells
from bot.cli.sheets.chats import ChatSheet
from bot.cli.sheets.columns import Wrong, items
from bot.cli.sheets.sheet import Key, Line, Lines
from bot.cli.sheets.standing import Standing
from bot.cli.words import KINDS
from bot.model import ChatKind
from storage.records.changes import Changes, UnitChange

_UNIT: Final = KINDS[ChatKind.UNIT]


class RoomSheet(ChatSheet):
    def check(self, lines: Lines, standing: Standing) -> Iterator[tuple[Key, str]]:
        yield from super().check(lines, standing)
        for key, line in lines.items():
            if complaint := _unfit_unit(line):
                yield key, complaint

    def changes(self, lines: Sequence[Line], standing: Standing) -> Changes:
        units = (_unit(line, standing) for line in lines if line.new["kind"] == _UNIT)
        return replace(super().changes(lines, standing), units=tuple(unit for unit in units if unit is not None))


def _unfit_unit(line: Line) -> str | None:
    """What is taken for a room may be too long for a unit."""
    if line.new["kind"] != _UNIT:
        return None
    try:
        cells.code(line.new["id"])
        cells.name(cells.LONGEST_NAME)(line.new["title"])
    except Wrong as wrong:
        return f"单位群的编号和群名也是单位的：{wrong}"
    return None


def _unit(line: Line, standing: Standing) -> UnitChange | None:
    """None: it stands as it should. What else is known of the unit stays."""
    row, known = line.new, standing.units.get(line.new["id"])
    area = next(iter(items(line.row.given["areas"] or "")), None) or (
        standing.area_codes[known.area_id] if known else ""
    )
    wanted = UnitChange(
        id=known.id if known else None,
        code=row["id"],
        name=row["title"],
        area=area or None,
        chat=(row["account"], row["id"]),
        is_default=known.is_default if known else False,
    )
    return None if known and _stands(wanted, standing) else wanted


def _stands(unit: UnitChange, standing: Standing) -> bool:
    known = standing.units[unit.code]
    chat = standing.chats_by_id.get(known.chat_id or 0)
    here = (chat.account, chat.native_id) if chat else None
    return (known.name, standing.area_codes[known.area_id] or None, here) == (unit.name, unit.area, unit.chat)
