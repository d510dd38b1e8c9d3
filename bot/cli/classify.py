"""gridbridge classify."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.lines import Line, read_lines
from bot.config import ClassifierConfig, load
from bot.errors import ConfigError
from classifiers.keyword import Classifier
from classifiers.rules import RuleError
from classifiers.verdict import Intent, Sensitivity, Tier, Urgency, Verdict

_EPILOG = """\
例子：
  echo 3号楼前的路灯不亮了 | gridbridge classify -
  gridbridge classify 聊天记录.txt                 每行一句，出一张表
  gridbridge classify 聊天记录.txt --json          每行一个 JSON，顺序不变
  gridbridge classify 样本.jsonl --json            每行 {"id": …, "text": …, "sender": "resident 或 worker"}

这里看的是规则本身：不存任何东西，也不连任何群。
"""
_TIERS = {Tier.CARD: "弹卡片", Tier.LIST: "进清单", Tier.NONE: "不理会"}
_TIER_STYLES = {Tier.CARD: "bold green", Tier.LIST: "yellow", Tier.NONE: "dim"}
_URGENCIES = {Urgency.EMERGENCY: "紧急", Urgency.URGENT: "加急", Urgency.NORMAL: "一般"}
_INTENTS = {
    Intent.REPORT: "要办的事，但把握不够",
    Intent.CHATTER: "闲聊",
    Intent.THANKS: "道谢",
    Intent.NOTICE: "通知",
    Intent.ADVERT: "广告",
    Intent.FORWARD: "转发",
    Intent.SIGNUP: "接龙",
    Intent.ANSWER: "回答",
    Intent.RESOLVED: "已经好了",
}
_PLAIN_WIDTH = 160  # columns where the output is no terminal
_Row = tuple[Line, Verdict]


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "classify", help="看一句话会不会被当成事件", description="逐行判断文字，列出依据。", epilog=_EPILOG
    )
    parser.inputs.add_argument("file", metavar="文件", help="UTF-8 文本或 JSONL；- 表示从标准输入读")
    parser.options.add_argument("--json", action="store_true", help="输出 JSONL，给程序用")
    parser.options.add_argument("--config", type=Path, metavar="文件", help="用这份配置里的规则（默认用自带的规则）")
    parser.options.add_argument("--rules", type=Path, metavar="文件夹", help="用这个文件夹里的规则")
    parser.set_defaults(command=_classify)


def load_classifier(config: ClassifierConfig) -> Classifier:
    """Raises ConfigError when a rule file is wrong."""
    try:
        return Classifier.load(config.rules, full_dictionary=config.full_dictionary)
    except RuleError as error:
        raise ConfigError(f"分类规则有误：{error}") from error


def _classify(arguments: argparse.Namespace) -> int:
    chosen = load(arguments.config).classifier if arguments.config else ClassifierConfig()
    if arguments.rules:
        chosen = ClassifierConfig(rules=arguments.rules, full_dictionary=chosen.full_dictionary)
    classifier = load_classifier(chosen)
    rows = ((line, classifier.classify(line.text, sender=line.sender)) for line in read_lines(arguments.file))
    if arguments.json:
        _print_json(rows)
    else:
        _print_table(rows, lambda code: classifier.categories[code].name)
    return 0


def _print_json(rows: Iterable[_Row]) -> None:
    """One object a line, written as it is known; UTF-8 whatever the terminal's language is."""
    for line, verdict in rows:
        sys.stdout.buffer.write(json.dumps(as_json(line, verdict), ensure_ascii=False).encode() + b"\n")
        sys.stdout.buffer.flush()


def as_json(line: Line, verdict: Verdict) -> dict[str, Any]:
    """The public form of a verdict."""
    return {
        "id": line.id,
        "text": line.text,
        "is_case": verdict.is_case,
        "tier": verdict.tier,
        "intent": verdict.intent,
        "category": verdict.category,
        "urgency": verdict.urgency,
        "sensitive": verdict.sensitive,
        "place": verdict.place,
        "confidence": verdict.confidence,
        "matched": [match.word for match in verdict.matched],
    }


def _print_table(rows: Iterable[_Row], name_of: Callable[[str], str]) -> None:
    table = Table(title_justify="left", header_style="bold")
    for heading in ("原话", "结果", "类别", "缓急", "地点", "把握", "依据"):
        table.add_column(heading, overflow="fold", ratio=3 if heading in {"原话", "依据"} else None)
    total = found = 0
    for line, verdict in rows:
        total, found = total + 1, found + verdict.is_case
        table.add_row(*_cells(line, verdict, name_of))
    console = Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
    console.print(table)
    console.print(f"共 {total} 句，其中 {found} 句当作事件。")


def _cells(line: Line, verdict: Verdict, name_of: Callable[[str], str]) -> list[Text]:
    """Plain texts: what somebody wrote must not be read as rich's markup."""
    category = name_of(verdict.category) if verdict.category else f"（{_INTENTS[verdict.intent]}）"
    hidden = "" if verdict.sensitive is Sensitivity.NONE else "（保密）"
    return [
        Text(line.text),
        Text(_TIERS[verdict.tier], style=_TIER_STYLES[verdict.tier]),
        Text(category + hidden),
        Text(_URGENCIES[verdict.urgency] if verdict.urgency else ""),
        Text(verdict.place or ""),
        Text(f"{verdict.confidence:.0%}" if verdict.is_case else ""),
        Text("、".join(match.word for match in verdict.matched)),
    ]
