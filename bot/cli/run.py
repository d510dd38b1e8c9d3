"""gridbridge run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bot import logs
from bot.cli.loop import serve
from bot.cli.programs import Programs
from bot.config import PARTS, load
from bot.valid import some_of

_EPILOG = """\
例子：
  gridbridge run --config config.toml
  gridbridge run --config config.toml --only dispatch,schedule    这个进程只办事、只看时限，不连群

按一次 Ctrl-C（或发 SIGTERM）：办完手上的再停；再按一次：马上退出，没办完的下次启动接着办。
"""


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "run", help="按配置文件运行", description="按配置文件连接各个群并开始工作。", epilog=_EPILOG
    )
    add_config(parser)
    parser.options.add_argument(
        "--only",
        type=parts,
        metavar="部分",
        help=f"只运行其中几部分，用逗号隔开：{','.join(PARTS)}（默认照配置文件）",
    )
    parser.set_defaults(command=_run)


def add_config(parser: Any, what: str = "配置文件（默认 config.toml）") -> None:
    parser.options.add_argument("--config", type=Path, default=Path("config.toml"), metavar="文件", help=what)


def parts(text: str) -> tuple[str, ...]:
    """The comma separated argument of --only."""
    chosen = tuple(word.strip() for word in text.split(","))
    complaint = some_of(*PARTS)(chosen)
    if complaint:
        raise argparse.ArgumentTypeError(complaint)
    return chosen


def _run(arguments: argparse.Namespace) -> int:
    config = load(arguments.config)
    logs.setup(config.log.level, config.log.format)
    programs: Programs = arguments.programs
    return serve(lambda stop: programs.serve(config, arguments.only or config.only, stop))
