"""gridbridge rules explain: why a sentence is understood as it is, step by step."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from typing import Any

from rich.text import Text

from bot.cli.rules.chosen import add_rules, classifier_of
from bot.cli.screen import screen
from bot.cli.words import INTENTS, TIERS, URGENCIES
from classifiers.explain import Explanation, explain
from classifiers.verdict import Match

_SHOWN = 8
_SECRECY = {
    "none": "不保密", "private": "隐私", "missing": "走失", "violence": "家暴", "staff": "投诉干部",
}  # fmt: skip


def register(groups: Any) -> None:
    parser = groups.add_parser(
        "explain",
        help="一句话为什么这样判",
        description="把一句话怎么判出来的，一步一步说清楚：绿的是加分，红的是减分。",
    )
    parser.inputs.add_argument("text", metavar="话", help="要看的那句话，用引号括起来")
    parser.options.add_argument("--worker", action="store_true", help="当作工作人员说的")
    add_rules(parser)
    parser.set_defaults(command=_explain)


def _explain(arguments: argparse.Namespace) -> int:
    classifier = classifier_of(arguments)
    told = explain(classifier, arguments.text, sender="worker" if arguments.worker else "resident")
    names = {code: category.name for code, category in classifier.categories.items()}
    console = screen()
    for line in _lines(told, names):
        console.print(line)
    return 0


def _lines(told: Explanation, names: dict[str, str]) -> Iterator[Text]:
    yield _step("1 统一写法", told.plain)
    yield _step("2 触发词", "、".join(told.anchors) or "没有：到此为止，什么规则都不看")
    if not told.anchors:
        yield _step("结论", f"不是事件（{INTENTS[told.verdict.intent]}）")
        return
    yield _step("3 词", " / ".join(told.words))
    yield _step("4 样子", "、".join(told.signs) or "没有特别的")
    yield _step("5 像什么意图", INTENTS[told.intent])
    yield _step("6 手写规则", f"共 {told.points:+.1f} 分")
    for code, points, matches in told.hand[:_SHOWN]:
        yield _step(f"    {names.get(code, code)}", f"{points:+.1f} 分", matches)
    if told.learned:
        yield _step("7 学来的词", "", told.learned[: 2 * _SHOWN])
    yield _step("8 是事件的把握", f"{told.likelihood:.0%}（{told.thresholds}）")
    for code, share, matches in told.categories[:3]:
        yield _step(f"    {names.get(code, code)}", f"{share:.0%}", matches)
    yield _step("9 地点", told.verdict.place or "没说")
    yield _step("结论", _conclusion(told, names), style="bold")


def _conclusion(told: Explanation, names: dict[str, str]) -> str:
    verdict = told.verdict
    if verdict.category is None or verdict.urgency is None:
        return f"不是事件（{INTENTS[verdict.intent]}）"
    return "，".join((
        TIERS[verdict.tier], names[verdict.category], URGENCIES[verdict.urgency], _SECRECY[verdict.sensitive],
    ))  # fmt: skip


def _step(name: str, text: str, matches: Iterable[Match] = (), style: str = "") -> Text:
    line = Text.assemble((f"{name}  ", "cyan"), (text, style))
    for match in matches:
        line.append(f"  {match.word}{match.weight:+.1f}", "green" if match.weight > 0 else "red")
    return line
