"""PostgreSQL through asyncpg: the same synchronous statements, run by SQLAlchemy's greenlet bridge."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, ExceptionContext, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from storage.errors import Conflict, Unavailable
from storage.faults import told_apart
from storage.migrate import upgrade

T = TypeVar("T")
CONNECTIONS = 10
POOL_WAIT_SECONDS = 10.0
TRIES = 5  # of a transaction that was in the way of another; each loses at most one deadlock_timeout, one second
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0  # for one statement; a cable in which everything sticks would else be noticed after minutes
IDLE_SECONDS = 10  # between two statements of one transaction; ours do nothing else meanwhile
_READ_ONLY = "25006"


def make_engine(url: URL, answer: float | None) -> AsyncEngine:
    """`answer`: seconds a statement may take; None: as long as it wants."""
    engine = create_async_engine(
        url.set(drivername="postgresql+asyncpg"),
        hide_parameters=True,  # an error's text must not carry what a resident wrote
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        connect_args={"timeout": CONNECT_SECONDS, "command_timeout": answer},
    )
    event.listen(engine.sync_engine, "handle_error", _drop)
    if answer is not None:
        event.listen(engine.sync_engine, "connect", _leave_nothing_open)
    return engine


def _leave_nothing_open(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """A process that stands still in the middle must not keep its locks from all others: the server ends it."""
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
    cursor.close()
    connection.commit()


def _drop(context: ExceptionContext) -> None:
    """After these errors all connections are made anew.

    One that answers not in time will not do so the next time either; one that can only read was made while the server
    was like that (a standby, a setting) and would stay so after it has changed.
    """
    error = context.original_exception
    if isinstance(error, TimeoutError) or getattr(error, "sqlstate", None) == _READ_ONLY:
        context.is_disconnect = True


class PostgresBackend:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._readers = engine.execution_options(postgresql_readonly=True)
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    @classmethod
    async def open(cls, url: URL) -> PostgresBackend:
        await cls._migrate(url)
        return cls(make_engine(url, ANSWER_SECONDS))

    @classmethod
    async def _migrate(cls, url: URL) -> None:
        """A large table may take its time."""
        backend = cls(make_engine(url, None))
        try:
            await backend.run(upgrade)
        finally:
            await backend.close()

    async def run(self, work: Callable[[Connection], T]) -> T:
        return await self._kept(self._transaction(work))

    async def run_group(self, works: Sequence[Callable[[Connection], T]]) -> list[T | Exception]:
        try:
            return list(await self.run(lambda conn: [work(conn) for work in works]))
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whose error it is shows when each runs alone
            if len(works) == 1:
                return [error]
        return [await self._alone(work) for work in works]

    async def _alone(self, work: Callable[[Connection], T]) -> T | Exception:
        try:
            return await self.run(work)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - a value for the caller
            return error

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._kept(self._look(work))

    async def checkpoint(self) -> None:
        """PostgreSQL keeps its own log."""

    async def close(self) -> None:
        self._closed = True
        while self._running:
            await asyncio.wait(self._running)
        await self._engine.dispose()

    async def _kept(self, body: Coroutine[Any, Any, T]) -> T:
        """Run in a task of its own: a cancelled caller must not leave a connection inside a transaction."""
        if self._closed:
            body.close()
            raise Unavailable("database closed")
        task = asyncio.create_task(body)
        self._running.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, so that nothing is said of a caller who has gone

    async def _transaction(self, work: Callable[[Connection], T]) -> T:
        """Again when it gave way to another: that is nobody's fault, and nobody need hear of it."""
        for _ in range(TRIES - 1):
            try:
                return await self._once(work)
            except Conflict:
                continue
        return await self._once(work)

    async def _once(self, work: Callable[[Connection], T]) -> T:
        with told_apart():
            async with self._engine.begin() as conn:
                return await conn.run_sync(work)

    async def _look(self, work: Callable[[Connection], T]) -> T:
        with told_apart():
            async with self._readers.connect() as conn:
                return await conn.run_sync(work)
