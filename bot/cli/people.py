"""gridbridge people: who works for the grid, and as what."""

from __future__ import annotations

import argparse
from typing import Any

from bot.cases.roles import Role
from bot.cli.opened import with_database
from bot.cli.parser import add_config
from bot.cli.revoking import Taken, Wanted, take
from bot.cli.sheets import cells
from bot.cli.sheets.people import PeopleSheet
from bot.cli.sheets.single import put
from bot.cli.town import WEBCHAT, of_history, web_chat
from bot.cli.words import ROLES, choices
from bot.config import Config, load
from bot.errors import GridbridgeError
from storage.engine import Database
from storage.room_log import peek

_EPILOG = """\
例子：
  gridbridge people add wangfang 王芳 --role grid_worker --area dg1
  gridbridge chat invite wangfang            再把链接发给她，她点开就能用

  gridbridge people revoke wangfang --role grid_worker --area dg1    她不管这个网格了

一个人管几个网格，就写几次，每次一个 --area。已有的人：gridbridge export people
换了网格：先给新的，再收回旧的；也请 gridbridge chat leave 请出原来的工作群。
人走了：从表格导入，“在岗”写“否”（gridbridge import --help），所有权限一起收回。
"""
_SHOWN = 12  # numbers of cases


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
    _revoke_parser(groups)


def _revoke_parser(groups: Any) -> None:
    about = "收回一个人的一个角色。他办过的事都留着；没办完的，交给那里当班的人。"
    revoke = groups.add_parser("revoke", help="收回一个角色", description=about, epilog=_EPILOG)
    revoke.inputs.add_argument("id", metavar="编号", help="他在网页群聊里的编号")
    revoke.options.add_argument("--role", required=True, choices=list(map(str, ROLES)), help=choices(ROLES))
    revoke.options.add_argument("--area", required=True, metavar="区域", help="在哪个区域的，写代码，或“全部”")
    revoke.options.add_argument("--unit", metavar="编号", help="处置人员：只收回这个单位的")
    add_config(revoke)
    revoke.set_defaults(command=_revoke)


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


def _revoke(arguments: argparse.Namespace) -> int:
    wanted = Wanted(arguments.id, ROLES[Role(arguments.role)], arguments.area, arguments.unit)

    async def work(config: Config, db: Database) -> int:
        taken = await db.run(lambda conn: take(conn, wanted))
        print(f"好了，{taken.name}不再是 {wanted.area} 的{wanted.role}。{_left(taken)}")
        return await _unmarked(config, wanted.id, taken)

    return with_database(arguments.config, work)


async def _unmarked(config: Config, member: str, taken: Taken) -> int:
    """Nobody reads “staff” beside a name in the web chat who is none. Raises GridbridgeError."""
    if taken.left or not any(account.partition(":")[0] == WEBCHAT for account in config.channels):
        return 0
    chat = web_chat(config)
    try:
        with of_history(chat.history):
            if member in peek(chat.history).members:
                await chat.ensure_member(member, taken.name)
    finally:
        await chat.close()
    return 0


def _left(taken: Taken) -> str:
    told = f"他还是：{'、'.join(taken.left)}。" if taken.left else "他没有别的角色了，说的话当居民的话听。"
    if taken.open:
        numbers = "、".join(f"№{number}" for number in taken.open[:_SHOWN])
        more = f"等 {len(taken.open)} 件" if len(taken.open) > _SHOWN else ""
        told += f"他没办完的 {numbers}{more}，提醒改发给那里当班的人。"
    return told
