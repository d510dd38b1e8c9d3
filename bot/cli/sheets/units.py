"""The sheet of units: who is sent to put things right, and the chat in which they hear of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.cli.sheets import cells
from bot.cli.sheets.columns import Cells, Column, quoted
from bot.cli.sheets.sheet import Key, Line, Lines, Sheet
from bot.cli.sheets.standing import Standing
from bot.model import ChatKind
from storage.records.changes import Changes, UnitChange

_ITS_CHATS: Final = (ChatKind.UNIT, ChatKind.STAFF)  # residents must not read what a unit is told


class UnitSheet(Sheet):
    name, word, thing = "units", "单位", "代码"
    keys = ("code",)
    chat_at = ("account", "chat")
    columns = (
        Column(key="code", word="代码", also=("单位代码", "编码"), read=cells.code, heading=True, needed=True),
        Column(
            key="name", word="名称", also=("名字", "单位名称", "单位"), read=cells.name(64), heading=True, needed=True
        ),
        Column(key="area", word="区域", also=("区域代码",), read=cells.code),
        Column(key="account", word="群账号", also=("chat account", "账号"), read=cells.native(64)),
        Column(key="chat", word="群编号", also=("chat id", "群"), read=cells.native(128)),
        Column(key="default", word="默认", also=("is default", "默认单位"), read=cells.flag, default=cells.NO),
    )

    def label(self, row: Cells) -> str:
        return f"{row['code']} {row['name']}"

    def stands(self, standing: Standing) -> Mapping[Key, Cells]:
        found: dict[Key, Cells] = {}
        for unit in sorted(standing.rows.units, key=lambda unit: unit.code):
            chat = standing.chats_by_id.get(unit.chat_id or 0)
            found[unit.code,] = {
                "code": unit.code,
                "name": unit.name,
                "area": standing.area_codes[unit.area_id],
                "account": chat.account if chat else "",
                "chat": chat.native_id if chat else "",
                "default": cells.YES if unit.is_default else cells.NO,
            }
        return found

    def check(self, lines: Lines, standing: Standing) -> Iterator[tuple[Key, str]]:
        final = {**self.stands(standing), **{key: line.new for key, line in lines.items()}}
        defaults: dict[str, list[Key]] = defaultdict(list)
        for key, row in final.items():
            if row["default"] == cells.YES:
                defaults[row["area"]].append(key)
        for key, line in lines.items():
            others = [other[0] for other in defaults[line.new["area"]] if other != key]
            if complaint := _unfit(line.new, others, standing):
                yield key, complaint

    def changes(self, lines: Sequence[Line], standing: Standing) -> Changes:
        return Changes(units=tuple(_unit(line, standing) for line in lines if line.old != line.new))


def _unfit(row: Cells, other_defaults: Sequence[str], standing: Standing) -> str | None:
    if row["area"] and row["area"] not in standing.areas:
        return standing.no_area(row["area"])
    if row["default"] == cells.YES and not row["area"]:
        return "默认单位要写是哪个区域的"
    if row["default"] == cells.YES and other_defaults:
        return f"{row['area']} 的默认单位已经是 {other_defaults[0]}，一个区域只能有一个"
    if bool(row["account"]) != bool(row["chat"]):
        return "群账号和群编号要一起写，例如 webchat:main 和 u1"
    if not row["chat"]:
        return None
    chat = standing.chats.get((row["account"], row["chat"]))
    if chat is None:
        return f"没有群“{quoted(row['account'])} {quoted(row['chat'], code=True)}”，请先导入群"
    if chat.kind not in _ITS_CHATS:
        return f"群“{quoted(row['chat'], code=True)}”不是单位群，也不是工作群，请先在群的表里改好类型"
    return None


def _unit(line: Line, standing: Standing) -> UnitChange:
    known = standing.units.get(line.key[0])
    row = line.new
    return UnitChange(
        id=known.id if known else None,
        code=row["code"],
        name=row["name"],
        area=row["area"] or None,
        chat=(row["account"], row["chat"]) if row["chat"] else None,
        is_default=row["default"] == cells.YES,
    )
