"""SQLite: one writer thread, a few reader threads, each with connections of its own (WAL lets them be side by side)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeGuard, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event

from storage.errors import Unavailable
from storage.faults import told_apart
from storage.migrate import upgrade
from storage.samefile import SameFile, sqlite_file
from storage.writer import Writer

T = TypeVar("T")
READERS = 2  # one slow report must not make a quick look-up wait
BUSY_SECONDS = 5.0  # how long a statement waits for another process
AGAIN_SECONDS = 0.02
LOCKED = "database locked"
MIGRATION_SECONDS = 60.0  # how long a start waits for another one that migrates
PRAGMAS = ("foreign_keys=ON", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY")


def make_engine(url: URL, *, begin: str, busy: float, pragmas: Sequence[str] = PRAGMAS, size: int = 1) -> Engine:
    """An engine whose transactions start with `begin`; Python's own transaction handling is switched off."""
    engine = create_engine(
        url,
        connect_args={"isolation_level": None, "timeout": busy, "check_same_thread": False},
        hide_parameters=True,  # an error's text must not carry what a resident wrote
        pool_size=size,
        max_overflow=0,
    )

    @event.listens_for(engine, "connect")
    def _prepare(dbapi: Any, _record: Any) -> None:
        for pragma in pragmas:
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        conn.exec_driver_sql(begin)

    return engine


def patiently(work: Callable[[], None], seconds: float) -> None:
    """Again while the file is locked: a new file's turn to WAL fails at once where others turn it at that moment.

    SQLite's own patience covers every statement but that one.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            work()
        except Unavailable as away:
            if away.reason != LOCKED or time.monotonic() >= until:
                raise
            time.sleep(AGAIN_SECONDS)
        else:
            return


class SqliteBackend:
    def __init__(self, url: URL) -> None:
        """Over a file that is there. Blocks for a moment; raises Unavailable."""
        self._writes = make_engine(url, begin="BEGIN IMMEDIATE", busy=BUSY_SECONDS)
        self._reads = make_engine(
            url, begin="BEGIN", busy=BUSY_SECONDS, pragmas=[*PRAGMAS, "query_only=ON"], size=READERS
        )
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        self._file = self._opened()
        self._writer = Writer(self._writes, self._file.look)
        self._writer.start()
        self._closed = False

    @classmethod
    async def open(cls, url: URL) -> SqliteBackend:
        return await asyncio.to_thread(cls._migrated, url)

    @classmethod
    def _migrated(cls, url: URL) -> SqliteBackend:
        patiently(lambda: cls._migrate(url), MIGRATION_SECONDS)
        return cls(url)

    @staticmethod
    def _migrate(url: URL) -> None:
        engine = make_engine(
            url, begin="BEGIN IMMEDIATE", busy=MIGRATION_SECONDS, pragmas=["journal_mode=WAL", *PRAGMAS]
        )
        try:
            with told_apart(), engine.begin() as conn:
                upgrade(conn)
        finally:
            engine.dispose()

    def _opened(self) -> SameFile:
        with told_apart(), self._reads.connect() as conn:
            return SameFile(sqlite_file(conn))

    async def run(self, work: Callable[[Connection], T]) -> T:
        [future] = self._writer.submit([work])
        return await future

    async def run_group(self, works: Sequence[Callable[[Connection], T]]) -> list[T | Exception]:
        found = await asyncio.gather(*self._writer.submit(works), return_exceptions=True)
        results: list[T | Exception] = []
        for result in found:
            if isinstance(result, BaseException) and not _own_error(result):
                raise result
            results.append(result)
        return results

    async def read(self, work: Callable[[Connection], T]) -> T:
        if self._closed:
            raise Unavailable("database closed")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._look, work)

    def _look(self, work: Callable[[Connection], T]) -> T:
        self._file.look()  # before a new connection could make another file
        with told_apart(), self._reads.connect() as conn:
            return work(conn)

    async def checkpoint(self) -> None:
        await self._writer.checkpoint()

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await asyncio.to_thread(self._shut)

    def _shut(self) -> None:
        self._readers.shutdown(wait=True)
        self._reads.dispose()
        self._writer.close()
        self._writes.dispose()


def _own_error(result: BaseException) -> TypeGuard[Exception]:
    return isinstance(result, Exception) and not isinstance(result, Unavailable)
