"""Areas and their aliases against what stands: what is new, what changes, what cannot be."""

from __future__ import annotations

import itertools

import pytest

from bot.cli.sheets.kinds import SHEETS
from bot.cli.sheets.plan import differences
from bot.cli.sheets.standing import Standing
from storage.records.changes import AliasChange, AreaChange
from tests.unit.sheets.standings import planned, reasons

HEAD = "代码,名称,级别,上级,别名\n"
FOUR = ("lh,柳河镇,镇街,,", "dg,东关社区,村社区,lh,", "dg1,东关一网格,网格,dg,平安里", "dg2,东关二网格,网格,dg,")


@pytest.mark.parametrize("order", list(itertools.permutations(FOUR))[::5])
def test_rows_come_in_any_order(order: tuple[str, ...]) -> None:
    """Into an empty directory all are new; over what stands nothing is to be done, and nothing is left over."""
    text = HEAD + "\n".join(order)
    first = planned("areas", text, Standing())
    assert (len(first.new), first.refused, len(first.changes.areas)) == (4, (), 4)
    again = planned("areas", text)
    assert (again.new, again.changed, again.unchanged, again.left) == ((), (), 4, 0)
    assert len(again.changes) == 0


def test_a_change_is_told_field_by_field() -> None:
    """Blank cells and absent columns leave what stands; aliases are added; what is not in the file is counted."""
    plan = planned("areas", "代码,名称,级别,别名\ndg1,平安网格,网格,\ndg2,东关二网格,网格,新村\n")
    sheet = SHEETS["areas"]
    told = {line.key[0]: [(c.word, old, new) for c, old, new in differences(sheet, line)] for line in plan.changed}
    assert told == {"dg1": [("名称", "东关一网格", "平安网格")], "dg2": [("别名", "", "新村")]}
    assert plan.left == 2
    assert plan.changes.areas == (AreaChange(id=3, code="dg1", name="平安网格", level="grid", parent="dg"),)
    assert plan.changes.aliases == (AliasChange(area="dg2", alias="新村", stands_for=""),)


def test_an_alias_that_stands_for_something_keeps_it() -> None:
    plan = planned("areas", HEAD + "dg1,东关一网格,网格,dg,老油坊、平安里\n")
    assert (plan.unchanged, len(plan.changes)) == (1, 0)


def test_nothing_written_out_clears_the_parent() -> None:
    plan = planned("areas", HEAD + "dg1,东关一网格,网格,无,\n")
    assert [area.parent for area in plan.changes.areas] == [None]


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        (["x1,甲,网格,nowhere,"], {2: "没有上级“nowhere”"}),
        (["x1,甲,镇街,dg,"], {2: "上级“dg”是村社区，管不了镇街"}),
        (["x1,甲,网格,dg1,"], {2: "上级“dg1”是网格，管不了网格"}),
        (["a,甲,镇街,b,", "b,乙,村社区,a,"], {2: "绕成了一圈：a → b → a", 3: "绕成了一圈：b → a → b"}),
        (["a,甲,村社区,a,"], {2: "绕成了一圈：a → a"}),
        (["dg,东关社区,网格,lh,"], {2: "它下面还有 dg"}),
        (["a,甲,网格,b,", "b,乙,网哥,lh,"], {3: "级别不能是", 2: "没有上级“b”"}),
        (["a,甲,网格,b,", "b,乙,村社区,c,"], {3: "没有上级“c”", 2: "没有上级“b”"}),
        (["a,甲,网格,dg,", "b,乙,网格,dg,", "a,丙,网格,dg,"], {2: "和第 4 行是同一个代码", 4: "和第 2 行是同一个代码"}),
        (["a,甲,网格,dg,", "a,甲,网格,dg,", "a,甲,村社区,lh,"], {2: "第 4 行", 3: "第 4 行", 4: "第 2 行"}),
    ],
)
def test_what_cannot_be_is_refused_by_line(rows: list[str], refused: dict[int, str]) -> None:
    """Nothing stays that leans on a refused row."""
    told = reasons("areas", HEAD + "\n".join(rows))
    assert told.keys() == refused.keys()
    for line, words in refused.items():
        assert words in told[line]


def test_a_level_may_move_when_all_below_moves_along() -> None:
    text = HEAD + "dg,东关社区,镇街,无,\ndg1,东关一网格,村社区,dg,\ndg2,东关二网格,村社区,dg,\n"
    plan = planned("areas", text)
    assert (plan.refused, len(plan.changed)) == ((), 3)


def test_a_repeated_row_is_one() -> None:
    plan = planned("areas", HEAD + "a,甲,网格,dg,\na,甲,网格,dg,\n")
    assert (len(plan.new), plan.repeated, plan.refused) == (1, 1, ())


def test_a_long_chain_of_mistakes_ends() -> None:
    """Each row hangs below the next, the last below nothing: all fall, the file is told of every one."""
    text = HEAD + "".join(f"v{n},某{n}村,村社区,t{n},\nt{n},某{n}镇,镇街,c{n},\n" for n in range(300))
    assert len(reasons("areas", text)) == 600


def test_aliases() -> None:
    """New, changed, kept, unknown area; the hint helps who wrote a name instead of a code."""
    text = "区域,别名,指的是\ndg2,槐荫里,\ndg1,老油坊,西街\ndg1,平安里,\n东关一网格,新村,\nnowhere,新村,\n"
    plan = planned("aliases", text)
    assert [line.key for line in plan.new] == [("dg2", "槐荫里")]
    assert plan.changes.aliases == (
        AliasChange(area="dg2", alias="槐荫里", stands_for=""),
        AliasChange(area="dg1", alias="老油坊", stands_for="西街"),
    )
    assert (plan.unchanged, plan.left) == (1, 0)
    told = {one.line: one.reason for one in plan.refused}
    assert told[5] == "没有区域“东关一网格”，叫这个名字的，代码是 dg1"
    assert told[6] == "没有区域“nowhere”，请先加上它，或检查代码"
    assert planned("aliases", "区域,别名,指的是\ndg1,老油坊,无\n").changes.aliases[0].stands_for == ""
