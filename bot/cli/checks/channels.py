"""The channels and what they keep in files of their own; the other bank, where case systems are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.away import why
from bot.channels.needs import Needs
from bot.channels.registry import build
from bot.channels.webchat.config import from_table
from bot.cli.checks.finding import Finding, fail, ok, refused, warn
from bot.config import Config
from bot.errors import ConfigError
from bot.ports import RoomLog
from storage import room_log
from storage.errors import SchemaTooNew


def channels(config: Config) -> Iterator[Finding]:
    if not config.channels:
        yield warn("渠道", "一个渠道也没有配", "至少写一节，例如 [channels.webchat.main]")
    for account, table in config.channels.items():
        finding = _channel(account, table, config)
        yield finding
        if not finding.remedy and account.partition(":")[0] == "webchat":
            yield _history(account, from_table(table).history_path(config.data_dir))


def connectors() -> Finding:
    return ok("对接系统", "这个版本还不对接案件系统，不用配")


def _channel(account: str, table: Mapping[str, Any], config: Config) -> Finding:
    """Built as a start builds it; constructing does no I/O."""
    needs = Needs(config.data_dir, clock=_now, open_rooms=_not_opened, public_url=config.web.public_url)
    try:
        build(account, table, needs)
    except ConfigError as error:
        return refused(f"渠道 {account}", error)
    return ok(f"渠道 {account}", "设置完整")


def _history(account: str, path: Path) -> Finding:
    name = f"聊天记录 {account}"
    if not path.exists():
        return ok(name, f"{path} 首次启动时建立")
    try:
        room_log.check(path)
    except SchemaTooNew:
        return fail(name, f"{path} 是更新版本的网格桥用过的", "请升级网格桥，不要用旧版本打开")
    except room_log.RoomLogAway as away:
        return fail(name, f"{path} 打不开", f"它{why(away)}（[channels.{account.replace(':', '.')}] history）")
    return ok(name, f"{path} 打得开")


def _now() -> datetime:
    return datetime.now(UTC)


async def _not_opened(path: Path) -> RoomLog:
    raise NotImplementedError("a check opens no history")
