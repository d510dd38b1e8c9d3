"""gridbridge export: the directory as files that gridbridge import reads."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from bot.cli.opened import with_database
from bot.cli.outfile import STANDARD
from bot.cli.parser import add_config
from bot.cli.sheets.files import save
from bot.cli.sheets.kinds import SHEETS
from bot.cli.sheets.sheet import Sheet
from bot.cli.sheets.standing import Standing
from bot.cli.sheets.table import write_table
from bot.cli.sheets.text import ENCODINGS, encode
from bot.config import Config
from bot.errors import GridbridgeError
from storage import directory
from storage.engine import Database

_EPILOG = """\
例子：
  gridbridge export areas 区域.csv           双击就能用 Excel 打开
  gridbridge export people 人员.csv --phones   电话写全，请妥善保管这个文件
  gridbridge export chats                    直接显示出来；还没定用途的群，类型是“未定”
  gridbridge export units 单位.csv --template  只要一张空表，照着填；还没有数据库也行

改好以后用 gridbridge import 导回去；以 = + - @ 开头的内容前面会加一个 '，导入时自动去掉。
"""


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "export",
        help="把区域、群、单位、人员、别名导出成表格",
        description="把现有的区域、群、单位、人员或别名导出成 CSV 表格，和 import 用的格式一样。",
        epilog=_EPILOG,
    )
    sheets = "，".join(f"{sheet.name} {sheet.word}" for sheet in SHEETS.values())
    parser.inputs.add_argument("sheet", choices=list(SHEETS), metavar="哪张表", help=sheets)
    parser.inputs.add_argument(
        "file", nargs="?", default=STANDARD, metavar="文件", help="写到哪个文件；不写或写 - 就显示出来"
    )
    parser.options.add_argument(
        "--encoding",
        default="utf-8",
        choices=list(ENCODINGS),
        metavar="编码",
        help="utf-8（默认，带 BOM，Excel 认得）或 gb18030",
    )
    parser.options.add_argument("--template", action="store_true", help="只要表头，不要内容")
    parser.options.add_argument("--phones", action="store_true", help="人员的电话写全（默认打码）")
    parser.options.add_argument("--force", action="store_true", help="文件已经有了也写，盖掉原来的")
    add_config(parser)
    parser.set_defaults(command=_export)


def _export(arguments: argparse.Namespace) -> int:
    if arguments.file != STANDARD and Path(arguments.file).exists() and not arguments.force:
        raise GridbridgeError(f"{arguments.file} 已经有了，请换个名字，或加 --force 盖掉它")

    if arguments.template:
        return _write(arguments, Standing())

    async def work(config: Config, db: Database) -> int:
        return _write(arguments, Standing(await db.read(directory.load)))

    return with_database(arguments.config, work)


def _write(arguments: argparse.Namespace, standing: Standing) -> int:
    sheet = SHEETS[arguments.sheet]
    rows = exported(sheet, standing, phones=arguments.phones)
    save(arguments.file, encode(write_table(rows[0], rows[1:]), arguments.encoding))
    if arguments.file != STANDARD:
        print(f"好了，{sheet.word} {len(rows) - 1} 行写进了 {arguments.file}。")
    if sheet.person_at and (lost := _without_account(standing)):
        print(f"{lost} 人没有任何渠道的账号，没有导出。", file=sys.stderr)
    return 0


def exported(sheet: Sheet, standing: Standing, *, phones: bool) -> list[list[str]]:
    """The header and the rows. Phones are masked unless they are asked for."""
    columns = [column for column in sheet.columns if column.exported]
    rows = [
        [row[column.key] if phones or column.masked is None else column.masked(row[column.key]) for column in columns]
        for row in sheet.stands(standing).values()
    ]
    return [[column.word for column in columns], *rows]


def _without_account(standing: Standing) -> int:
    return len({role.person_id for role in standing.rows.roles} - standing.accounts_of.keys())
