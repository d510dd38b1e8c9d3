"""The directory and the web chat of a configuration, opened for one command beside the running program."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from bot.away import why
from bot.channels import registry
from bot.channels.needs import Needs
from bot.channels.webchat.channel import WebchatChannel
from bot.cli.opened import opened
from bot.config import Config
from bot.errors import ConfigError, GridbridgeError
from bot.ports import RoomLog
from storage.engine import Database
from storage.errors import SchemaTooNew
from storage.room_log import RoomLog as SqliteRoomLog

WEBCHAT = "webchat"


@dataclass(frozen=True, slots=True)
class Town:
    """`chat` is the web chat's channel; both databases may be in use by the running program at the same time."""

    config: Config
    db: Database
    chat: WebchatChannel

    async def write(self, work: Callable[[Connection], None]) -> None:
        await self.db.run(work)


def now() -> datetime:
    return datetime.now(UTC)


def address(config: Config, chat: WebchatChannel, path: str) -> str:
    """The address people open."""
    web, own = config.web, config.channels[chat.account].get("public_url", "")
    here = "127.0.0.1" if web.host in {"0.0.0.0", "::", ""} else web.host  # noqa: S104 - compared, not bound
    return f"{own or web.public_url or f'http://{here}:{web.port}'}{path}"


def in_chat(config: Config, work: Callable[[WebchatChannel], Awaitable[None]]) -> int:
    """Run one command on the web chat alone. Returns its exit status.

    Raises GridbridgeError for an unfit id, an unknown member, and a history that cannot be written now.
    """

    async def main() -> None:
        chat = web_chat(config)
        try:
            with of_history(chat.history):
                config.data_dir.mkdir(parents=True, exist_ok=True)
                await work(chat)
        except ValueError as error:
            raise GridbridgeError(_in_chinese(error)) from error
        finally:
            await chat.close()

    asyncio.run(main())
    return 0


@asynccontextmanager
async def opened_town(config: Config) -> AsyncIterator[Town]:
    """Raises GridbridgeError when one of the two cannot be opened."""
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
    with of_history(path):
        return await SqliteRoomLog.open(path)


@contextmanager
def of_history(path: Path) -> Iterator[None]:
    """Inside, what keeps the history from being used is said of it by name, as GridbridgeError."""
    try:
        yield
    except SchemaTooNew as newer:
        raise ConfigError(
            f"[channels.webchat] history：聊天记录 {path} 是更新版本的网格桥用过的，请升级网格桥"
        ) from newer
    except OSError as away:
        raise GridbridgeError(f"聊天记录 {path} {why(away)}；没有办成") from away


def _in_chinese(error: ValueError) -> str:
    text = str(error)
    if text.startswith("no such member"):
        return f"群聊里没有成员 {text.partition(': ')[2]}，请先用 gridbridge chat member 加上"
    return f"编号只能用字母、数字和 _ . -，1 到 60 个，不能用已经有用处的：{text.rpartition(': ')[2]}"
