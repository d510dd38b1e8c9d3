"""gridbridge version."""

from __future__ import annotations

import argparse
import platform
from typing import Any

from bot.installed import version_of


def register(commands: Any) -> None:
    parser = commands.add_parser("version", help="显示版本", description="显示网格桥和 Python 的版本。")
    parser.set_defaults(command=_version)


def _version(arguments: argparse.Namespace) -> int:
    print(f"gridbridge {installed()}（Python {platform.python_version()}，{platform.system()}）")
    return 0


def installed() -> str:
    return version_of() or "（未安装，直接从源码运行）"
