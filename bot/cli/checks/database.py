"""Whether the database can be reached and brought to this program's schema. Nothing is changed: it is rolled back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.cli.checks.finding import Finding, fail, ok
from bot.config import Config
from storage.errors import SchemaTooNew, Unavailable
from storage.migrate import upgrade
from storage.sqlite import make_engine

_NAME = "数据库"
_WAIT_SECONDS = 5.0
T = TypeVar("T")


def database(config: Config) -> Finding:
    url = make_url(config.database.url)
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return ok(_NAME, f"{shown} 首次启动时建立")
    try:
        inside(url, lambda _: None)
    except SchemaTooNew:
        return fail(_NAME, f"{shown} 是更新版本的网格桥用过的", "请升级网格桥，不要用旧版本打开")
    except ImportError:
        return fail(_NAME, "没有安装 PostgreSQL 的驱动", '请安装 asyncpg，例如 pip install "gridbridge[postgres]"')
    except (SQLAlchemyError, Unavailable, OSError) as error:
        return fail(_NAME, f"{shown} 打不开（{_first_line(error)}）", "请检查 [database] url、网络、用户名和密码")
    return ok(_NAME, f"{shown} 连得上，结构可用")


def inside(url: URL, look: Callable[[Connection], T]) -> T:
    """What is seen in the database once it is migrated; rolled back, which both databases can do with a schema."""
    if url.get_backend_name() != "sqlite":
        return asyncio.run(_inside_remote(url.set(drivername="postgresql+asyncpg"), look))
    engine = make_engine(url, begin="BEGIN IMMEDIATE", busy=_WAIT_SECONDS)
    try:
        with engine.connect() as conn:
            return _undone(conn, look)
    finally:
        engine.dispose()


async def _inside_remote(url: URL, look: Callable[[Connection], T]) -> T:
    engine = create_async_engine(url, connect_args={"timeout": _WAIT_SECONDS}, poolclass=NullPool, hide_parameters=True)
    async with engine.connect() as conn:
        return await conn.run_sync(_undone, look)


def _undone(conn: Connection, look: Callable[[Connection], T]) -> T:
    with conn.begin() as transaction:
        upgrade(conn)
        seen = look(conn)
        transaction.rollback()
    return seen


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).partition("\n")[0] or type(cause).__name__
