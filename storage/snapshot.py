"""SQLite files as they were at one moment, copied while programs go on writing to them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Connection, inspect

from storage import room_messages as messages
from storage.errors import Unavailable
from storage.faults import told_apart
from storage.leases import release_all
from storage.migrate import standing
from storage.room_schema import VERSION
from storage.schema import lease
from storage.sqlite import BUSY_SECONDS, make_engine

STEP = 1024  # pages between two looks at whether somebody wants us to stop


@dataclass(frozen=True, slots=True)
class Facts:
    """What is in a file. `revision`: of its schema."""

    revision: str
    counts: Mapping[str, int]


@contextmanager
def one_moment(first: Path | None, others: Sequence[Path]) -> Iterator[Mapping[Path, sqlite3.Connection]]:
    """Connections that all see what was committed at one moment, however long they are read.

    While they are opened nobody can commit to `first`, so what the others say has been handed over to it is in it.
    Writers wait for a few milliseconds, readers never. Raises Unavailable.
    """
    with ExitStack() as stack:
        with told_apart():
            readers = _readers(first, others, stack)
        yield readers


def _readers(first: Path | None, others: Sequence[Path], stack: ExitStack) -> Mapping[Path, sqlite3.Connection]:
    readers: dict[Path, sqlite3.Connection] = {}
    with _gate(first):
        for path in (*((first,) if first else ()), *others):
            readers[path] = stack.enter_context(closing(_connect(path)))
            readers[path].execute("BEGIN")
            readers[path].execute("SELECT count(*) FROM sqlite_master").fetchone()  # only now the moment is taken
    return readers


@contextmanager
def _gate(first: Path | None) -> Iterator[None]:
    """Meanwhile nobody commits to it."""
    if first is None:
        yield
        return
    with closing(_connect(first)) as conn:
        conn.execute("BEGIN IMMEDIATE")
        yield
        conn.execute("ROLLBACK")


def copy(source: sqlite3.Connection, target: Path, advance: Callable[[int], None]) -> None:
    """Everything the connection sees, into a new file that stands alone. `advance`: of bytes. Raises Unavailable."""
    (size,) = source.execute("PRAGMA page_size").fetchone()
    left = -1

    def moved(_: int, remaining: int, total: int) -> None:
        nonlocal left
        advance(((left if left >= 0 else total) - remaining) * size)
        left = remaining

    with told_apart(), closing(sqlite3.connect(target, isolation_level=None)) as new:
        new.execute("PRAGMA synchronous=OFF")  # the archive it goes into is written through to the disk
        source.backup(new, pages=STEP, progress=moved)
        new.execute("PRAGMA journal_mode=DELETE")


def disown(path: Path) -> None:
    """Nobody holds an account or a row in a copy of the database: who starts on it need not wait for the old holder."""
    with _changing(path) as conn:
        if inspect(conn).has_table(lease.name):
            release_all(conn)


def owe_again(path: Path, since: datetime) -> None:
    """In a copy of a history: what was said or changed since then counts as not handed over yet."""
    with _changing(path) as conn:
        messages.owe_again(conn, since)


def look(path: Path) -> Facts:
    """Check a copy from end to end and count its rows. Raises Unavailable if it is damaged."""
    with told_apart(), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as conn:
        (verdict,) = conn.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise Unavailable("database damaged")
        names = [name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        own = [name for name in names if not name.startswith("sqlite_")]
        counts = {name: conn.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in own}  # noqa: S608
        if "alembic_version" in names:
            (revision,) = conn.execute("SELECT version_num FROM alembic_version").fetchone()
        else:
            (revision,) = conn.execute("PRAGMA user_version").fetchone()
        return Facts(str(revision), counts)


def serves(path: Path, *, history: bool) -> bool:
    """Whether this program can work with the file: a database, or the history of a web chat."""
    if history:
        return int(look(path).revision) <= VERSION
    with _changing(path) as conn:
        return standing(conn) != "too_new"


@contextmanager
def _changing(path: Path) -> Iterator[Connection]:
    engine = make_engine(URL.create("sqlite", database=str(path)), begin="BEGIN IMMEDIATE", busy=BUSY_SECONDS)
    try:
        with told_apart(), engine.begin() as conn:
            yield conn
    finally:
        engine.dispose()


def _connect(path: Path) -> sqlite3.Connection:
    """Not made if it is not there."""
    uri = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
