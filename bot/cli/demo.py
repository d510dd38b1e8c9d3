"""gridbridge demo."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bot import logs
from bot.cli.loop import serve
from bot.cli.numbers import whole
from bot.cli.programs import Programs

_EPILOG = """\
例子：
  gridbridge demo                 打开终端里印出的网址，点「一分钟演示」
  gridbridge demo --port 8123     换一个端口
  gridbridge demo --fresh         忘掉上次演示的内容，从头来
  gridbridge demo --speed 3       故事走得快三倍
  gridbridge demo --data 文件夹   演示的内容放到别处

演示只在本机打开（127.0.0.1），不连任何外面的群。
"""


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "demo",
        help="一分钟演示，不用配置",
        description="一个小镇、三个网格，两部手机并排：居民和网格员。",
        epilog=_EPILOG,
    )
    parser.options.add_argument("--port", type=port, default=8000, metavar="端口", help="网页端口（默认 8000）")
    parser.options.add_argument("--fresh", action="store_true", help="忘掉上次演示的内容")
    parser.options.add_argument("--speed", type=speed, default=1.0, metavar="倍数", help="故事的快慢（默认 1）")
    parser.options.add_argument(
        "--data", type=Path, default=Path("data/demo"), metavar="文件夹", help="内容放在哪里（默认 data/demo）"
    )
    parser.set_defaults(command=_demo)


port = whole(0, 65535, what="端口")
"""0 takes a free one."""


def speed(text: str) -> float:
    """How many times faster than written."""
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 0.1 <= factor <= 100:
        raise argparse.ArgumentTypeError(f"倍数应在 0.1 到 100 之间，现在是 {text}")
    return factor


def _demo(arguments: argparse.Namespace) -> int:
    logs.setup("warning")  # the terminal is for the address
    programs: Programs = arguments.programs
    return serve(
        lambda stop: programs.demo(
            stop, port=arguments.port, fresh=arguments.fresh, speed=arguments.speed, folder=arguments.data
        )
    )
