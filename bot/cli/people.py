"""gridbridge people: who works for the grid, and as what."""

from __future__ import annotations

import argparse
from typing import Any

from bot.cases.roles import Role
from bot.cli.parser import add_config
from bot.cli.sheets import cells
from bot.cli.sheets.people import PeopleSheet
from bot.cli.sheets.single import put
from bot.cli.town import WEBCHAT
from bot.cli.words import ROLES, choices
from bot.config import load
from bot.errors import GridbridgeError

_EPILOG = """\
例子：
  gridbridge people add wangfang 王芳 --role grid_worker --area dg1
  gridbridge chat invite wangfang            再把链接发给她，她点开就能用

一个人管几个网格，就写几次，每次一个 --area。已有的人：gridbridge export people
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
        "--unit", default="", metavar="编号", help="处置人员属于哪个单位：用 chat room --kind unit 建的群的编号"
    )
    add_config(add)
    add.set_defaults(command=_add)


def _add(arguments: argparse.Namespace) -> int:
    role = Role(arguments.role)
    if role is Role.HANDLER and not arguments.unit:
        raise GridbridgeError("处置人员要写 --unit，先用 gridbridge chat room 编号 群名 --kind unit 建好单位的群")
    said = {
        "channel": WEBCHAT,
        "id": arguments.id,
        "name": arguments.name,
        "role": role.value,
        "area": arguments.area,
        "unit": arguments.unit,
        "active": cells.YES,  # who is given a role is there to work
    }
    put(PeopleSheet(), load(arguments.config), said)
    where = "所有区域" if arguments.area == cells.EVERYWHERE else arguments.area
    print(f"好了，{arguments.name}是 {where} 的{ROLES[role]}。请进群：gridbridge chat invite {arguments.id}")
    return 0
