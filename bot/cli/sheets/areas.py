"""The sheet of areas: 市, 镇街, 村社区, 网格, in any order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.cli.sheets import cells
from bot.cli.sheets.columns import Cells, Column, items, joined, quoted
from bot.cli.sheets.sheet import Key, Line, Lines, Sheet
from bot.cli.sheets.standing import Standing
from bot.cli.words import LEVELS
from storage.records.changes import AliasChange, AreaChange, Changes

_CODES: Final = {word: key for key, word in LEVELS.items()}
_RANK: Final = {word: rank for rank, word in enumerate(LEVELS.values())}
_MORE: Final = {
    **dict.fromkeys(("市级", "县", "区", "县市区"), "city"),
    **dict.fromkeys(("镇", "街道", "乡", "乡镇", "镇街级", "乡镇街道"), "town"),
    **dict.fromkeys(("村", "社区", "居", "村居", "村社", "村(社区)", "村/社区"), "village"),
    "网格级": "grid",
}


class AreaSheet(Sheet):
    name, word, thing = "areas", "区域", "代码"
    keys = ("code",)
    columns = (
        Column(
            key="code", word="代码", also=("区域代码", "网格代码", "编码"), read=cells.code, heading=True, needed=True
        ),
        Column(
            key="name",
            word="名称",
            also=("名字", "区域名称"),
            read=cells.name(64),
            heading=True,
            needed=True,
        ),
        Column(
            key="level", word="级别", also=("层级", "等级"), read=cells.words(LEVELS, _MORE), heading=True, needed=True
        ),
        Column(key="parent", word="上级", also=("上级代码", "上一级"), read=cells.code),
        Column(key="aliases", word="别名", also=("alias", "叫法", "俗称"), read=cells.names(64), many=True),
    )

    def label(self, row: Cells) -> str:
        return f"{row['code']} {row['name']}"

    def stands(self, standing: Standing) -> Mapping[Key, Cells]:
        """From the top down."""
        aliases: dict[int, list[str]] = {}
        for row in standing.rows.aliases:
            if items(row.alias) == [row.alias]:  # what looks like a list has its place in the sheet of aliases
                aliases.setdefault(row.area_id, []).append(row.alias)
        areas = sorted(standing.rows.areas, key=lambda area: (_RANK.get(LEVELS.get(area.level, ""), 9), area.code))
        return {
            (area.code,): {
                "code": area.code,
                "name": area.name,
                "level": LEVELS.get(area.level, area.level),
                "parent": standing.area_codes[area.parent_id],
                "aliases": joined(aliases.get(area.id, ())),
            }
            for area in areas
        }

    def check(self, lines: Lines, standing: Standing) -> Iterator[tuple[Key, str]]:
        final = {key: (row["level"], row["parent"]) for key, row in self.stands(standing).items()}
        final |= {key: (line.new["level"], line.new["parent"]) for key, line in lines.items()}
        for key in lines:
            if complaint := _misplaced(key, final):
                yield key, complaint
        for key, (level, parent) in final.items():
            if key not in lines and (parent,) in lines and _RANK[final[parent,][0]] >= _RANK.get(level, 9):
                yield (parent,), f"它下面还有 {key[0]}（{level}），级别不能是“{final[parent,][0]}”"

    def changes(self, lines: Sequence[Line], standing: Standing) -> Changes:
        return Changes(
            areas=tuple(_area(line, standing) for line in lines if _but_aliases(line.old) != _but_aliases(line.new)),
            aliases=tuple(
                AliasChange(area=line.key[0], alias=alias, stands_for="")
                for line in lines
                for alias in items(line.new["aliases"])
                if alias not in items(line.base.get("aliases", ""))
            ),
        )


def _misplaced(key: Key, final: Mapping[Key, tuple[str, str]]) -> str | None:
    """Why an area cannot hang where it hangs; `final`: level and parent of every area."""
    level, parent = final[key]
    if not parent:
        return None
    if (parent,) not in final:
        return f"没有上级“{quoted(parent, code=True)}”，请先加上它，或检查代码"
    way = [key[0]]
    while parent and (parent,) in final and parent not in way:
        way.append(parent)
        parent = final[parent,][1]
    if parent == key[0]:
        return f"上级绕成了一圈：{' → '.join([*way, parent][:6])}"
    above = final[way[1],][0]
    if _RANK.get(above, 9) >= _RANK[level]:
        return f"上级“{way[1]}”是{above}，管不了{level}，请检查级别和上级"
    return None


def _but_aliases(row: Cells | None) -> Cells | None:
    return row and {key: text for key, text in row.items() if key != "aliases"}


def _area(line: Line, standing: Standing) -> AreaChange:
    known = standing.areas.get(line.key[0])
    return AreaChange(
        id=known.id if known else None,
        code=line.new["code"],
        name=line.new["name"],
        level=_CODES[line.new["level"]],
        parent=line.new["parent"] or None,
    )
