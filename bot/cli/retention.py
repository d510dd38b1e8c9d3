"""gridbridge retention: forget at once what is forgotten every hour anyway, or say what that would be."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table

from bot.away import why
from bot.cli.days import told
from bot.cli.histories import History, histories
from bot.cli.opened import with_database
from bot.cli.parser import add_command
from bot.cli.screen import screen
from bot.config import Config
from bot.errors import GridbridgeError
from bot.flow import retention
from bot.flow.retention import Forgotten
from storage.engine import Database
from storage.errors import SchemaTooNew
from storage.room_log import RoomLog, RoomLogAway
from storage.room_photos import UNSENT_FOR

_ABOUT = """\
到期就忘：运行中的程序每小时自己做一次（网页群聊每六小时一次），这条命令马上做一次。

忘掉的有：没把握又没人认领的事（文字、照片、称呼），没用上的照片，旧的收发记录，网页群聊的旧消息。
受理过的案件和它们的经过不动；没处理成的消息（dead-letters）也不动。期限写在配置的 [retention] 里。
"""
_EPILOG = """\
例子：
  gridbridge retention run --dry-run      只数一数会忘掉多少，什么都不动
  gridbridge retention run                马上忘掉
  gridbridge retention run --json         给程序看的结果

程序运行时也能用。
"""
_WORDS = {"perhapses": "没人认领的事", "photos": "没用上的照片", "inbox": "收件记录", "outbox": "发件记录"}
_KINDS = {"messages": "消息", "photos": "没人再看得到的照片", "invites": "邀请"}


def register(commands: Any) -> None:
    parser = commands.add_parser("retention", help="到期的马上忘掉", description=_ABOUT, epilog=_EPILOG)
    groups = parser.commands()
    run = add_command(groups, "run", _run, help="马上做一次", description=_ABOUT, epilog=_EPILOG)
    run.options.add_argument("--dry-run", action="store_true", help="只数不动")
    run.options.add_argument("--json", action="store_true", help="输出 JSON")


def _run(arguments: argparse.Namespace) -> int:
    async def work(config: Config, db: Database) -> int:
        now, steps = datetime.now(UTC), retention.steps(config.retention)
        go = retention.rehearse if arguments.dry_run else retention.forget
        done = await go(db, steps, now)
        for history in histories(config):
            done += await _chat(history, now, dry=arguments.dry_run)
        if arguments.json:
            print(json.dumps({"dry_run": arguments.dry_run, "forgotten": list(_plain(done))}, ensure_ascii=False))
        else:
            _print(done, ZoneInfo(config.city.timezone), dry=arguments.dry_run)
        return 0

    return with_database(arguments.config, work)


async def _chat(history: History, now: datetime, *, dry: bool) -> list[Forgotten]:
    """A history nobody has opened yet is not made by looking."""
    if not history.path.exists():
        return []
    try:
        rooms = await RoomLog.open(history.path)
        try:
            gone = await (rooms.forgettable if dry else rooms.forget)(now, history.retention_days)
        finally:
            await rooms.close()
    except SchemaTooNew as error:
        raise GridbridgeError(f"{history.path} 被更新版本的网格桥用过，请升级网格桥") from error
    except RoomLogAway as away:
        raise GridbridgeError(f"{history.path} {why(away)}；群聊的旧消息没有清，处理好以后请再试一次") from away
    old, unsent = now - timedelta(days=history.retention_days), now - UNSENT_FOR
    return [
        Forgotten(f"{history.account} {kind}", unsent if kind == "photos" else old, getattr(gone, kind))
        for kind in _KINDS
    ]


def _plain(done: list[Forgotten]) -> Iterator[dict[str, Any]]:
    return ({"name": one.name, "before": one.before.isoformat(), "count": one.count} for one in done)


def _print(done: list[Forgotten], zone: ZoneInfo, *, dry: bool) -> None:
    table = Table("内容", "早于", "数量", header_style="bold")
    table.columns[2].justify = "right"
    for one in done:
        table.add_row(_word(one.name), told(one.before, zone), str(one.count))
    total = sum(one.count for one in done)
    console = screen()
    console.print(table)
    if not total:
        console.print("没有到期的。")
    else:
        console.print(f"会忘掉 {total} 项，现在什么都没动。" if dry else f"忘掉了 {total} 项。")


def _word(name: str) -> str:
    account, _, kind = name.partition(" ")
    return f"群聊 {account} 的{_KINDS[kind]}" if kind else _WORDS[name]
