"""SQLite's writer thread: takes what is waiting, commits it together, repeats. No timer delays a lone work."""

from __future__ import annotations

import asyncio
import threading
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from storage.errors import Unavailable
from storage.faults import unavailable

T = TypeVar("T")
GROUP = 64  # works that share a commit


@dataclass(frozen=True, slots=True)
class _Job:
    """A work that waits, and where its result belongs. `alone`: it has no part in a group or a transaction."""

    work: Callable[[Connection], Any]
    future: asyncio.Future[Any]
    loop: AbstractEventLoop
    alone: bool = False


@dataclass(frozen=True, slots=True)
class _Failed:
    error: Exception


class Writer:
    """Callers may live in any number of event loops; each gets its results in its own.

    `look` raises Unavailable when what would be written now could not be found again.
    """

    def __init__(self, engine: Engine, look: Callable[[], None]) -> None:
        self._engine, self._look = engine, look
        self._waiting: deque[_Job] = deque()
        self._news = threading.Condition()
        self._closing = False
        # A daemon: a program that ends without closing must not hang here; the log makes a cut harmless.
        self._thread = threading.Thread(target=self._serve, name="sqlite-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, works: Sequence[Callable[[Connection], T]]) -> list[asyncio.Future[T]]:
        """Queue works behind each other. Raises Unavailable after `close`."""
        loop = asyncio.get_running_loop()
        jobs = [_Job(work, loop.create_future(), loop) for work in works]
        self._queue(jobs)
        return [job.future for job in jobs]

    def checkpoint(self) -> asyncio.Future[None]:
        """Empty the write-ahead log, between two transactions."""
        loop = asyncio.get_running_loop()
        job = _Job(_truncate_log, loop.create_future(), loop, alone=True)
        self._queue([job])
        return job.future

    def close(self) -> None:
        """Finish what waits, empty the log, end the thread. Blocks."""
        with self._news:
            self._closing = True
            self._news.notify()
        if self._thread.is_alive():
            self._thread.join()

    def _queue(self, jobs: Sequence[_Job]) -> None:
        with self._news:
            if self._closing:
                raise Unavailable("database closed")
            self._waiting.extend(jobs)
            self._news.notify()

    def _serve(self) -> None:
        conn: Connection | None = None
        while jobs := self._take():
            try:
                self._look()
                conn = self._fit(conn)
                results = self._perform(conn, jobs)
            except Exception as error:  # noqa: BLE001 - the thread's boundary: the callers are told, the thread lives on
                results = [_failed(error)] * len(jobs)
            if conn is not None and any(map(_is_full, results)):
                _make_room(conn)
            _deliver(jobs, results)
        if conn is not None:
            _farewell(conn)

    def _fit(self, conn: Connection | None) -> Connection:
        """The connection, or a new one if a failed rollback has left it inside a transaction."""
        if conn is not None and (conn.invalidated or conn.in_transaction()):
            conn.invalidate()
            conn.close()
            conn = None
        return conn or self._engine.connect()

    def _take(self) -> list[_Job]:
        """Wait for work; nothing when closed and all is done."""
        with self._news:
            while not self._waiting and not self._closing:
                self._news.wait()
            jobs: list[_Job] = []
            while self._waiting and len(jobs) < GROUP and not (jobs and (jobs[-1].alone or self._waiting[0].alone)):
                jobs.append(self._waiting.popleft())
            return jobs

    def _perform(self, conn: Connection, jobs: Sequence[_Job]) -> list[Any]:
        if jobs[0].alone:
            return [jobs[0].work(conn)]
        transaction = conn.begin()  # fails for all alike, so that a lock is waited for once and not by each
        try:
            with transaction:
                return [job.work(conn) for job in jobs]
        except Exception as error:  # noqa: BLE001 - whose fault it is shows when each runs alone
            if len(jobs) == 1:
                return [_failed(error)]
        return [self._alone(conn, job) for job in jobs]

    @staticmethod
    def _alone(conn: Connection, job: _Job) -> Any:
        try:
            with conn.begin():
                return job.work(conn)
        except Exception as error:  # noqa: BLE001 - handed to the caller
            return _failed(error)


def _failed(error: Exception) -> _Failed:
    away = unavailable(error)
    if away is not None and away is not error:
        away.__cause__ = error
    return _Failed(away or error)


def _deliver(jobs: Sequence[_Job], results: Sequence[Any]) -> None:
    """One wake-up for each loop that waits, not one for each work."""
    by_loop: dict[AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for job, result in zip(jobs, results, strict=True):
        by_loop.setdefault(job.loop, []).append((job.future, result))
    for loop, outcomes in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, outcomes)
        except RuntimeError:  # that loop is closed: nobody waits there any more
            continue


def _settle(outcomes: Sequence[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, result in outcomes:
        if future.done():  # the caller was cancelled; what was committed stays committed
            continue
        if isinstance(result, _Failed):
            future.set_exception(result.error)
        else:
            future.set_result(result)


def _truncate_log(conn: Connection) -> None:
    cursor = conn.connection.cursor()
    busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    cursor.close()
    if busy:
        raise Unavailable("database locked")


def _is_full(result: Any) -> bool:
    return isinstance(result, _Failed) and str(result.error) == "database disk full"


def _make_room(conn: Connection) -> None:
    """What fills the disk may be our own log: folded into the file it needs no room any more."""
    with suppress(Exception):  # whatever hinders it, the callers are told that the disk is full
        conn.rollback()
        _truncate_log(conn)


def _farewell(conn: Connection) -> None:
    try:
        _truncate_log(conn)
    except Exception as error:
        # Another process reads, or the disk is gone: the log is then folded in at the next start.
        if unavailable(error) is None:
            raise
    finally:
        conn.close()
