"""The database of a configuration, opened for one command beside the running program."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import make_url

from bot.away import why
from bot.config import Config, load
from bot.errors import ConfigError
from storage.engine import Database
from storage.errors import Unavailable

NO_DRIVER = '[database] url：没有安装 PostgreSQL 的驱动，请安装 asyncpg，例如 pip install "gridbridge[postgres]"'

Work = Callable[[Config, Database], Awaitable[int]]
"""What a command does with the open database. Returns its exit status."""


def with_database(path: Path, work: Work, *, create: bool = False) -> int:
    """Run `work` on an event loop of its own; its exit status.

    `create`: a SQLite file that is not there yet is made, else it is a refusal: who only wants to look must not be
    told that an empty database is all there is. Raises ConfigError; storage's errors are told by bot.cli.main.
    """
    config = load(path)
    if not create:
        must_be_there(config)

    async def main() -> int:
        async with opened(config) as db:
            return await work(config, db)

    return asyncio.run(main())


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Database]:
    """The database, migrated. Raises ConfigError when it cannot be opened, storage.errors.SchemaTooNew."""
    try:
        config.data_dir.mkdir(parents=True, exist_ok=True)
        db = await Database.open(config.database.url)
    except ImportError as error:
        raise ConfigError(NO_DRIVER) from error
    except (Unavailable, OSError) as away:
        raise ConfigError(f"[database] url：数据库 {_shown(config)} {why(away)}") from away
    try:
        yield db
    finally:
        await db.close()


def _shown(config: Config) -> str:
    url = make_url(config.database.url)
    return str(database_file(config) or url.render_as_string(hide_password=True))


def database_file(config: Config) -> Path | None:
    """None: the database is no file."""
    url = make_url(config.database.url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def is_there(config: Config) -> bool:
    """False for a SQLite file that nobody has made yet."""
    file = database_file(config)
    return file is None or file.exists()


def must_be_there(config: Config) -> None:
    """Raises ConfigError."""
    if not is_there(config):
        file = database_file(config)
        raise ConfigError(f"还没有数据库 {file}，请先运行 gridbridge run，或检查 --config 是不是写对了")
