"""The database is away, locked, full or read-only while people go on talking; then it is back, and nobody lends a hand."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

from tests.crash.bench import Bench, open_bench
from tests.crash.table import Row, row_of
from tests.integration.outage import disk
from tests.integration.outage.proxy import cable_to

TEN_MINUTES = timedelta(minutes=10)
Spoil = Callable[[], AbstractAsyncContextManager[None]]


async def away(url: str, short: bool) -> Row:
    """For ten minutes of the town's time; SQLite's folder is carried off, PostgreSQL's cable cut."""
    fault = "database away for ten minutes"
    if url.startswith("sqlite"):
        async with open_bench(url) as bench:
            return await _through(bench, fault, lambda: _carried_off(_file(url).parent), short)
    async with cable_to(url) as cable, open_bench(url) as bench:
        bench.url = cable.url

        @asynccontextmanager
        async def cut() -> AsyncIterator[None]:
            await cable.cut()
            yield
            await cable.mend()

        return await _through(bench, fault, cut, short)


async def locked(url: str, short: bool) -> Row:
    """By another program: the whole file, or the inbox."""
    async with open_bench(url) as bench:
        lock = _file_locked if url.startswith("sqlite") else _table_locked
        return await _through(bench, "database locked", lambda: lock(url), short)


async def full(url: str, short: bool) -> Row:
    """A disk of eight megabytes; where none may be mounted, a quota of the process."""
    with tempfile.TemporaryDirectory(prefix="gbdisk") as folder, disk.small(Path(folder), 8) as mounted:
        file = Path(folder) / "gridbridge.db"
        shutil.copy(_file(url), file)
        async with open_bench(f"sqlite:///{file}") as bench:
            spoil = (lambda: _filled(file.parent)) if mounted else (lambda: _quota(bench))
            return await _through(bench, "disk full" if mounted else "disk quota", spoil, short)


async def read_only(url: str, short: bool) -> Row:
    async with open_bench(url) as bench:
        return await _through(bench, "database read-only", lambda: _read_only(url), short)


async def growing_log(url: str, short: bool) -> Row:
    """Somebody reads and never ends: work goes on, the log grows, and is folded in when he has gone."""
    log = Path(f"{_file(url)}-wal")
    async with open_bench(url) as bench:
        life = await bench.start()
        await life.running()
        with closing(sqlite3.connect(_file(url), isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM cases").fetchone()
            await bench.busy(1.5 if short else 20.0)
            await bench.settle()
            grown = _size(log)
        await life.stop()
        left = _size(log)
        note = f"log {grown // 1024:,} KB, {left} after"
        return row_of("a log that grows", url, await bench.reckoning(), note=note)


async def _through(bench: Bench, fault: str, spoil: Spoil, short: bool) -> Row:
    life = await bench.start()
    await life.running()
    await bench.busy(0.8)
    async with spoil():
        await bench.busy(1.0 if short else 8.0)
        bench.clock.jump(TEN_MINUTES)
        await bench.busy(1.0 if short else 8.0)
        status, words = await bench.readyz(life)
    over = time.monotonic()
    bench.people.report()
    recovered = [await bench.handled_again(over)]
    await bench.settle()
    found = await bench.reckoning()
    found.lost += [f"/readyz said {status} {words} meanwhile"] * (status != 503)
    return row_of(fault, bench.url, found, note=f"/readyz {status}: {words}", recovered=recovered)


# -- what spoils it


@asynccontextmanager
async def _carried_off(folder: Path) -> AsyncIterator[None]:
    elsewhere = folder.with_name(f"{folder.name}.away")
    await asyncio.to_thread(folder.rename, elsewhere)
    yield
    await asyncio.to_thread(elsewhere.rename, folder)


@asynccontextmanager
async def _file_locked(url: str) -> AsyncIterator[None]:
    with closing(sqlite3.connect(_file(url), isolation_level=None, timeout=10)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@asynccontextmanager
async def _table_locked(url: str) -> AsyncIterator[None]:
    conn = await _connect(url)
    async with conn.transaction():
        await conn.execute("LOCK TABLE inbox, outbox, lease IN ACCESS EXCLUSIVE MODE")
        yield
    await conn.close()


@asynccontextmanager
async def _filled(folder: Path) -> AsyncIterator[None]:
    with disk.filled(folder):
        yield


@asynccontextmanager
async def _quota(bench: Bench) -> AsyncIterator[None]:
    import resource

    pid = bench.lives[-1].pid
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, hard))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


@asynccontextmanager
async def _read_only(url: str) -> AsyncIterator[None]:
    """As after a fail-over to a standby: every session begins read-only."""
    name = make_url(url).database
    conn = await _connect(url)
    for state in ("on", "off"):
        await conn.execute("SET default_transaction_read_only = off")
        await conn.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {state}')
        await conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        if state == "on":
            yield
    await conn.close()


async def _connect(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
