"""The commands of `gridbridge` and how each of them ends."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from bot.away import why
from bot.cli.parser import Parser
from bot.cli.programs import Programs
from bot.errors import ConfigError, GridbridgeError
from storage.errors import SchemaTooNew, Unavailable

FAILED, REFUSED, INTERRUPTED = 1, 2, 130
_COMMANDS = {
    "demo": "demo",
    "init": "init",
    "check": "check",
    "replay": "replay.command",
    "classify": "classify",
    "run": "run",
    "doctor": "doctor",
    "areas": "areas",
    "people": "people",
    "chat": "chat",
    "import": "importing",
    "export": "exporting",
    "cases": "cases",
    "rules": "rules.command",
    "dead-letters": "dead_letters",
    "clocks": "clocks",
    "backup": "backup",
    "restore": "restore",
    "retention": "retention",
    "version": "version",
}
"""Each command's module; only the one that is asked for is loaded, because all of them together take their time."""
_ABOUT = """\
网格桥：在网格群里听出要办的事，交给网格员确认，办完把结果说回群里。

第一次用：
  gridbridge demo                                1 先看演示，什么都不用配
  gridbridge replay 群聊.txt                     2 拿一个群过去的聊天记录试一试，不连任何群
  gridbridge init                                3 从头建：问几个问题，写好 config.toml
  gridbridge check                               4 检查：哪里不对，怎么改
  gridbridge import --help                       5 从表格录区域、群和人员；几个人的小地方用 areas、people、chat
  gridbridge run                                 6 正式运行

  echo 3号楼路灯不亮了 | gridbridge classify -     看一句话会不会被当成事件
"""
_EXITS = "退出码：0 成功，1 没有办成，2 用法或配置有误，130 被 Ctrl-C 或 SIGTERM 打断。"


def build_parser(command: str = "") -> Parser:
    """That command with its help, or every command where no such one is named."""
    parser = Parser(prog="gridbridge", description=_ABOUT, epilog=_EXITS)
    commands = parser.commands()
    for module in [_COMMANDS[command]] if command in _COMMANDS else _COMMANDS.values():
        import_module(f"bot.cli.{module}").register(commands)
    return parser


def main(argv: Sequence[str] | None, programs: Programs) -> int:
    """Run one command. Returns its exit status; what is refused is one sentence on stderr."""
    _write_anything()
    words = sys.argv[1:] if argv is None else argv
    arguments = build_parser(*words[:1]).parse_args(words, argparse.Namespace(programs=programs))
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except ConfigError as error:
        return _say(str(error), REFUSED)
    except SchemaTooNew:
        return _say("[database] url：这个数据库被更新版本的网格桥用过，请升级网格桥", REFUSED)
    except GridbridgeError as error:
        return _say(str(error), FAILED)
    except Unavailable as away:
        return _say(f"数据库{why(away)}；没有办成，处理好以后请再试一次", FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _say(sentence: str, status: int) -> int:
    print(f"gridbridge：{' '.join(sentence.splitlines())}", file=sys.stderr)
    return status


def _write_anything() -> None:
    """A terminal whose encoding lacks a character gets a question mark, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
