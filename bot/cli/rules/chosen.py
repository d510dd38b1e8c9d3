"""Which rules a command works on, and the labelled sentences it is given."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bot.config import ClassifierConfig, load
from bot.errors import ConfigError, GridbridgeError
from classifiers.keyword import Classifier
from classifiers.rules import RuleError
from classifiers.samples import Sample, SampleError, read_samples


def add_rules(parser: Any) -> None:
    parser.options.add_argument("--config", type=Path, metavar="文件", help="用这份配置里的规则（默认用自带的规则）")
    parser.options.add_argument("--rules", type=Path, metavar="文件夹", help="用这个文件夹里的规则")


def add_samples(parser: Any) -> None:
    """The files of labelled sentences, and what is said of those that are all of one kind."""
    parser.inputs.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="文件",
        help="标好的句子：JSONL（text、is_case、category……），或有表头的 CSV",
    )
    parser.options.add_argument(
        "--cases", action="append", type=Path, default=[], metavar="文件", help="这个文件里的话都是事件，可以写几次"
    )
    parser.options.add_argument(
        "--small-talk", action="append", type=Path, default=[], metavar="文件", help="这个文件里的话都不是事件"
    )


def folder_of(arguments: argparse.Namespace) -> Path | None:
    """The folder of the rules that were asked for; None: those that come with the program."""
    if arguments.rules:
        return Path(arguments.rules)
    return load(arguments.config).classifier.rules if arguments.config else None


def classifier_of(arguments: argparse.Namespace) -> Classifier:
    """Raises ConfigError when a rule file is wrong."""
    settings = load(arguments.config).classifier if arguments.config else ClassifierConfig()
    try:
        return Classifier.load(folder_of(arguments), full_dictionary=settings.full_dictionary)
    except RuleError as error:
        raise ConfigError(str(error)) from error


def samples_of(arguments: argparse.Namespace, label: str | None = None) -> list[Sample]:
    """All sentences of all files. Raises GridbridgeError."""
    told: list[tuple[Path, bool | None]] = [(path, None) for path in arguments.files]
    told += [(path, True) for path in arguments.cases] + [(path, False) for path in arguments.small_talk]
    if not told:
        raise ConfigError("没有写文件：请写上标好的句子在哪个文件里")
    try:
        return [one for path, is_case in told for one in read_samples(path, is_case=is_case, label=label)]
    except SampleError as error:
        raise GridbridgeError(str(error)) from error
