"""gridbridge replay: a past group talk, tried before anything is connected."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.cli.outfile import outfile
from bot.cli.programs import Programs
from bot.cli.progress import progress
from bot.cli.replay import words
from bot.cli.replay.html import page
from bot.cli.replay.jsonform import as_json
from bot.cli.replay.outcome import Outcome
from bot.cli.replay.reading import read_conversations
from bot.cli.replay.summary import summarise
from bot.cli.replay.text import print_report
from bot.cli.textfile import named
from bot.config import Config, load
from bot.model import Mode

_EPILOG = """\
例子：
  gridbridge replay 群聊.txt                       微信、QQ 导出的文字
  gridbridge replay result.json --html 报告.html   Telegram Desktop 导出的 JSON，另存一页带图的报告
  gridbridge replay 群聊.txt --staff 王芳 李主任    指明谁是工作人员（默认看昵称里有没有“网格员”“物业”）
  gridbridge replay 对话.jsonl --json              每行一段对话，逐段输出 JSON

认得的文字记录：
  2026-11-23 09:12:33 昵称      （下一行是内容；/ 和 . 分隔的日期、不写秒也行）
  昵称 2026/11/23 09:12
  ———— 2026-11-23 ————  后面每条是“昵称  09:12”
编码可以是 UTF-8、GBK（GB18030）或 UTF-16。

每段对话都在一个临时的数据库里、用模拟的时间走一遍真正的程序；不连任何群，跑完就删。
"""


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "replay",
        help="拿过去的聊天记录试一试",
        description="接群之前先试：拿一个群过去的聊天记录走一遍，看会立哪些案、每天会说多少话、哪些没理会。",
        epilog=_EPILOG,
    )
    parser.inputs.add_argument("file", metavar="文件", help="聊天记录；- 表示从标准输入读")
    parser.options.add_argument("--json", action="store_true", help="每段对话输出一行 JSON，给程序用")
    parser.options.add_argument("--html", type=_html_file, metavar="文件", help="另存一页带图的报告")
    parser.options.add_argument("--staff", nargs="+", default=[], metavar="昵称", help="谁是网格员；其余的都当居民")
    modes = "；".join(words.MODES.values())
    parser.options.add_argument(
        "--mode", choices=list(map(str, Mode)), default=Mode.RESULTS, metavar="模式", help=f"{modes}（默认 results）"
    )
    parser.options.add_argument(
        "--config", type=Path, metavar="文件", help="用这份配置里的规则、时间和分寸（默认用自带的）"
    )
    parser.set_defaults(command=_replay)


def _html_file(text: str) -> Path:
    """Only a name that says so: nobody means to write a page over his chat log."""
    path = Path(text)
    if path.suffix.lower() not in {".html", ".htm"}:
        raise argparse.ArgumentTypeError(f"报告的文件名要以 .html 结尾，现在是 {text}")
    return path


def _replay(arguments: argparse.Namespace) -> int:
    config, mode = load(arguments.config) if arguments.config else Config(), Mode(arguments.mode)
    zone = ZoneInfo(config.city.timezone)
    # opened first: that it cannot be written is better known before minutes of work than after
    with outfile(str(arguments.html)) if arguments.html else nullcontext() as out:
        with _without_log():
            outcomes = asyncio.run(_played(arguments, config, zone))
        summary = summarise(outcomes, zone)
        if not arguments.json:
            print_report(summary, mode, zone)
        if out is not None:
            out.write(page(summary, mode, zone).encode())
    if arguments.html:
        print(f"报告写好了：{arguments.html}", file=sys.stderr if arguments.json else sys.stdout)
    return 0


@contextmanager
def _without_log() -> Iterator[None]:
    """What fails is said in the report."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


async def _played(arguments: argparse.Namespace, config: Config, zone: ZoneInfo) -> list[Outcome]:
    """With --json each talk is written as soon as it is through."""
    talks = read_conversations(arguments.file, zone, arguments.staff)
    programs: Programs = arguments.programs
    outcomes = []
    with progress(f"回放 {named(arguments.file)}", sum(len(talk.said) for talk in talks)) as heard:
        async for outcome in programs.replay(config, talks, mode=Mode(arguments.mode), heard=heard):
            outcomes.append(outcome)
            if arguments.json:
                _print_json(outcome)
    return outcomes


def _print_json(outcome: Outcome) -> None:
    """UTF-8 whatever the terminal's language is."""
    sys.stdout.buffer.write(json.dumps(as_json(outcome), ensure_ascii=False).encode() + b"\n")
    sys.stdout.buffer.flush()
