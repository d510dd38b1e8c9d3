"""The directory and the web chat of a configuration, opened for one command beside the running program."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from bot.channels import registry
from bot.channels.needs import Needs
from bot.channels.webchat.channel import WebchatChannel
from bot.cli.opened import opened
from bot.config import Config, load
from bot.errors import ConfigError, GridbridgeError
from bot.ports import RoomLog
from storage import directory
from storage.engine import Database
from storage.errors import SchemaTooNew
from storage.records import AreaRow
from storage.room_log import RoomLog as SqliteRoomLog
from storage.room_log import RoomLogAway

WEBCHAT = "webchat"


@dataclass(frozen=True, slots=True)
class Town:
    """`chat` is the web chat's channel; both databases may be in use by the running program at the same time."""

    config: Config
    db: Database
    chat: WebchatChannel

    async def write(self, work: Callable[[Connection], None]) -> None:
        await self.db.run(work)

    async def areas(self, codes: Sequence[str]) -> list[AreaRow]:
        """Raises GridbridgeError for a code nobody has given."""
        known = {area.code: area for area in (await self.db.read(directory.load)).areas}
        missing = [code for code in codes if code not in known]
        if missing:
            raise GridbridgeError(f"没有区域 {missing[0]}，请先用 gridbridge areas add 建好（{_some(known)}）")
        return [known[code] for code in codes]

    def link(self, path: str) -> str:
        """The address people open."""
        web, name = self.config.web, self.chat.account.partition(":")[2]
        own = self.config.channels[f"{WEBCHAT}:{name}"].get("public_url", "")
        here = "127.0.0.1" if web.host in {"0.0.0.0", "::", ""} else web.host  # noqa: S104 - compared, not bound
        return f"{own or web.public_url or f'http://{here}:{web.port}'}{path}"


def now() -> datetime:
    return datetime.now(UTC)


def in_town(path: Path, work: Callable[[Town], Awaitable[None]]) -> int:
    """Run one command on an event loop of its own. Returns its exit status."""

    async def main() -> None:
        async with opened_town(load(path)) as town:
            try:
                await work(town)
            except ValueError as error:  # an unfit id, an unknown member
                raise GridbridgeError(_in_chinese(error)) from error

    asyncio.run(main())
    return 0


@asynccontextmanager
async def opened_town(config: Config) -> AsyncIterator[Town]:
    """Raises ConfigError when one of the two cannot be opened."""
    chat = web_chat(config)
    async with opened(config) as db:
        try:
            yield Town(config, db, chat)
        finally:
            await chat.close()


def web_chat(config: Config) -> WebchatChannel:
    """The one web chat of the configuration, nothing opened yet. Raises ConfigError."""
    accounts = [account for account in config.channels if account.partition(":")[0] == WEBCHAT]
    if len(accounts) != 1:
        raise ConfigError(f"[channels.webchat]：这里要有且只有一个网页群聊，现在有 {len(accounts)} 个")
    needs = Needs(config.data_dir, now, _open_rooms, config.web.public_url)
    chat = registry.build(accounts[0], config.channels[accounts[0]], needs)
    assert isinstance(chat, WebchatChannel)
    return chat


async def _open_rooms(path: Path) -> RoomLog:
    where = f"[channels.webchat] history：聊天记录 {path}"
    try:
        return await SqliteRoomLog.open(path)
    except SchemaTooNew as newer:
        raise ConfigError(f"{where} 是更新版本的网格桥用过的，请升级网格桥") from newer
    except RoomLogAway as away:
        raise ConfigError(f"{where} 打不开（{away}），请检查路径和权限") from away


def _some(known: dict[str, AreaRow]) -> str:
    return f"已有的：{'、'.join(sorted(known)[:8])}" if known else "现在一个也没有"


def _in_chinese(error: ValueError) -> str:
    text = str(error)
    if text.startswith("no such member"):
        return f"群聊里没有成员 {text.partition(': ')[2]}，请先用 gridbridge chat member 加上"
    return f"编号只能用字母、数字和 _ . -，1 到 60 个，不能用已经有用处的：{text.rpartition(': ')[2]}"
