"""gridbridge run."""

from __future__ import annotations

import argparse
import dataclasses
import re
from typing import Any

from bot import logs
from bot.cli.demo import port
from bot.cli.loop import serve
from bot.cli.parser import add_config
from bot.cli.programs import Programs
from bot.config import PARTS, load
from bot.valid import some_of

_EPILOG = """\
例子：
  gridbridge run                            照当前目录的 config.toml 运行
  gridbridge run --config /etc/gridbridge/config.toml
  gridbridge run --only dispatch,schedule   这个进程只办事、只看时限，不连群
  gridbridge run --only dispatch,schedule --port 9101   同上，并在 9101 端口回答健康检查和监控

几部分各做什么：
  channels   连接各个群，收话、发话；一个账号同时只由一个进程管，它停了别的进程接着管
  dispatch   听懂并办理
  schedule   时限和提醒
  web        网页和回调；只要连群或开网页，就有 /healthz 和 /readyz
不写 --only 就照配置文件里的 only。分成几个进程时，它们合起来要包括全部四部分，数据库要用 PostgreSQL。

按一次 Ctrl-C（或发 SIGTERM）：办完手上的再停；再按一次：马上退出，没办完的下次启动接着办。
"""


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "run", help="按配置文件运行", description="按配置文件连接各个群并开始工作。", epilog=_EPILOG
    )
    add_config(parser)
    parser.options.add_argument(
        "--only",
        type=parts,
        metavar="部分",
        help=f"只运行其中几部分，用逗号隔开：{','.join(PARTS)}（默认照配置文件）",
    )
    parser.options.add_argument(
        "--port",
        type=port,
        metavar="端口",
        help="这个进程用的端口：网页、健康检查和监控（默认照配置文件 [web]；不开网页的进程默认不开端口）",
    )
    parser.set_defaults(command=_run)


def parts(text: str) -> tuple[str, ...]:
    """The comma separated argument of --only."""
    chosen = tuple(word.strip() for word in re.split("[,，、]", text) if word.strip())
    complaint = some_of(*PARTS)(chosen)
    if complaint:
        raise argparse.ArgumentTypeError(complaint)
    return chosen


def _run(arguments: argparse.Namespace) -> int:
    config = load(arguments.config)
    if arguments.port is not None:
        chosen = dataclasses.replace(config.web, port=arguments.port, health_port=arguments.port)
        config = dataclasses.replace(config, web=chosen)
    logs.setup(config.log.level, config.log.format)
    programs: Programs = arguments.programs
    return serve(lambda stop: programs.serve(config, arguments.only or config.only, stop))
