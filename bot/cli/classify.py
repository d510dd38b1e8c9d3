"""gridbridge classify."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from bot.cli.lines import Line, read_lines
from bot.cli.numbers import whole
from bot.cli.progress import progress
from bot.cli.verdicts import Row, json_line, print_lines, print_table
from bot.cli.workers import Workers
from bot.config import ClassifierConfig, LimitsConfig, load
from bot.errors import ConfigError
from classifiers.keyword import Classifier
from classifiers.rules import RuleError, RuleSet, load_rules

_EPILOG = """\
例子：
  echo 3号楼前的路灯不亮了 | gridbridge classify -
  gridbridge classify 聊天记录.txt                 每行一句，出一张表
  gridbridge classify 聊天记录.txt --json          每行一个 JSON，顺序不变
  gridbridge classify 样本.jsonl --json            每行 {"id": …, "text": …, "sender": "resident 或 worker"}
  gridbridge classify 一年的记录.txt --json -j 4   四个进程一起算，适合大文件；一句一句来的管道用一个就好

文件可以是 UTF-8、带标记的 UTF-16 或 GBK（记事本存的也行）。太长的话和运行时一样，只看前面的 4000 字。
这里看的是规则本身：不存任何东西，也不连任何群。
"""
R = TypeVar("R")
_MOST = 64
_STEP = 100  # lines between two looks at the counter


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "classify", help="看一句话会不会被当成事件", description="逐行判断文字，列出依据。", epilog=_EPILOG
    )
    parser.inputs.add_argument("file", metavar="文件", help="文本（每行一句）或 JSONL；- 表示从标准输入读")
    parser.options.add_argument("--json", action="store_true", help="输出 JSONL，给程序用")
    parser.options.add_argument(
        "-j", type=whole(1, _MOST, what="进程数"), default=1, metavar="N", help=f"用几个进程，1 到 {_MOST}（默认 1）"
    )
    parser.options.add_argument("--config", type=Path, metavar="文件", help="用这份配置里的规则（默认用自带的规则）")
    parser.options.add_argument("--rules", type=Path, metavar="文件夹", help="用这个文件夹里的规则")
    parser.set_defaults(command=_classify)


def load_classifier(config: ClassifierConfig) -> Classifier:
    """Raises ConfigError when a rule file is wrong."""
    try:
        return Classifier.load(config.rules, full_dictionary=config.full_dictionary)
    except RuleError as error:
        raise _wrong(error) from error


def _classify(arguments: argparse.Namespace) -> int:
    config = load(arguments.config) if arguments.config else None
    chosen, limits = (config.classifier, config.limits) if config else (ClassifierConfig(), LimitsConfig())
    if arguments.rules:
        chosen = ClassifierConfig(rules=arguments.rules, full_dictionary=chosen.full_dictionary)
    names = {code: category.name for code, category in _rules(chosen).categories.items()}
    lines, several = read_lines(arguments.file), arguments.j
    if arguments.json:
        with _results(lines, several, judge_as_json, chosen, limits.max_text) as found:
            print_lines(found)
    else:
        with _results(lines, several, judge, chosen, limits.max_text) as rows:
            print_table(rows, names)
    return 0


def judge(config: ClassifierConfig, max_text: int) -> Callable[[Line], Row]:
    """As the running program does it: a text that is too long is judged by its beginning."""
    classify = load_classifier(config).classify
    return lambda line: (line, classify(line.text[:max_text], sender=line.sender))


def judge_as_json(config: ClassifierConfig, max_text: int) -> Callable[[Line], bytes]:
    """Already in the form in which it goes out: bytes cost a process less to hand over than a verdict."""
    judged = judge(config, max_text)
    return lambda line: json_line(*judged(line))


@contextmanager
def _results(
    lines: Iterator[Line],
    count: int,
    start: Callable[[ClassifierConfig, int], Callable[[Line], R]],
    config: ClassifierConfig,
    max_text: int,
) -> Iterator[Iterator[R]]:
    """In the order of the lines, whoever works them out."""
    if count == 1:
        yield _counted(map(start(config, max_text), lines))
        return
    with Workers[Line, R](count, start, config, max_text) as workers:
        yield _counted(workers.map(lines))


def _counted(rows: Iterator[R]) -> Iterator[R]:
    """With a counter on the terminal, where the verdicts themselves go elsewhere."""
    if sys.stdout.isatty():
        yield from rows
        return
    with progress("判断") as advance:
        for number, row in enumerate(rows, 1):
            if number % _STEP == 0:
                advance(_STEP)
            yield row


def _rules(config: ClassifierConfig) -> RuleSet:
    """Read here too, so that a wrong file is told once and not by each process."""
    try:
        return load_rules(config.rules)
    except RuleError as error:
        raise _wrong(error) from error


def _wrong(error: RuleError) -> ConfigError:
    return ConfigError(f"分类规则有误：{error}")
