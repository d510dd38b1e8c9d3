"""gridbridge chat: members, rooms and invitations of the web chat."""

from __future__ import annotations

import argparse
from typing import Any

from sqlalchemy import Connection

from bot.cli.parser import add_config
from bot.cli.town import Town, in_town, now
from bot.cli.words import KINDS, MODES, choices
from bot.errors import GridbridgeError
from bot.model import ChatKind, Mode
from storage import directory

_EPILOG = """\
例子（先用 gridbridge areas add 建好网格）：
  gridbridge chat member lishen 李婶
  gridbridge chat room g1 东关一网格居民群 --kind residents --area dg1 --mode results --members lishen wangfang
  gridbridge chat room s1 东关工作群 --kind staff --area dongguan --members wangfang
  gridbridge chat invite lishen              印出一个链接，发给本人，只能用一次

网格员请用 gridbridge people add 加，他在群聊里的身份一起就有了。
正式运行时也能用；已经开着的页面刷新一下就看到新群。
"""


def register(commands: Any) -> None:
    parser = commands.add_parser("chat", help="网页群聊的人、群和邀请", description="管网页群聊。", epilog=_EPILOG)
    groups = parser.commands()
    _member(groups)
    _room(groups)
    _invite(groups)


def _member(groups: Any) -> None:
    parser = groups.add_parser("member", help="加一位成员，或给他改名", description="加一位群聊成员，或给他改名。")
    parser.inputs.add_argument("id", metavar="编号", help="自己取的编号，如 lishen，取好不再改")
    parser.inputs.add_argument("name", metavar="名字", help="群里显示的名字")
    parser.options.add_argument("--staff", action="store_true", help="名字后面标“工作人员”（不给任何权限）")
    add_config(parser)
    parser.set_defaults(command=_add_member)


def _room(groups: Any) -> None:
    parser = groups.add_parser("room", help="建一个群，或改它", description="建一个群；已经有的改名、改用途、加成员。")
    parser.inputs.add_argument("id", metavar="编号", help="自己取的编号，如 g1，取好不再改")
    parser.inputs.add_argument("title", metavar="群名", help="群的名字")
    parser.options.add_argument("--kind", required=True, choices=list(map(str, KINDS)), help=choices(KINDS))
    parser.options.add_argument("--area", nargs="+", default=[], metavar="区域", help="这个群管哪几个区域，写代码")
    parser.options.add_argument(
        "--mode", default=Mode.SHADOW.value, choices=list(map(str, MODES)), help=f"{choices(MODES)}（默认 shadow）"
    )
    parser.options.add_argument("--members", nargs="+", default=[], metavar="编号", help="加进群的成员")
    add_config(parser)
    parser.set_defaults(command=_add_room)


def _invite(groups: Any) -> None:
    parser = groups.add_parser("invite", help="印出邀请链接", description="给一位成员印出邀请链接，24 小时内用一次。")
    parser.inputs.add_argument("id", metavar="编号", help="成员的编号")
    add_config(parser)
    parser.set_defaults(command=_print_invite)


def _add_member(arguments: argparse.Namespace) -> int:
    async def work(town: Town) -> None:
        await town.chat.ensure_member(arguments.id, arguments.name, staff=arguments.staff)
        print(f"好了，{arguments.name}（{arguments.id}）在群聊里了。请他进来：gridbridge chat invite {arguments.id}")

    return in_town(arguments.config, work)


def _add_room(arguments: argparse.Namespace) -> int:
    async def work(town: Town) -> None:
        areas = await town.areas(arguments.area)
        if not areas and arguments.kind != ChatKind.UNIT:
            raise GridbridgeError("居民群和工作群要写明管哪个区域，例如 --area dg1")
        # The directory first: the program must know what the room is for before it hears the first word in it.
        await town.write(lambda conn: _bind(conn, town, arguments, [area.id for area in areas]))
        await town.chat.ensure_room(arguments.id, arguments.title, arguments.kind, arguments.members)
        print(f"好了，{arguments.title}（{arguments.id}）建好了，加了 {len(arguments.members)} 人。")

    return in_town(arguments.config, work)


def _bind(conn: Connection, town: Town, arguments: argparse.Namespace, areas: list[int]) -> None:
    chat = directory.add_chat(
        conn, town.chat.account, arguments.id,
        kind=arguments.kind, mode=arguments.mode, title=arguments.title, now=now(),
    )  # fmt: skip
    for area in areas:
        directory.link_area(conn, chat, area)
    if arguments.kind == ChatKind.UNIT:
        area_id = areas[0] if areas else None
        directory.add_unit(conn, code=arguments.id, name=arguments.title, area_id=area_id, chat_id=chat)


def _print_invite(arguments: argparse.Namespace) -> int:
    async def work(town: Town) -> None:
        print(town.link(await town.chat.invite(arguments.id)))

    return in_town(arguments.config, work)
