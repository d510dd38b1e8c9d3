"""gridbridge doctor."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bot.cli.outfile import outfile
from bot.cli.parser import add_config
from bot.errors import GridbridgeError

_EPILOG = """\
例子：
  gridbridge doctor                    印在屏幕上，自己先看一遍
  gridbridge doctor 报告.txt           写成文件，发给帮忙的人
  gridbridge doctor --json 报告.json   给程序看的

报告里有：版本、改过的设置、检查的结果、各种数目、最近的时间、正在运行的程序怎么样。
报告里没有：姓名、电话、密钥、网址、地点、群名和任何人说过的话；自己取的名字都遮住了。
数据库连不上、配置写错了也能用：照实写明，其余的照常。只看不改。
"""


def register(commands: Any) -> None:
    about = "出一份不含隐私的报告，出了问题好请人帮忙。"
    parser = commands.add_parser("doctor", help="出一份报告，好请人帮忙", description=about, epilog=_EPILOG)
    parser.inputs.add_argument("file", metavar="报告", nargs="?", type=Path, help="写到哪个新文件（默认印在屏幕上）")
    parser.options.add_argument("--json", action="store_true", help="输出 JSON")
    add_config(parser)
    parser.set_defaults(command=_doctor)


def _doctor(arguments: argparse.Namespace) -> int:
    from bot.cli.report.gather import gather  # noqa: PLC0415 - loads everything, which --help need not wait for
    from bot.cli.report.text import text_of  # noqa: PLC0415

    if arguments.file is not None and arguments.file.exists():
        raise GridbridgeError(f"{arguments.file} 已经有了，没有改它，请换一个文件名")
    report = gather(arguments.config)
    text = json.dumps(report, ensure_ascii=False, indent=2) + "\n" if arguments.json else text_of(report)
    if arguments.file is None:
        sys.stdout.write(text)
    else:
        with outfile(str(arguments.file)) as out:
            out.write(text.encode())
        print(f"好了，报告在 {arguments.file}，发出去之前可以打开看一遍。")
    return 0
