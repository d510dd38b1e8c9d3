"""gridbridge init."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from bot.cli.parser import add_config
from bot.cli.setup.answers import QUESTIONS, answers_of
from bot.cli.setup.ask import flag, from_flags, on_terminal
from bot.errors import ConfigError

_EPILOG = """\
例子：
  gridbridge init                                      在终端里一项一项问，每一项都有说明
  gridbridge init --yes --city 青云镇                  不问，没写的都用默认值
  gridbridge init --yes --city 青云镇 --public-url https://wangge.example.org \\
                  --phones "镇值班室 0538-…，派出所 110" --admin 张伟
  gridbridge init --yes --city 清河市 --database env:GRIDBRIDGE_DATABASE

写出一份带说明的 config.toml、网页群聊的密钥、数据文件夹和数据库，建好最上面一级区域和管理员，
最后印出管理员的邀请链接。已经有的配置文件不会改；中途停下或出错，做过的都会收回。
数据库的密码不会写进 config.toml：它存进只有本机这个用户能读的文件，或者用 env: 从环境变量取。
"""
_KINDS = {
    "port": "端口",
    "phones": "电话",
    "data": "文件夹",
    "database": "地址",
    "public_url": "网址",
    "host": "地址",
}


def register(commands: Any) -> None:
    about = "从头建一个网格桥：问几个问题，写好配置，给管理员一个邀请。"
    parser = commands.add_parser("init", help="从头建：问几个问题，写好配置", description=about, epilog=_EPILOG)
    add_config(parser, "写到哪个文件（默认 config.toml）")
    parser.options.add_argument("--yes", action="store_true", help="不问，没写的都用默认值")
    for question in QUESTIONS:
        hint = f"（{question.hint}）" if question.hint else ""
        parser.options.add_argument(
            flag(question), metavar=_KINDS.get(question.name, "文字"), help=question.text + hint
        )
    parser.set_defaults(command=_init)


def _init(arguments: argparse.Namespace) -> int:
    path: Path = arguments.config
    if path.exists() or path.is_symlink():
        remedy = "要重来请先把它移走，要另建一份请用 --config 写别的文件名"
        raise ConfigError(f"{path} 已经有了，没有改它；{remedy}")
    given = {question.name: value for question in QUESTIONS if (value := getattr(arguments, question.name)) is not None}
    asks = sys.stdin.isatty() and not arguments.yes
    answers = answers_of(on_terminal(given) if asks else from_flags(given))
    from bot.cli.setup.make import Made, make  # noqa: PLC0415 - loads everything, which a question need not wait for

    made: Made = make(answers, path)
    print(_report(made, answers.city, answers.admin))
    return 0


def _report(made: Any, city: str, admin: str) -> str:
    where = "" if str(made.path) == "config.toml" else f" --config {made.path}"
    return f"""\
好了，{city}的网格桥建好了：
  {made.path}  每一项设置都有说明，随时可以改
  {made.config.data_dir}  数据放在这里

请把这个链接发给{admin}，24 小时内有效，只能用一次；先运行 gridbridge run{where}，链接才打得开：
  {made.link}

接下来：
  gridbridge import --help       从表格录区域、群和人员；几个人的小地方用 areas、people、chat
  gridbridge check{where}        看看还缺什么
  gridbridge run{where}          开始运行"""
