"""gridbridge areas: the places the program knows."""

from __future__ import annotations

import argparse
from typing import Any

from sqlalchemy import Connection

from bot.cli.parser import add_config
from bot.cli.town import Town, in_town
from bot.cli.words import LEVELS, choices
from bot.errors import GridbridgeError
from storage import directory

_EPILOG = """\
例子，从大到小：
  gridbridge areas add liuhe 柳河镇 --level town
  gridbridge areas add dongguan 东关社区 --level village --parent liuhe
  gridbridge areas add dg1 东关一网格 --level grid --parent dongguan --alias 平安里 向阳院

再写一次同一个代码，就是改它。
"""


def register(commands: Any) -> None:
    parser = commands.add_parser("areas", help="市、镇街、村社区、网格", description="管区域。", epilog=_EPILOG)
    groups = parser.commands()
    add = groups.add_parser("add", help="加一个区域，或改它", description="加一个区域，或改它。", epilog=_EPILOG)
    add.inputs.add_argument("code", metavar="代码", help="自己取的代码，如 dg1，取好不再改")
    add.inputs.add_argument("name", metavar="名字", help="大家怎么叫它")
    add.options.add_argument("--level", required=True, choices=list(LEVELS), help=choices(LEVELS))
    add.options.add_argument("--parent", metavar="代码", help="它的上一级")
    add.options.add_argument("--alias", nargs="+", default=[], metavar="叫法", help="里面的小区、里弄、俗称")
    add_config(add)
    add.set_defaults(command=_add)


def _add(arguments: argparse.Namespace) -> int:
    if arguments.parent == arguments.code:
        raise GridbridgeError("一个区域不能是自己的上一级，请检查 --parent")

    async def work(town: Town) -> None:
        above = await town.areas([arguments.parent] if arguments.parent else [])
        await town.write(lambda conn: _write(conn, arguments, above[0].id if above else None))
        print(f"好了，{arguments.name}（{arguments.code}）记下了。")

    return in_town(arguments.config, work)


def _write(conn: Connection, arguments: argparse.Namespace, parent: int | None) -> None:
    area = directory.add_area(
        conn, code=arguments.code, name=arguments.name, level=arguments.level, parent_id=parent
    )  # fmt: skip
    for alias in arguments.alias:
        directory.add_alias(conn, area, alias)
