"""gridbridge people: who works for the grid, and as what."""

from __future__ import annotations

import argparse
from typing import Any

from sqlalchemy import Connection

from bot.cases.roles import Role
from bot.cli.parser import add_config
from bot.cli.town import WEBCHAT, Town, in_town, now
from bot.cli.words import ROLES, choices
from bot.errors import GridbridgeError
from storage import directory

_EPILOG = """\
例子：
  gridbridge people add wangfang 王芳 --role grid_worker --area dg1
  gridbridge chat invite wangfang            再把链接发给她，她点开就能用

一个人管几个网格，就写几次，每次一个 --area。
"""


def register(commands: Any) -> None:
    parser = commands.add_parser("people", help="网格员等工作人员", description="管工作人员。", epilog=_EPILOG)
    groups = parser.commands()
    add = groups.add_parser("add", help="给一个人一个角色", description="给一个人一个角色。", epilog=_EPILOG)
    add.inputs.add_argument("id", metavar="编号", help="他在网页群聊里的编号，没有就新建")
    add.inputs.add_argument("name", metavar="名字", help="真实姓名")
    add.options.add_argument("--role", required=True, choices=list(map(str, ROLES)), help=choices(ROLES))
    add.options.add_argument("--area", required=True, metavar="区域", help="在哪个区域，写代码；下面的也都管")
    add.options.add_argument(
        "--unit", metavar="编号", help="处置人员属于哪个单位：用 chat room --kind unit 建的群的编号"
    )
    add_config(add)
    add.set_defaults(command=_add)


def _add(arguments: argparse.Namespace) -> int:
    async def work(town: Town) -> None:
        (area,) = await town.areas([arguments.area])
        unit = await _unit(town, arguments)
        await town.chat.ensure_member(arguments.id, arguments.name, staff=True)
        await town.write(lambda conn: _write(conn, arguments, area.id, unit))
        role = ROLES[Role(arguments.role)]
        print(f"好了，{arguments.name}是{area.name}的{role}。请进群：gridbridge chat invite {arguments.id}")

    return in_town(arguments.config, work)


async def _unit(town: Town, arguments: argparse.Namespace) -> int | None:
    """A handler acts for a unit, nobody else does."""
    if arguments.role != Role.HANDLER:
        return None
    units = {unit.code: unit.id for unit in (await town.db.read(directory.load)).units}
    if arguments.unit not in units:
        raise GridbridgeError("处置人员要写 --unit，先用 gridbridge chat room 编号 群名 --kind unit 建好单位的群")
    return units[arguments.unit]


def _write(conn: Connection, arguments: argparse.Namespace, area_id: int, unit_id: int | None) -> None:
    person = directory.ensure_person(conn, WEBCHAT, arguments.id, arguments.name, now())
    directory.set_person(conn, person.id, name=arguments.name)
    directory.grant(conn, person.id, arguments.role, area_id=area_id, unit_id=unit_id)
