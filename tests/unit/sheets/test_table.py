"""Header and rows: any order, any of three separators, each mistake with its line."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.formulas import armed, armless
from bot.cli.sheets.kinds import SHEETS
from bot.cli.sheets.table import Refused, read_rows, read_table, refused_table, write_table
from bot.errors import GridbridgeError

AREAS = SHEETS["areas"].columns
ROW = {"code": "dg1", "name": "东关一网格", "level": "网格", "parent": "dg", "aliases": None}


@pytest.mark.parametrize(
    "text",
    [
        "代码,名称,级别,上级\ndg1,东关一网格,网格,dg\n",
        "\n\n代码,名称,级别,上级\r\n\r\ndg1,东关一网格,网格,dg\r\n,,,\r\n",
        "级别;上级;名称;代码\n网格;dg;东关一网格;dg1\n",
        "Code\tNAME\tLevel\tparent\ndg1\t东关一网格\tgrid\tdg\n",
        '"代码","名 称","级别*","上级","",""\n" dg1 ","东关一网格","网格","dg","",""\n',
        "代码,名称,级别,上级,别名\ndg1,东关一网格,ｇｒｉｄ,dg,\n",
    ],
)
def test_the_same_row_in_many_dresses(text: str) -> None:
    """Blank lines, order of columns, separators, languages, spaces, stars, empty cells at the end do not matter."""
    rows, refused = read_rows(read_table(text, AREAS), AREAS)
    assert (refused, [dict(row.given) for row in rows]) == ([], [ROW])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("是空的", "代码、名称、级别、上级、别名")),
        ("代码,名称,级別\n", ("第 1 行", "级別", "是不是想写 级别")),
        ("代码,名称,级别,身份证号\n", ("“身份证号”", "删掉", "可以有的列")),
        ("代码,名称\n", ("缺少列：级别",)),
        ("\n代码,名称,级别,code\n", ("第 2 行", "“代码”", "只留一列")),
        ("网格花名册\n代码,名称,级别\n", ("第 1 行", "“网格花名册”")),
        ('代码,名称,级别\ndg1,"东关,网格\ndg2,西关,网格\n', ("第 2 行起的引号",)),
        ("代码,名称,级别\ndg1," + "长" * 200_000 + ",网格\n", ("第 2 行起", "太长")),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(GridbridgeError) as refused:
        read_table(text, AREAS)
    assert all(word in str(refused.value) for word in words), refused.value


def test_shifted_rows_are_refused_with_line_and_reason() -> None:
    """More or fewer cells than the header, a level that is none; a cell of two lines does not confuse the count."""
    text = (
        "代码,名称,级别,上级\n"
        "dg1,东关一网格,网格\n"
        "dg2,东关二网格,网格,dg,多\n"
        '"x","两\n行",网格,dg\n'
        "dg3,网格,东关三网格,dg\n"
        "dg4,13800138000,网格,dg\n"
        ",无名,网格,dg\n"
    )
    rows, refused = read_rows(read_table(text, AREAS), AREAS)
    told = {one.line: one.reason for one in refused}
    assert rows == []
    assert list(told) == [2, 3, 4, 6, 7, 8]
    assert "有 3 格，表头有 4 格，少了" in told[2]
    assert "有 5 格，表头有 4 格，多了" in told[3]
    assert "换行或控制字符" in told[4]
    assert "级别不能是“东关三网格”" in told[6]
    assert "列错位" in told[7]
    assert "13800138000" not in told[7]
    assert told[8] == "代码空着，请补上"


def test_progress_counts_every_row() -> None:
    text = "代码,名称,级别\n" + "".join(f"g{n},网格{n}号,网格\n" for n in range(1203))
    seen: list[int] = []
    read_rows(read_table(text, AREAS), AREAS, seen.append)
    assert sum(seen) == 1203


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12))
def test_formulas_are_defused_and_come_back(text: str) -> None:
    """No cell we write starts a formula, and taking the apostrophe off gives what was there."""
    assert armless(armed(text)) == text
    assert not armed(text).startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("text", ["", " ", "3-4号楼", "灯=坏", "'引号"])
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert armed(text) == text


@pytest.mark.parametrize("text", ["=1+1", " =1+1", "＝1", "\t字", "\r字", "'=1"])
def test_what_a_spreadsheet_would_run_or_cut_is_text(text: str) -> None:
    assert armed(text) == f"'{text}"


def test_refused_rows_can_be_corrected_and_imported_again() -> None:
    """The reason stands in front, the cells as they were, formulas defused; the file itself is a file to import."""
    text = "代码,名称,级别,上级\r\n=1+1,甲,网哥,dg\r\ndg2,乙\r\n"
    table = read_table(text, AREAS)
    _, refused = read_rows(table, AREAS)
    first = refused_table(table, refused)
    assert list(csv.reader(io.StringIO(first))) == [
        ["原因", "代码", "名称", "级别", "上级"],
        [f"原第 2 行：{refused[0].reason}", "'=1+1", "甲", "网哥", "dg"],
        [f"原第 3 行：{refused[1].reason}", "dg2", "乙"],
    ]
    again = read_table(first.replace("网哥", "网格"), AREAS)
    rows, still = read_rows(again, AREAS)
    assert [row.given["code"] for row in rows] == ["=1+1"]
    assert [row[1:] for row in csv.reader(io.StringIO(refused_table(again, still)))] == [
        ["代码", "名称", "级别", "上级"],
        ["dg2", "乙"],
    ]


def test_our_own_files_end_lines_as_excel_does() -> None:
    assert write_table(["代码", "名称"], [["-1", "a,b"]]) == '代码,名称\r\n\'-1,"a,b"\r\n'
    assert refused_table(read_table("代码,名称,级别\n", AREAS), [Refused(1, "x")][:0]) == "原因,代码,名称,级别\r\n"
