"""gridbridge dead-letters: what could not be handled or sent, until somebody decides."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection

from bot.cli.casebook.book import Book
from bot.cli.letters.seen import Seen, as_json, look
from bot.cli.letters.words import describe
from bot.cli.numbers import whole
from bot.cli.opened import with_database
from bot.cli.parser import add_command
from bot.cli.screen import screen
from bot.config import Config
from bot.errors import GridbridgeError
from storage import dead_letters
from storage.engine import Database
from storage.records import DeadLetter

_ABOUT = """\
没处理成的消息（in-…）和没发出去的消息（out-…）。它们停在那里，等人决定：再试一次，或者丢掉。

retry 放回去，运行中的程序马上接着办，只办一次。“不知道发到没有”的再发一次，群里可能看到两遍；
“发到了，没记全”的不再发，只补记。原因写着在哪一步、什么错、程序的哪一行，没有居民的原话。
放回去也不吵人：说出一小时以上的话只告诉工作人员，居民群夜里不发，当时就该说的（受理回话、急事提醒）过一小时不再发。
drop 抹掉原话，不再办。平台再送来同一条，也还认得出是办过的。
同一组照片一起放回、一起丢掉。

默认不显示居民的原话：show 说多少字、几张照片，规则看来是什么事。加 --words 才看打码后的原话；
私聊里的、像保密的、关于保密案件的，怎么都不显示。
"""
_EPILOG = """\
例子：
  gridbridge dead-letters list
  gridbridge dead-letters show in-17 --words
  gridbridge dead-letters retry in-17 out-23
  gridbridge dead-letters retry --all --reason "too long"
  gridbridge dead-letters drop out-23
  gridbridge dead-letters drop --all --yes              脚本里用，不再问
