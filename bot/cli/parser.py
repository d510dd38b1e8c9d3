"""argparse that teaches in Chinese."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

_MESSAGES = (
    (re.compile(r"unrecognized arguments: (.+)"), r"不认识的参数：\1"),
    (re.compile(r"the following arguments are required: (.+)"), r"缺少参数：\1"),
    (re.compile(r"argument (\S+): invalid choice: (.+?) \(choose from (.+)\)"), r"\1 不能是 \2，可以是 \3"),
    (re.compile(r"argument (\S+): invalid (?:int|float) value: (.+)"), r"\1 后面应是数字，现在是 \2"),
    (re.compile(r"argument (\S+): expected one argument"), r"\1 后面要写一个值"),
    (re.compile(r"argument (\S+): (.+)"), r"\1：\2"),
)


class Parser(argparse.ArgumentParser):
    """Help, usage and refusals in Chinese; a wrong call ends with exit status 2."""

    def __init__(self, **options: object) -> None:
        super().__init__(
            add_help=False,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **options,  # type: ignore[arg-type] # argparse's many options are passed through
        )
        self.inputs = self.add_argument_group("参数")
        self.options = self.add_argument_group("选项")
        self.options.add_argument("-h", "--help", action="help", help="显示这段说明")

    def commands(self) -> Any:
        """Its own commands, of which one must be named."""
        return self.add_subparsers(title="命令", metavar="命令", required=True, parser_class=Parser)

    def format_usage(self) -> str:
        return _chinese_usage(super().format_usage())

    def format_help(self) -> str:
        return _chinese_usage(super().format_help())

    def _match_arguments_partial(self, actions: Sequence[argparse.Action], arg_strings_pattern: str) -> list[int]:
        """An input that may be left out can still come after an option, as in `export areas --force 区域.csv`.

        Before Python 3.12.7 argparse took it for left out as soon as an option followed.
        """
        counts: list[int] = super()._match_arguments_partial(actions, arg_strings_pattern)
        if arg_strings_pattern[sum(counts) :].startswith("O"):
            while counts and not counts[-1]:
                counts.pop()
        return counts

    def error(self, message: str) -> NoReturn:
        print(f"gridbridge：{in_chinese(message)}（{self.prog} --help 看用法）", file=sys.stderr)
        raise SystemExit(2)


def add_config(parser: Any, what: str = "配置文件（默认 config.toml）") -> None:
    parser.options.add_argument("--config", type=Path, default=Path("config.toml"), metavar="文件", help=what)


def add_command(groups: Any, word: str, work: Callable[[argparse.Namespace], int], **texts: str) -> Any:
    """One of several commands of a group, which all work on a configuration. `texts`: help, description, epilog."""
    parser = groups.add_parser(word, **texts)
    add_config(parser)
    parser.set_defaults(command=work)
    return parser


def in_chinese(message: str) -> str:
    """What argparse complains about, as far as it is a complaint we know."""
    for pattern, chinese in _MESSAGES:
        if pattern.fullmatch(message):
            return pattern.sub(chinese, message)
    return message


def _chinese_usage(text: str) -> str:
    return re.sub(r"^usage: ", "用法：", text)
