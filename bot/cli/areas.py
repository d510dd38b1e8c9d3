"""gridbridge areas: the places the program knows."""

from __future__ import annotations

import argparse
from typing import Any

from bot.cli.parser import add_config
from bot.cli.sheets.areas import AreaSheet
from bot.cli.sheets.columns import joined
from bot.cli.sheets.single import put
from bot.cli.words import LEVELS, choices
from bot.config import load

_EPILOG = """\
例子，从大到小：
  gridbridge areas add liuhe 柳河镇 --level town
  gridbridge areas add dongguan 东关社区 --level village --parent liuhe
  gridbridge areas add dg1 东关一网格 --level grid --parent dongguan --alias 平安里 向阳院

再写一次同一个代码，就是改它；没写的选项不动。已有的区域：gridbridge export areas
"""


def register(commands: Any) -> None:
    parser = commands.add_parser("areas", help="市、镇街、村社区、网格", description="管区域。", epilog=_EPILOG)
    groups = parser.commands()
    add = groups.add_parser("add", help="加一个区域，或改它", description="加一个区域，或改它。", epilog=_EPILOG)
    add.inputs.add_argument("code", metavar="代码", help="自己取的代码，如 dg1，取好不再改")
    add.inputs.add_argument("name", metavar="名字", help="大家怎么叫它")
    add.options.add_argument("--level", required=True, choices=list(LEVELS), help=choices(LEVELS))
    add.options.add_argument("--parent", default="", metavar="代码", help="它的上一级，要比它大；写“无”就没有上一级")
    add.options.add_argument("--alias", nargs="+", default=[], metavar="叫法", help="里面的小区、里弄、俗称；只添加")
    add_config(add)
    add.set_defaults(command=_add)


def _add(arguments: argparse.Namespace) -> int:
    cells = {
        "code": arguments.code,
        "name": arguments.name,
        "level": arguments.level,
        "parent": arguments.parent,
        "aliases": joined(arguments.alias),
    }
    put(AreaSheet(), load(arguments.config), cells)
    print(f"好了，{arguments.name}（{arguments.code}）记下了。")
    return 0
