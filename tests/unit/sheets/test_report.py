"""What an import says: counts, the first changes field by field, everything that was refused."""

from __future__ import annotations

from bot.cli.sheets.kinds import SHEETS
from bot.cli.sheets.report import refusals, summary
from bot.cli.sheets.standing import Standing
from storage.records import AreaRow, DirectoryRows
from tests.unit.sheets.standings import ROWS, planned

HEAD = "代码,名称,级别\n"


def many(count: int) -> Standing:
    areas = tuple(
        AreaRow(id=n, code=f"g{n:03}", name=f"旧{n}", level="grid", parent_id=None) for n in range(1, count + 1)
    )
    rows = {"aliases": (), "units": (), "persons": (), "roles": (), "duties": (), "chats": (), "identities": ()}
    return Standing(DirectoryRows(version=1, areas=areas, **rows))


def test_the_first_twenty_changes_are_shown_and_the_rest_counted() -> None:
    text = HEAD + "".join(f"g{n:03},新{n},网格\n" for n in range(1, 26))
    told = list(summary(SHEETS["areas"], planned("areas", text, many(30))))
    assert told[0] == "新增 0 行，改动 25 行，不变 0 行，没通过 0 行。"
    assert told[1] == "  第 2 行 g001 新1：名称 旧1 → 新1"
    assert [line.startswith("  第 ") for line in told].count(True) == 20
    assert told[-2:] == ["  …… 还有 5 行改动没有列出", "库里还有 5 行不在文件里，没有动。"]


def test_every_refused_row_is_told() -> None:
    text = HEAD + "".join(f"x{n},甲,网哥\n" for n in range(150))
    plan = planned("areas", text)
    told = list(refusals(plan.refused))
    assert len(told) == 150
    assert told[0] == "第 2 行：级别不能是“网哥”，是不是想写 网格"
    assert told[-1].startswith("第 151 行")


def test_what_is_besides_is_told_besides() -> None:
    """Repeated rows, members and rooms of the web chat; an empty cell has a word of its own."""
    text = "编号,姓名,电话,角色,区域\nwang,王芳,无,网格员,dg1\nli,李梅,,网格员,dg1\nli,李梅,,网格员,dg1\n"
    told = "\n".join(summary(SHEETS["people"], planned("people", text)))
    assert "电话 138****00 → （空）" in told
    assert "另有 1 行和前面的行完全一样" in told
    assert "有 1 位成员要加上或改动" in told
    assert "库里还有 1 行不在文件里" in told
    assert len(ROWS.roles) == 2
    rooms = planned("chats", "账号,编号,群名,类型,区域\nwebchat:main,g2,二网格,居民群,dg2\n")
    assert "有 1 个群要建、改名或加成员" in "\n".join(summary(SHEETS["chats"], rooms))
