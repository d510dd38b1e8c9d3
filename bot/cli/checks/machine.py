"""What the machine has to give: room on the disk, libraries."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from bot.cli.checks.finding import Finding, fail, ok, warn
from bot.cli.checks.places import nearest
from bot.config import Config

_MB = 2**20
_LITTLE, _TOO_LITTLE = 2048 * _MB, 128 * _MB


def disk(config: Config) -> Finding:
    """Room for the data folder: a database without any stops."""
    return room(config.data_dir, shutil.disk_usage(nearest(config.data_dir)).free)


def room(folder: Path, free: int) -> Finding:
    """`free` bytes are left where the folder is. Pure."""
    text = f"{folder} 所在的磁盘还剩 {free / _MB:,.0f} MB"
    if free < _TOO_LITTLE:
        return fail("磁盘", text, "请先腾出空间，磁盘满了就什么也记不下来")
    if free < _LITTLE:
        return warn("磁盘", text, "请腾出空间，或把 data_dir 换到大一点的磁盘")
    return ok("磁盘", text)


def event_loop() -> Finding:
    """The faster loop is optional, and does not exist for Windows."""
    if find_spec("uvloop") is not None:
        return ok("运行环境", "uvloop 已经装了")
    hint = "" if sys.platform == "win32" else '；想更快可以装 uvloop：pip install "gridbridge[speed]"'
    return ok("运行环境", f"用 Python 自带的事件循环{hint}")
