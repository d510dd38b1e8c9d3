"""gridbridge cases: looking through the cases and taking them out as a file, as far as the operator may see them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.cli.casebook import dossier
from bot.cli.casebook.book import Book
from bot.cli.casebook.export import FORMS, export
from bot.cli.casebook.filters import add_filters, wanted
from bot.cli.casebook.listing import print_list
from bot.cli.casebook.sheet import is_secret, plain, seen
from bot.cli.numbers import whole
from bot.cli.opened import with_database
from bot.cli.outfile import STANDARD, outfile
from bot.cli.parser import add_command
from bot.cli.progress import progress
from bot.config import Config
from bot.errors import GridbridgeError
from storage import casebook
from storage.engine import Database

_ABOUT = """\
看案件，导出台账。

这里是管机器的人用的，不是办案件的人：手机号、证件号一律打码；家庭、走失、劳资、治安、投诉这类保密的事，
只看得到编号、状态和日期，其余写“保密”，没有哪个选项能看得更多；按区域、类别找时，它们不在其中。
没把握、还没人认领的不算案件，不在这里。
"""
_EPILOG = """\
例子：
  gridbridge cases list                                        最新的 50 件
  gridbridge cases list --state open --area dongguan           东关和下面各网格在办的
  gridbridge cases list --overdue --limit 200
  gridbridge cases list --category facility --since 2026-11-01 --until 2026-11-30
  gridbridge cases show 128                                    一件的全部和经过
  gridbridge cases export 十一月.csv --since 2026-11-01 --until 2026-11-30
  gridbridge cases export - --format jsonl | head

导出的文件里有居民的话，只有你自己能读（权限 600），用完请删掉。程序运行时也能用。
"""
_MOST = 1000


def register(commands: Any) -> None:
    parser = commands.add_parser("cases", help="看案件，导出台账", description=_ABOUT, epilog=_EPILOG)
    groups = parser.commands()
    listed = _command(groups, "list", "列出案件，最新的在前", _list)
    add_filters(listed)
    listed.options.add_argument(
        "--limit",
        type=whole(1, _MOST, more="；要更多请用 export"),
        default=50,
        metavar="几件",
        help=f"最多几件，1–{_MOST}（默认 50）",
    )
    listed.options.add_argument("--json", action="store_true", help="输出 JSON")
    one = _command(groups, "show", "看一件的全部和经过", _show)
    one.inputs.add_argument("number", type=number, metavar="编号", help="如 128")
    one.options.add_argument("--json", action="store_true", help="输出 JSON")
    out = _command(groups, "export", "导出成文件", _export)
    out.inputs.add_argument("file", metavar="文件", help="写到哪里；同名的会被换掉；- 表示标准输出")
    add_filters(out)
    out.options.add_argument(
        "--format", choices=FORMS, default=FORMS[0], metavar="格式", help="csv 电子表格（默认），jsonl 每行一个 JSON"
    )


def _command(groups: Any, word: str, short: str, work: Callable[[argparse.Namespace], int]) -> Any:
    return add_command(groups, word, work, help=short, description=_ABOUT, epilog=_EPILOG)


def number(text: str) -> int:
    """128, №128, #128."""
    digits = text.lstrip("№#")
    if not (digits.isascii() and digits.isdigit() and 0 < len(digits) < 19):
        raise argparse.ArgumentTypeError(f"编号是一个数，如 128，现在是 {text}")
    return int(digits)


def _list(arguments: argparse.Namespace) -> int:
    async def work(config: Config, db: Database) -> int:
        book = await Book.open(config, db, datetime.now(UTC))
        asked = wanted(arguments, book)
        rows = await db.read(lambda conn: casebook.newest(conn, asked, arguments.limit))
        if arguments.json:
            counts = await db.read(lambda conn: casebook.supporters_of(conn, [case.id for case in rows]))
            shown = [{"secret": is_secret(case)} | plain(seen(case, book, counts.get(case.id, 0))) for case in rows]
            print(json.dumps(shown, ensure_ascii=False, indent=2))
        else:
            print_list(rows, await db.read(lambda conn: casebook.count(conn, asked)), book)
        return 0

    return with_database(arguments.config, work)


def _show(arguments: argparse.Namespace) -> int:
    async def work(config: Config, db: Database) -> int:
        book = await Book.open(config, db, datetime.now(UTC))
        found = await db.read(lambda conn: dossier.gather(conn, arguments.number))
        if found is None:
            raise GridbridgeError(
                f"没有 №{arguments.number}，或者它还没人认领，不算案件；用 gridbridge cases list 看有哪些"
            )
        if arguments.json:
            print(json.dumps(dossier.as_json(found, book), ensure_ascii=False, indent=2))
        else:
            print("\n".join(dossier.lines(found, book)))
        return 0

    return with_database(arguments.config, work)


def _export(arguments: argparse.Namespace) -> int:
    async def work(config: Config, db: Database) -> int:
        book = await Book.open(config, db, datetime.now(UTC))
        asked = wanted(arguments, book)
        total = await db.read(lambda conn: casebook.count(conn, asked))
        with outfile(arguments.file) as out, progress("导出", total) as advance:
            written = await export(db, asked, book, out, arguments.format, advance)
        if arguments.file != STANDARD:
            print(f"导出了 {written} 件，写在 {arguments.file}。")
        return 0

    return with_database(arguments.config, work)
