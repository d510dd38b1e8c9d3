"""What an import has done or would do, in words. Pure; phones are masked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from bot.cli.sheets.plan import Plan, differences
from bot.cli.sheets.sheet import Line, Sheet
from bot.cli.sheets.table import Refused

_SHOWN: Final = 20  # changed rows; the rest is counted


def summary(sheet: Sheet, plan: Plan) -> Iterator[str]:
    """Line by line."""
    new, changed, refused = len(plan.new), len(plan.changed), len(plan.refused)
    yield f"新增 {new} 行，改动 {changed} 行，不变 {plan.unchanged} 行，没通过 {refused} 行。"
    yield from _changed(sheet, plan)
    if plan.repeated:
        yield f"另有 {plan.repeated} 行和前面的行完全一样，当作一行。"
    if plan.members:
        yield f"网页群聊里有 {len(plan.members)} 位成员要加上或改动。"
    if plan.rooms:
        yield f"网页群聊里有 {len(plan.rooms)} 个群要建、改名或加成员。"
    if plan.left:
        yield f"库里还有 {plan.left} 行不在文件里，没有动。"


def _changed(sheet: Sheet, plan: Plan) -> Iterator[str]:
    """New rows too, where they change what was known before: a known person's phone beside his new role."""
    told = [(line, text) for line in (*plan.changed, *plan.new) if (text := _difference(sheet, line))]
    for line, text in told[:_SHOWN]:
        yield f"  第 {line.row.line} 行 {sheet.label(line.new)}：{text}"
    if len(told) > _SHOWN:
        yield f"  …… 还有 {len(told) - _SHOWN} 行改动没有列出"


def _difference(sheet: Sheet, line: Line) -> str:
    return "；".join(
        f"{column.word} {column.shown(old)} → {column.shown(new)}" for column, old, new in differences(sheet, line)
    )


def refusals(refused: Sequence[Refused]) -> Iterator[str]:
    """Every one of them."""
    for one in refused:
        yield f"第 {one.line} 行：{one.reason}"
