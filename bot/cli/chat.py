"""gridbridge chat: members, rooms and invitations of the web chat."""

from __future__ import annotations

import argparse
from typing import Any

from bot.channels.webchat.channel import WebchatChannel
from bot.channels.webchat.people import is_room_id
from bot.cli.parser import add_config
from bot.cli.sheets import cells
from bot.cli.sheets.columns import Column, Wrong, joined, quoted
from bot.cli.sheets.rooms import RoomSheet
from bot.cli.sheets.single import put
from bot.cli.town import address, in_chat, web_chat
from bot.cli.words import KINDS, MODES, choices
from bot.config import load
from bot.errors import GridbridgeError
from storage.room_log import peek

_EPILOG = """\
例子（先用 gridbridge areas add 建好网格）：
  gridbridge chat member lishen 李婶
  gridbridge chat room g1 东关一网格居民群 --kind residents --area dg1 --mode results --members lishen wangfang
  gridbridge chat room s1 东关工作群 --kind staff --area dongguan --members wangfang
  gridbridge chat invite lishen              印出一个链接，发给本人，只能用一次
  gridbridge chat leave s1 wangfang          换了网格的人，请出原来的工作群

网格员请用 gridbridge people add 加，他在群聊里的身份一起就有了。
正式运行时也能用；已经开着的页面刷新一下就看到新群。
"""
_NAME = Column(key="name", word="名字", read=cells.short(cells.LONGEST_NAME), needed=True)


def register(commands: Any) -> None:
    parser = commands.add_parser("chat", help="网页群聊的人、群和邀请", description="管网页群聊。", epilog=_EPILOG)
    groups = parser.commands()
    _member(groups)
    _room(groups)
    _leave(groups)
    _invite(groups)


def _member(groups: Any) -> None:
    parser = groups.add_parser(
        "member", help="加一位成员，或给他改名", description="加一位群聊成员，或给他改名。", epilog=_EPILOG
    )
    parser.inputs.add_argument("id", metavar="编号", help="自己取的编号，如 lishen，取好不再改")
    parser.inputs.add_argument("name", metavar="名字", help="群里显示的名字")
    parser.options.add_argument("--staff", action="store_true", help="名字后面标“工作人员”（不给任何权限）")
    add_config(parser)
    parser.set_defaults(command=_add_member)


def _room(groups: Any) -> None:
    parser = groups.add_parser(
        "room",
        help="建一个群，或改它",
        description="建一个群；已经有的改名、改用途、加区域和成员，没写的选项不动。",
        epilog=_EPILOG,
    )
    parser.inputs.add_argument("id", metavar="编号", help="自己取的编号，如 g1，取好不再改")
    parser.inputs.add_argument("title", metavar="群名", help="群的名字")
    parser.options.add_argument("--kind", required=True, choices=list(map(str, KINDS)), help=choices(KINDS))
    parser.options.add_argument(
        "--area", nargs="+", default=[], metavar="区域", help="这个群管哪几个区域，写代码；居民群、工作群要有"
    )
    parser.options.add_argument(
        "--mode", default="", choices=list(map(str, MODES)), help=f"{choices(MODES)}（新的群默认 shadow）"
    )
    parser.options.add_argument("--members", nargs="+", default=[], metavar="编号", help="加进群的成员；只添加")
    add_config(parser)
    parser.set_defaults(command=_add_room)


def _leave(groups: Any) -> None:
    about = "把成员请出一个群：他再也看不到这个群，在里面说过的话还在。"
    parser = groups.add_parser("leave", help="把成员请出一个群", description=about, epilog=_EPILOG)
    parser.inputs.add_argument("id", metavar="编号", help="群的编号")
    parser.inputs.add_argument("members", nargs="+", metavar="成员", help="成员的编号")
    add_config(parser)
    parser.set_defaults(command=_remove_members)


def _invite(groups: Any) -> None:
    parser = groups.add_parser(
        "invite", help="印出邀请链接", description="给一位成员印出邀请链接，24 小时内用一次。", epilog=_EPILOG
    )
    parser.inputs.add_argument("id", metavar="编号", help="成员的编号")
    add_config(parser)
    parser.set_defaults(command=_print_invite)


def _add_member(arguments: argparse.Namespace) -> int:
    name = _called(arguments.name)

    async def work(chat: WebchatChannel) -> None:
        await chat.ensure_member(arguments.id, name, staff=arguments.staff)
        print(f"好了，{name}（{arguments.id}）在群聊里了。请他进来：gridbridge chat invite {arguments.id}")

    return in_chat(load(arguments.config), work)


def _called(text: str) -> str:
    """Raises GridbridgeError."""
    try:
        return _NAME.take(text) or ""
    except Wrong as wrong:
        raise GridbridgeError(str(wrong)) from wrong


def _add_room(arguments: argparse.Namespace) -> int:
    config = load(arguments.config)
    said = {
        "account": web_chat(config).account,
        "id": arguments.id,
        "title": arguments.title,
        "kind": arguments.kind,
        "mode": arguments.mode,
        "areas": joined(arguments.area),
        "members": joined(arguments.members),
    }
    plan = put(RoomSheet(), config, said)
    done = "建好了" if plan.new else "记下了"
    inside = f"，写明的 {len(arguments.members)} 人都在群里" if arguments.members else ""
    print(f"好了，{arguments.title}（{arguments.id}）{done}{inside}。")
    return 0


def _remove_members(arguments: argparse.Namespace) -> int:
    async def work(chat: WebchatChannel) -> None:
        title, _, inside = peek(chat.history).rooms.get(arguments.id, ("", "", frozenset()))
        if not title or not is_room_id(arguments.id):
            raise GridbridgeError(f"群聊里没有群“{quoted(arguments.id)}”，请检查编号；已有的：gridbridge export chats")
        if strangers := [member for member in arguments.members if member not in inside]:
            raise GridbridgeError(f"{title}里没有成员“{quoted(strangers[0])}”，请检查编号，谁也没有请出")
        for member in arguments.members:
            await chat.people.leave(arguments.id, member)
        print(f"好了，{'、'.join(arguments.members)} 不在{title}里了；已经开着的页面十秒以后也收不到新消息。")

    return in_chat(load(arguments.config), work)


def _print_invite(arguments: argparse.Namespace) -> int:
    config = load(arguments.config)

    async def work(chat: WebchatChannel) -> None:
        print(address(config, chat, await chat.invite(arguments.id)))

    return in_chat(config, work)
