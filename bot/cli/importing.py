"""gridbridge import: the directory out of the tables a grid centre has."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from bot.cli.outfile import STANDARD
from bot.cli.parser import add_config
from bot.cli.progress import progress
from bot.cli.sheets.files import load, save
from bot.cli.sheets.intake import Order, carry_out, look
from bot.cli.sheets.kinds import SHEETS
from bot.cli.sheets.plan import Plan
from bot.cli.sheets.report import refusals, summary
from bot.cli.sheets.table import Table, read_rows, refused_table
from bot.cli.sheets.text import encode
from bot.cli.textfile import named
from bot.config import load as load_config
from bot.errors import GridbridgeError

_EPILOG = """\
例子：（按这个顺序）
  gridbridge import areas 区域.csv --dry-run   先看会改什么，什么都不写
  gridbridge import areas 区域.csv
  gridbridge import chats 群.csv
  gridbridge import units 单位.csv
  gridbridge import people 人员.csv --refused 没通过.csv
  gridbridge import aliases 别名.csv

表头用哪几列，见 docs/import.md；gridbridge export 哪张表 --template 给一张空表，照着填。
UTF-8、GB18030、UTF-16 都认得，逗号、分号、Tab 隔开都行。
空着的格子不改原来的内容，写“无”才清空；库里有、文件里没有的，从来不删。
人走了，把“在岗”写成“否”：他不再有任何权限，办过的事都留着。
同一个文件导几次都一样；正在运行的程序几秒内就用上新的。
"""


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "import",
        help="从表格导入区域、群、单位、人员、别名",
        description="从 CSV 表格导入。有一行没通过就一行也不写，除非加 --skip-refused；从来不删除任何东西。",
        epilog=_EPILOG,
    )
    sheets = "，".join(f"{sheet.name} {sheet.word}" for sheet in SHEETS.values())
    parser.inputs.add_argument("sheet", choices=list(SHEETS), metavar="哪张表", help=sheets)
    parser.inputs.add_argument("file", metavar="文件", help="CSV 文件，- 是标准输入")
    parser.options.add_argument("--dry-run", action="store_true", help="只说会改什么，什么都不写")
    parser.options.add_argument("--skip-refused", action="store_true", help="没通过的行放在一边，其余的照样导入")
    parser.options.add_argument("--refused", metavar="文件", help="没通过的行连同原因另存成 CSV，改好可以直接再导入")
    add_config(parser)
    parser.set_defaults(command=_import)


def _import(arguments: argparse.Namespace) -> int:
    sheet, config = SHEETS[arguments.sheet], load_config(arguments.config)
    if _same_file(arguments.refused, arguments.file):
        raise GridbridgeError("--refused 不能写回正在导入的文件，请换个名字")
    table, encoding = load(arguments.file, sheet.columns)
    with progress("检查各行", len(table.rows)) as done:
        rows, unread = read_rows(table, sheet.columns, done)
    order = Order(sheet, config, rows, unread, skip_refused=arguments.skip_refused)
    plan = look(order) if arguments.dry_run else carry_out(order)
    print(f"{sheet.word}：{named(arguments.file)} 有 {len(table.rows)} 行，{encoding} 编码。")
    _tell(order, plan)
    if arguments.refused and plan.refused:
        _keep(arguments.refused, table, plan)
    return _ended(order, plan, dry_run=arguments.dry_run)


def _same_file(one: str | None, other: str) -> bool:
    if one is None or STANDARD in {one, other}:
        return False
    return Path(one).exists() and Path(other).exists() and Path(one).samefile(other)


def _tell(order: Order, plan: Plan) -> None:
    for sentence in summary(order.sheet, plan):
        print(sentence)
    sys.stdout.flush()
    for sentence in refusals(plan.refused):
        print(sentence, file=sys.stderr)


def _keep(name: str, table: Table, plan: Plan) -> None:
    save(name, encode(refused_table(table, plan.refused), "utf-8"))
    if name != STANDARD:
        print(f"没通过的 {len(plan.refused)} 行连同原因写进了 {name}。")


def _ended(order: Order, plan: Plan, *, dry_run: bool) -> int:
    """Raises GridbridgeError when refused rows have kept the rest from being written."""
    if plan.refused and not order.skip_refused:
        would = "不会写" if dry_run else "没有写"
        raise GridbridgeError(
            f"有 {len(plan.refused)} 行没通过，什么都{would}；请改好再导入，或加 --skip-refused 先导入其余的"
        )
    print(_ending(plan, dry_run=dry_run))
    return 0


def _ending(plan: Plan, *, dry_run: bool) -> str:
    if dry_run:
        return "这是试运行，什么都没有写。"
    return "好了，都写好了。" if plan.changes or plan.members or plan.rooms else "没有要改的，什么都没有写。"
