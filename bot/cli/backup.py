"""gridbridge backup: everything in one file, while the program goes on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.cli.archives.making import PASSES, Sources, make
from bot.cli.archives.manifest import Manifest
from bot.cli.archives.places import megabytes, pg_dump
from bot.cli.archives.plain import without_secrets
from bot.cli.archives.restoring import verify
from bot.cli.histories import histories
from bot.cli.opened import database_file, must_be_there
from bot.cli.parser import add_config
from bot.cli.progress import progress
from bot.cli.version import installed
from bot.config import Config, load
from bot.errors import GridbridgeError
from bot.settings import reason_of

_ABOUT = """\
把数据库、网页群聊的聊天记录和配置（去掉密钥）备份成一个文件，程序运行时也能做：都是同一刻的样子。

做完会从头到尾再核对一遍，核对无误才取名字；已经有的文件不会盖掉；中途停下、磁盘满，都不留半个文件。
备份里有居民的话，只有你自己能读（权限 600），请放到别的机器上，和密钥分开放。

用 PostgreSQL 时数据库用 pg_dump 备份（命令会告诉你），这里用 --without-database 备份其余的：先数据库，后其余的。
"""
_EPILOG = """\
例子：
  gridbridge backup backup-2026-11-27.tar.gz
  gridbridge backup /mnt/backup/                  写进文件夹，名字里有日期和时间
  gridbridge backup --verify backup-2026-11-27.tar.gz

恢复用 gridbridge restore。
"""


def register(commands: Any) -> None:
    parser = commands.add_parser("backup", help="备份成一个文件", description=_ABOUT, epilog=_EPILOG)
    where = "写到哪里（或一个文件夹）；和 --verify 一起是要核对的备份"
    parser.inputs.add_argument("file", metavar="文件", help=where)
    parser.options.add_argument("--verify", action="store_true", help="核对一份备份是不是完整，不用配置")
    parser.options.add_argument("--without-database", action="store_true", help="不备份数据库（用 PostgreSQL 时）")
    add_config(parser)
    parser.set_defaults(command=_backup)


def _backup(arguments: argparse.Namespace) -> int:
    target = Path(arguments.file)
    with told(target, "没有留下半个备份"):
        if arguments.verify:
            return _verify(target)
        config = load(arguments.config)
        now = datetime.now(UTC).astimezone()
        if arguments.file.endswith("/") and not target.is_dir():  # a disk that is not mounted, say
            raise GridbridgeError(f"没有文件夹 {target}，请先建好它，或写一个文件名")
        if target.is_dir():
            target = target / f"gridbridge-{now:%Y%m%d-%H%M%S}.tar.gz"
        if target.exists():
            raise GridbridgeError(f"{target} 已经有了，请换一个名字，备份不会盖掉别的文件")
        sources = _sources(config, arguments.config, without=arguments.without_database)
        with progress("备份（MB）", megabytes(sources.size) * PASSES) as advance:
            manifest = make(sources, target.absolute(), installed(), now, in_megabytes(advance))
        print(f"好了，备份在 {target}（{megabytes(target.stat().st_size)} MB），已经从头核对过。")
        print("\n".join(contents(manifest)))
    return 0


def _sources(config: Config, path: Path, *, without: bool) -> Sources:
    """Raises GridbridgeError for a database that is no file, ConfigError for one that is not there."""
    file = database_file(config)
    if file is None and not without:
        raise GridbridgeError(
            f"用的是 PostgreSQL，请先这样备份数据库：{pg_dump(config)}；再加上 --without-database 备份网页群聊和配置"
        )
    if without:
        file = None
    else:
        must_be_there(config)
    there = [history for history in histories(config) if history.path.exists()]
    return Sources(file, there, without_secrets(path.read_text(encoding="utf-8-sig")))


def _verify(archive: Path) -> int:
    with progress("核对（MB）") as advance:
        manifest = verify(archive, in_megabytes(advance))
    print(f"{archive} 完整：{manifest.made_at.astimezone():%Y-%m-%d %H:%M} 用 gridbridge {manifest.program} 做的。")
    print("\n".join(contents(manifest)))
    return 0


def contents(manifest: Manifest) -> Iterator[str]:
    """What is in it, a line each."""
    if database := manifest.database:
        rows = database.counts
        number = f"{rows.get('cases', 0)} 件案件，{rows.get('case_event', 0)} 条经过，{rows.get('blob', 0)} 张照片"
        yield f"  数据库（版本 {database.revision}）：{number}"
    else:
        yield "  没有数据库"
    for history in manifest.histories:
        rows = history.counts
        yield f"  群聊 {history.account}：{rows.get('message', 0)} 条消息，{rows.get('member', 0)} 个成员"
    yield "  配置（去掉了密钥和注释）"


@contextmanager
def told(path: Path, nothing_left: str) -> Iterator[None]:
    """What the disk has to say, and Ctrl-C, in one sentence each. Raises GridbridgeError, KeyboardInterrupt."""
    try:
        yield
    except OSError as error:
        raise GridbridgeError(f"{path}：{reason_of(error)}，{nothing_left}，请检查文件夹、权限和磁盘空间") from error
    except KeyboardInterrupt:
        print(f"gridbridge：停下了，{nothing_left}", file=sys.stderr)
        raise


def in_megabytes(advance: Callable[[int], None]) -> Callable[[int], None]:
    """Bytes as they come, told on in whole megabytes."""
    rest = 0

    def more(size: int) -> None:
        nonlocal rest
        whole, rest = divmod(rest + size, 2**20)
        if whole:
            advance(whole)

    return more
