"""Whether the database can be reached and brought to this program's schema. Nothing is changed: it is rolled back."""

from __future__ import annotations

import asyncio
from pathlib import Path

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


def database(config: Config) -> Finding:
    url = make_url(config.database.url)
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return ok(_NAME, f"{shown} 首次启动时建立")
    try:
        _rehearse(url)
    except SchemaTooNew:
        return fail(_NAME, f"{shown} 是更新版本的网格桥用过的", "请升级网格桥，不要用旧版本打开")
    except ImportError:
        return fail(_NAME, "没有安装 PostgreSQL 的驱动", '请安装 asyncpg，例如 pip install "gridbridge[postgres]"')
    except (SQLAlchemyError, Unavailable, OSError) as error:
        return fail(_NAME, f"{shown} 打不开（{_first_line(error)}）", "请检查 [database] url、网络、用户名和密码")
    return ok(_NAME, f"{shown} 连得上，结构可用")


def _rehearse(url: URL) -> None:
    """Migrate and roll back: both databases can undo a change of their schema."""
    if url.get_backend_name() != "sqlite":
        asyncio.run(_rehearse_remote(url.set(drivername="postgresql+asyncpg")))
        return
    engine = make_engine(url, begin="BEGIN IMMEDIATE", busy=_WAIT_SECONDS)
    try:
        with engine.connect() as conn:
            _undone(conn)
    finally:
        engine.dispose()


async def _rehearse_remote(url: URL) -> None:
    engine = create_async_engine(url, connect_args={"timeout": _WAIT_SECONDS}, poolclass=NullPool, hide_parameters=True)
    async with engine.connect() as conn:
        await conn.run_sync(_undone)


def _undone(conn: Connection) -> None:
    with conn.begin() as transaction:
        upgrade(conn)
        transaction.rollback()


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).partition("\n")[0] or type(cause).__name__
