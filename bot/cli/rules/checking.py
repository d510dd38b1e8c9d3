"""gridbridge rules check."""

from __future__ import annotations

import argparse
from typing import Any

from bot.cli.rules.chosen import add_rules, classifier_of
from bot.cli.screen import screen
from classifiers.keyword import Classifier
from classifiers.lint import remarks


def register(groups: Any) -> None:
    parser = groups.add_parser(
        "check", help="查规则文件", description="读一遍规则：写错的说出哪个文件、哪一行、怎么改；没错但可疑的也说一声。"
    )
    add_rules(parser)
    parser.set_defaults(command=_check)


def _check(arguments: argparse.Namespace) -> int:
    classifier = classifier_of(arguments)
    console = screen()
    for remark in remarks(classifier.rules):
        console.print(f"可疑：{remark}", markup=False)
    console.print(_counted(classifier), markup=False)
    return 0


def _counted(classifier: Classifier) -> str:
    rules = classifier.rules
    learned = sum(len(one.words) for weights in rules.learned.values() for one in weights.classes.values())
    return (
        f"规则读得懂：{len(rules.categories)} 类，{len(classifier.anchors())} 个触发词，"
        f"{len(rules.words())} 个手写的词，{learned} 个学来的分数。"
    )
