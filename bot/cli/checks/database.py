"""Whether the database can be reached and brought to this program's schema. Nothing is changed: it is rolled back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.cases.directory import Directory
from bot.cli.checks.finding import Finding, fail, ok, warn
from bot.cli.opened import is_there
from bot.config import Config
from storage import dead_letters, directory, overview
from storage.errors import SchemaTooNew, Unavailable
from storage.migrate import upgrade
from storage.sqlite import make_engine

_NAME, _LETTERS = "数据库", "没办成的消息"
_WAIT_SECONDS = 5.0
_DRIFT = timedelta(seconds=5)
T = TypeVar("T")
AWAY = (SQLAlchemyError, Unavailable, OSError)
"""What it may raise when the database is to blame."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found inside. `drift`: how much the database's clock is ahead of ours; None where it is ours."""

    directory: Directory
    dead_letters: int
    drift: timedelta | None = None


def database(config: Config) -> tuple[Finding, Seen | None]:
    """What there is to say, and what is inside; None where there is no database yet, or no way into it."""
    url = make_url(config.database.url)
    shown = url.render_as_string(hide_password=True)
    if not is_there(config):
        return ok(_NAME, f"{shown} 首次启动时建立"), None
    try:
        seen = inside(url, _look)
    except SchemaTooNew:
        return fail(_NAME, f"{shown} 是更新版本的网格桥用过的", "请升级网格桥，不要用旧版本打开"), None
    except ImportError:
        remedy = '请安装 asyncpg，例如 pip install "gridbridge[postgres]"'
        return fail(_NAME, "没有安装 PostgreSQL 的驱动", remedy), None
    except AWAY as error:
        remedy = "请检查 [database] url、网络、用户名和密码"
        return fail(_NAME, f"{shown} 打不开（{_first_line(error)}）", remedy), None
    return ok(_NAME, f"{shown} 连得上，结构可用"), seen


def clocks_agree(seen: Seen) -> Iterator[Finding]:
    """Leases go by the database's clock, deadlines by this machine's."""
    if seen.drift is None:
        return
    seconds = abs(seen.drift.total_seconds())
    if seconds < _DRIFT.total_seconds():
        yield ok("时钟", "和数据库一致")
    else:
        text = f"这台机器的钟比数据库{'慢' if seen.drift > timedelta() else '快'} {seconds:.0f} 秒，时限会算错"
        yield warn("时钟", text, "请在两台机器上打开系统的时间同步（NTP）")


def letters(seen: Seen) -> Finding:
    """What was given up and waits for somebody to decide."""
    if seen.dead_letters:
        text = f"有 {seen.dead_letters} 条没办成或没送到，等人决定"
        return warn(_LETTERS, text, "请看 gridbridge dead-letters list")
    return ok(_LETTERS, "没有")


def inside(url: URL, look: Callable[[Connection], T]) -> T:
    """What is seen in the database once it is migrated; nothing of it stays."""

    def migrated(conn: Connection) -> T:
        upgrade(conn)
        return look(conn)

    return undone(url, migrated)


def undone(url: URL, look: Callable[[Connection], T], *, begin: str = "BEGIN IMMEDIATE") -> T:
    """What is seen in a transaction that is rolled back, which both databases can do with a schema too.

    `begin`: how it starts on SQLite; who only reads keeps no writer waiting.
    """
    if url.get_backend_name() != "sqlite":
        return asyncio.run(_undone_remote(url.set(drivername="postgresql+asyncpg"), look))
    engine = make_engine(url, begin=begin, busy=_WAIT_SECONDS)
    try:
        with engine.connect() as conn:
            return _rolled_back(conn, look)
    finally:
        engine.dispose()


async def _undone_remote(url: URL, look: Callable[[Connection], T]) -> T:
    engine = create_async_engine(url, connect_args={"timeout": _WAIT_SECONDS}, poolclass=NullPool, hide_parameters=True)
    async with engine.connect() as conn:
        return await conn.run_sync(_rolled_back, look)


def _rolled_back(conn: Connection, look: Callable[[Connection], T]) -> T:
    with conn.begin() as transaction:
        seen = look(conn)
        transaction.rollback()
    return seen


def _look(conn: Connection) -> Seen:
    before = datetime.now(UTC)
    theirs = overview.clock(conn)
    ours = before + (datetime.now(UTC) - before) / 2
    return Seen(
        Directory.of(directory.load(conn)), dead_letters.count(conn), theirs - ours if theirs is not None else None
    )


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).partition("\n")[0] or type(cause).__name__
