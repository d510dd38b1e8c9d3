"""gridbridge restore: a backup brought back into an empty data folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bot.cli.archives.manifest import CONFIG, Manifest, Part
from bot.cli.archives.places import taken
from bot.cli.archives.restoring import Place, restore
from bot.cli.backup import contents, in_megabytes, told
from bot.cli.checks.places import port_of, running
from bot.cli.histories import histories
from bot.cli.opened import database_file
from bot.cli.parser import add_config
from bot.cli.progress import progress
from bot.config import Config, load
from bot.errors import GridbridgeError
from storage.presence import is_served

_ABOUT = """\
把 gridbridge backup 做的备份放回配置里的数据文件夹。里面已经有数据库或聊天记录就不放，程序在运行也不放。

先全部解开、核对，再一起放到位；哪里不对就一样也不放。配置文件不动：备份里的那份去掉了密钥，只供对照。
恢复以后就是备份那一刻的样子：之后的事都没有；那时还没发出去的，启动后会发（也许是第二遍）。
"""
_EPILOG = """\
例子：
  cp config.example.toml config.toml                       在新机器上写好，密钥用原来的
  gridbridge restore backup-2026-11-27.tar.gz --config config.toml
  gridbridge check --config config.toml
  gridbridge run --config config.toml

看备份里的配置：tar -xzOf backup-2026-11-27.tar.gz config.toml
"""


def register(commands: Any) -> None:
    parser = commands.add_parser("restore", help="把备份放回空的数据文件夹", description=_ABOUT, epilog=_EPILOG)
    parser.inputs.add_argument("file", type=Path, metavar="文件", help="gridbridge backup 做的备份")
    add_config(parser)
    parser.set_defaults(command=_restore)


def _restore(arguments: argparse.Namespace) -> int:
    config = load(arguments.config)
    with told(arguments.file, "什么都没有恢复"):
        _nobody_works_there(config)
        with progress("恢复（MB）") as advance:
            manifest = restore(arguments.file, config.data_dir, lambda m: _place(config, m), in_megabytes(advance))
    print(f"好了，恢复到 {manifest.made_at.astimezone():%Y-%m-%d %H:%M} 备份时的样子，放在 {config.data_dir}。")
    print("\n".join(contents(manifest)))
    if manifest.database is None and manifest.histories:
        print("数据库要另外用 pg_restore 放回来，没放好先别启动；用 gridbridge cases list 看看案件在不在。")
        print("数据库比群聊旧一点：备份前一天里的话启动后会再听一遍，听过的不会再办。")
    print("配置没有动。接着请运行 gridbridge check，再 gridbridge run。")
    return 0


def _nobody_works_there(config: Config) -> None:
    """Raises GridbridgeError."""
    file = database_file(config)
    for path in ([file] if file else []) + [history.path for history in histories(config)]:
        for found in taken(path):
            raise GridbridgeError(f"{found} 已经有了，恢复只放进空的数据文件夹，请先移走或换一个 data_dir")
    if file is not None and is_served(file):
        raise GridbridgeError(f"还有网格桥在用 {file}（原来的文件也许被移走了），请先停下再恢复")
    if running(config):
        raise GridbridgeError(f"网格桥正在 {config.web.host}:{port_of(config)} 上运行，请先停下再恢复")


def _place(config: Config, manifest: Manifest) -> Place:
    """Raises GridbridgeError where configuration and backup do not belong together."""
    file = database_file(config)
    if file is None and manifest.database:
        raise GridbridgeError("备份里是 SQLite 数据库，配置里写的是 PostgreSQL，请改 [database] url 再恢复")
    if file is not None and not manifest.database:
        raise GridbridgeError("这份备份里没有数据库（数据库是用 pg_dump 另外备份的），配置里写的却是 SQLite")
    chats = {history.account: history.path for history in histories(config)}

    def place(part: Part) -> Path | None:
        if part.name == CONFIG:
            return None
        if not part.account:
            return file
        if part.account not in chats:
            section = part.account.replace(":", ".")
            raise GridbridgeError(f"备份里有群聊 {part.account}，配置里没有，请先写上 [channels.{section}]")
        return chats[part.account]

    return place