"""
_NAME = re.compile(r"(in|out)-([1-9][0-9]{0,17})")
_BRIEF = 60  # characters of a reason in the list
_YES = frozenset({"y", "yes", "是"})


def register(commands: Any) -> None:
    parser = commands.add_parser("dead-letters", help="没办成、没发出的消息", description=_ABOUT, epilog=_EPILOG)
    groups = parser.commands()
    shown = _command(groups, "list", "列出来", _list)
    shown.options.add_argument(
        "--limit", type=whole(1, 10000), default=50, metavar="几条", help="最多列几条（默认 50）"
    )
    shown.options.add_argument("--json", action="store_true", help="输出 JSON")
    one = _command(groups, "show", "看一条", _show)
    one.inputs.add_argument("id", type=name, metavar="编号", help="如 in-17")
    one.options.add_argument("--words", action="store_true", help="显示打码后的原话（保密的、私聊里的不显示）")
    _chosen(_command(groups, "retry", "放回去再试", _retry))
    dropped = _command(groups, "drop", "抹掉原话，不再办", _drop)
    _chosen(dropped)
    dropped.options.add_argument("--yes", action="store_true", help="不问，直接丢")


def _command(groups: Any, word: str, short: str, work: Callable[[argparse.Namespace], int]) -> Any:
    return add_command(groups, word, work, help=short, description=_ABOUT, epilog=_EPILOG)


def _chosen(parser: Any) -> None:
    parser.inputs.add_argument("ids", nargs="*", type=name, metavar="编号", help="如 in-17 out-23")
    parser.options.add_argument("--all", action="store_true", help="所有的")
    parser.options.add_argument("--reason", default="", metavar="文字", help="和 --all 一起：只要原因里有这几个字的")


def name(text: str) -> tuple[str, int]:
    """`in-17`."""
    found = _NAME.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"编号要写成 in-17 或 out-23 这样，现在是 {text}")
    return found[1], int(found[2])


# ---------------------------------------------------------------- looking


def _list(arguments: argparse.Namespace) -> int:
    async def work(config: Config, db: Database) -> int:
        book = await Book.open(config, db, datetime.now(UTC))
        found = await db.read(lambda conn: look(conn, dead_letters.waiting(conn, limit=arguments.limit)))
        if arguments.json:
            print(json.dumps([as_json(one, book) for one in found], ensure_ascii=False, indent=2))
        else:
            _print(found, await db.read(dead_letters.count), book)
        return 0

    return with_database(arguments.config, work)


def _print(found: list[Seen], total: int, book: Book) -> None:
    table = Table(header_style="bold")
    for heading in ("编号", "时间", "渠道", "群", "种类", "№", "试了", "原因"):
        table.add_column(heading, overflow="fold", no_wrap=heading in {"编号", "时间", "№"})
    for one in found:
        table.add_row(*map(Text, _cells(one, book)))
    console = screen()
    if not found:
        console.print("没有没办成的消息。")
        return
    console.print(table)
    console.print(f"共 {total} 条" + (f"，这里是最近的 {len(found)} 条。" if total > len(found) else "。"))
    if any(one.doubtful for one in found):
        console.print("“不知道发到没有”的，再发一次可能会有两遍。")


def _cells(one: Seen, book: Book) -> list[str]:
    letter, why = one.letter, one.reason
    if one.doubtful:
        why = f"不知道发到没有：{why}"
    return [
        letter.name,
        book.moment(letter.done_at),
        letter.account,
        one.where,
        one.kind,
        str(letter.case_id or ""),
        f"{letter.failures} 次",
        why if len(why) <= _BRIEF else f"{why[:_BRIEF]}…",
    ]


def _show(arguments: argparse.Namespace) -> int:
    async def work(config: Config, db: Database) -> int:
        book = await Book.open(config, db, datetime.now(UTC))
        (letter,) = await db.read(lambda conn: _existing(conn, [arguments.id]))
        (one,) = await db.read(lambda conn: look(conn, [letter]))
        state = "不知道发到没有，再发一次可能会有两遍" if one.doubtful else _ENDINGS.get(letter.state, _ENDINGS["dead"])
        facts = {
            "渠道": letter.account,
            "群": one.where,
            "种类": one.kind,
            "案件": f"№{letter.case_id}" if letter.case_id else "",
            "收到" if letter.box == dead_letters.IN else "要发的时间": book.moment(letter.began_at),
            "停下": book.moment(letter.done_at),
            "试了": f"{letter.failures} 次",
            "原因": one.reason,
        }
        print(f"{letter.name} · {state}")
        for heading, fact in facts.items():
            if fact:
                print(f"{heading}：{fact}")
        for line in describe(one, config.classifier, book, words=arguments.words):
            print(line)
        return 0

    return with_database(arguments.config, work)


# ---------------------------------------------------------------- deciding


def _retry(arguments: argparse.Namespace) -> int:
    async def work(_: Config, db: Database) -> int:
        chosen = await _choose(db, arguments)
        rows = await db.run(lambda conn: _each(conn, chosen, dead_letters.retry))
        print(f"放回去了 {rows} 条，运行中的程序马上接着办。")
        doubtful = [one.name for one in chosen if one.state == "unknown" and one.native_id is None]
        if doubtful:
            print(f"其中上次不知道发到没有的，可能会有两遍：{'、'.join(doubtful)}")
        return 0

    return with_database(arguments.config, work)


def _drop(arguments: argparse.Namespace) -> int:
    chosen: list[DeadLetter] = []

    async def choose(_: Config, db: Database) -> int:
        chosen.extend(await _choose(db, arguments))
        return 0

    async def drop(_: Config, db: Database) -> int:
        rows = await db.run(lambda conn: _each(conn, chosen, dead_letters.drop))
        print(f"丢掉了 {rows} 条，原话已经抹掉。")
        return 0

    with_database(arguments.config, choose)
    # Asked between two looks at the database: a Ctrl-C at the question must end it at once.
    if not arguments.yes and not _sure(chosen):
        print("没有丢。")
        return 1
    return with_database(arguments.config, drop)


async def _choose(db: Database, arguments: argparse.Namespace) -> list[DeadLetter]:
    """Raises GridbridgeError: nothing or both chosen, an id that is not there, none that is dead."""
    if bool(arguments.ids) == arguments.all:
        raise GridbridgeError("请写编号（如 in-17），或者写 --all，两样只写一样")
    if arguments.reason and not arguments.all:
        raise GridbridgeError("--reason 要和 --all 一起用")
    if arguments.ids:
        return await db.read(lambda conn: _existing(conn, list(dict.fromkeys(arguments.ids))))
    found = await db.read(lambda conn: dead_letters.waiting(conn, reason=arguments.reason))
    if not found:
        raise GridbridgeError(f"没有原因里有“{arguments.reason}”的" if arguments.reason else "没有没办成的消息")
    return found


def _existing(conn: Connection, ids: list[tuple[str, int]]) -> list[DeadLetter]:
    found: list[DeadLetter] = []
    for box, number in ids:
        letter = dead_letters.find(conn, box, number)
        if letter is None:
            raise GridbridgeError(f"没有 {box}-{number}，用 gridbridge dead-letters list 看有哪些")
        if not dead_letters.is_dead(letter):
            raise GridbridgeError(f"{letter.name} 已经不在其中：{_STATES.get(letter.state, letter.state)}")
        found.append(letter)
    return found


_ENDINGS = {"dead": "试过了，没办成", "unknown": "发到了，没记全"}
_STATES = {
    "pending": "正等着办", "done": "办完了", "sent": "发出去了", "cancelled": "取消了", "expired": "过期了",
}  # fmt: skip


def _each(conn: Connection, chosen: list[DeadLetter], decide: Any) -> int:
    """All in one transaction. What somebody else has decided meanwhile is left as it is; an album counts its parts."""
    now = datetime.now(UTC)
    return sum(decide(conn, one.box, one.id, now) for one in chosen)


def _sure(chosen: list[DeadLetter]) -> bool:
    """Asked on a terminal only. Raises GridbridgeError where nobody can answer."""
    if not sys.stdin.isatty():
        raise GridbridgeError("丢掉就找不回来了：在终端里运行会先问一句，脚本里请加 --yes")
    names = "、".join(one.name for one in chosen[:5]) + (f" 等 {len(chosen)} 条" if len(chosen) > 5 else "")
    try:
        answer = input(f"要丢掉 {names}，原话抹掉就找不回来了。确定请输入 yes：")
    except EOFError:
        return False
    return answer.strip().lower() in _YES
