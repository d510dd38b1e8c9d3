"""The sheet of aliases: what people call places inside an area."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.cli.sheets import cells
from bot.cli.sheets.columns import Cells, Column
from bot.cli.sheets.sheet import Key, Line, Lines, Sheet
from bot.cli.sheets.standing import Standing
from storage.records.changes import AliasChange, Changes


class AliasSheet(Sheet):
    name, word, thing = "aliases", "别名", "区域的同一个别名"
    keys = ("area", "alias")
    columns = (
        Column(key="area", word="区域", also=("区域代码", "网格代码"), read=cells.code, heading=True, needed=True),
        Column(key="alias", word="别名", also=("叫法", "俗称"), read=cells.name(64), heading=True, needed=True),
        Column(key="stands_for", word="指的是", also=("stands for", "实际位置", "位置"), read=cells.name(128)),
    )

    def label(self, row: Cells) -> str:
        return f"{row['area']} {row['alias']}"

    def stands(self, standing: Standing) -> Mapping[Key, Cells]:
        codes = standing.area_codes
        rows = sorted((codes[row.area_id], row.alias, row.stands_for) for row in standing.rows.aliases)
        return {
            (area, alias): {"area": area, "alias": alias, "stands_for": stands_for} for area, alias, stands_for in rows
        }

    def check(self, lines: Lines, standing: Standing) -> Iterator[tuple[Key, str]]:
        for key in lines:
            if key[0] not in standing.areas:
                yield key, standing.no_area(key[0])

    def changes(self, lines: Sequence[Line], standing: Standing) -> Changes:
        return Changes(
            aliases=tuple(
                AliasChange(area=line.key[0], alias=line.key[1], stands_for=line.new["stands_for"])
                for line in lines
                if line.old != line.new
            )
        )
