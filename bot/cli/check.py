"""gridbridge check."""

from __future__ import annotations

import argparse
import dataclasses
import json
from typing import Any

from rich.console import Console
from rich.text import Text

from bot.cli.checks.finding import Finding, Level, ok, refused
from bot.cli.parser import add_config
from bot.config import load
from bot.errors import ConfigError

_EPILOG = """\
例子：
  gridbridge check                          检查当前目录的 config.toml
  gridbridge check --config 别的.toml --json   给程序看的结果

✓ 没问题   ! 能运行，但请看一眼   ✗ 不改好就不能正常工作
只看不改：数据库和文件都不会动。
"""
_MARKS = {Level.OK: ("✓", "green"), Level.WARN: ("!", "yellow"), Level.FAIL: ("✗", "bold red")}


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "check", help="检查配置和环境", description="逐项检查配置文件和运行环境，说出怎么改。", epilog=_EPILOG
    )
    add_config(parser)
    parser.options.add_argument("--json", action="store_true", help="输出 JSON")
    parser.set_defaults(command=_check)


def _check(arguments: argparse.Namespace) -> int:
    from bot.cli.checks.examine import examine  # noqa: PLC0415 - loads everything, which --help need not wait for

    try:
        config = load(arguments.config)
    except ConfigError as error:
        findings = [refused("配置文件", error)]
    else:
        findings = [ok("配置文件", f"{arguments.config} 读得懂"), *examine(config)]
    if arguments.json:
        print(json.dumps([dataclasses.asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        _print(findings)
    return 1 if any(finding.level is Level.FAIL for finding in findings) else 0


def _print(findings: list[Finding]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for finding in findings:
        mark, style = _MARKS[finding.level]
        console.print(Text(mark, style=style), Text(f"{finding.name}：{finding.text}"))
        if finding.remedy:
            console.print(Text(f"  → {finding.remedy}", style="dim"))
    wrong = sum(finding.level is Level.FAIL for finding in findings)
    doubtful = sum(finding.level is Level.WARN for finding in findings)
    console.print(f"{wrong} 项要改，{doubtful} 项请看一眼。" if wrong or doubtful else "都没问题。")
