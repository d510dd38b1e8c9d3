"""gridbridge rules eval: figures of the rules on labelled sentences, and where they were wrong."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.numbers import whole
from bot.cli.rules.chosen import add_rules, add_samples, classifier_of, samples_of
from bot.cli.screen import screen
from bot.cli.words import TIERS
from bot.errors import ConfigError
from classifiers.confusion import ClassFigures, Tally, by_category, tally_topics
from classifiers.evaluate import Figures, Judged, figures, judge, right_at_all
from classifiers.rules import RuleError
from classifiers.topics import Topics

_NAMES = {
    "rows": "句子", "cases": "其中事件", "precision": "判为事件的对几成（精确率）", "recall": "事件找到几成（召回率）",
    "f1": "事件 F1", "non_cases_called_case": "不是事件的误判", "hard_negatives_called_case": "易混的误判",
    "category_right": "类别对（占全部事件）", "category_right_of_found": "类别对（占找到的）",
    "emergency_precision": "特急：精确率", "emergency_recall": "特急：召回率", "place_overlap": "地点对上",
    "gate_passed": "有触发词", "card": "出卡片", "card_or_list": "出卡片或进清单", "card_precision": "卡片里真是事件的",
    "sure_and_right": "把握九成以上的对几成",
}  # fmt: skip
_MOST = 1000


def register(groups: Any) -> None:
    parser = groups.add_parser(
        "eval",
        help="拿标好的句子打分",
        description="拿标好的句子给规则打分：总的、每一类的、哪些类容易混，再列出判错的句子和起作用的词。",
    )
    add_samples(parser)
    parser.options.add_argument(
        "--wrong", type=whole(0, _MOST, what="句数"), default=20, metavar="N", help="列出几句判错的（默认 20）"
    )
    parser.options.add_argument("--label", metavar="列", help="给这一列标签打分，和 --topics 一起用")
    parser.options.add_argument("--topics", type=Path, metavar="文件", help="rules learn --label 写的文件")
    add_rules(parser)
    parser.set_defaults(command=_evaluate)


def _evaluate(arguments: argparse.Namespace) -> int:
    if (arguments.label is None) != (arguments.topics is None):
        raise ConfigError("--label 和 --topics 要一起写：一个说哪一列，一个说用哪个文件")
    classifier = classifier_of(arguments)
    samples = samples_of(arguments, arguments.label)
    console = screen()
    if arguments.topics:
        try:
            topics = Topics.load(arguments.topics, classifier.lexicon)
        except RuleError as error:
            raise ConfigError(str(error)) from error
        _print_classes(console, tally_topics(topics, samples), {})
        return 0
    judged = judge(classifier, samples)
    names = {code: category.name for code, category in classifier.categories.items()}
    _print_figures(console, figures(judged, classifier))
    _print_classes(console, by_category(judged), names)
    _print_wrong(console, judged, names, arguments.wrong)
    return 0


def _print_figures(console: Console, found: Figures) -> None:
    table = Table(show_header=False)
    for field in fields(found):
        value = getattr(found, field.name)
        if value is not None:
            table.add_row(_NAMES[field.name], f"{value:.2%}" if isinstance(value, float) else str(value))
    console.print(table)


def _print_classes(console: Console, tally: Tally, names: Mapping[str, str]) -> None:
    if not tally.classes:
        return
    table = Table(title=f"每一类（各类 F1 平均 {tally.macro_f1:.3f}）", title_justify="left")
    for heading in ("类", "有", "判成它", "精确率", "召回率", "F1"):
        table.add_column(heading)
    for code, one in tally.classes.items():
        table.add_row(names.get(code, code), str(one.held), str(one.said), *_shares(one))
    console.print(table)
    for (true, said), count in tally.confused[:10]:
        console.print(f"容易混：{names.get(true, true)} 判成 {names.get(said, said)}，{count} 次", markup=False)


def _shares(one: ClassFigures) -> Iterable[str]:
    return ("-" if value is None else f"{value:.3f}" for value in (one.precision, one.recall, one.f1))


def _print_wrong(console: Console, judged: Sequence[Judged], names: Mapping[str, str], most: int) -> None:
    known = [one for one in judged if one[0].is_case is not None and not (one[0].is_case and one[0].category is None)]
    wrong = sorted((one for one in known if not right_at_all(*one)), key=lambda one: -one[1].confidence)
    if not wrong or not most:
        return
    console.print(f"判错 {len(wrong)} 句，最有把握的 {min(most, len(wrong))} 句：", markup=False)
    tiers = Counter(verdict.tier for _, verdict in wrong)
    console.print("，".join(f"{TIERS[tier]} {count}" for tier, count in tiers.items()), markup=False)
    for sample, verdict in wrong[:most]:
        true = names.get(sample.category or "", "") if sample.is_case else "不是事件"
        said = names.get(verdict.category or "", "不是事件")
        words = " ".join(f"{match.word}{match.weight:+.1f}" for match in verdict.matched[:6])
        console.print(Text(f"  {sample.text[:80]}\n    应是 {true}，判成 {said}（{verdict.confidence:.0%}） {words}"))
