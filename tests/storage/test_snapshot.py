"""Copies of SQLite files that programs are writing to: one moment for all, and sound."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from storage import inbox, outbox, snapshot
from storage.engine import Database
from storage.errors import Unavailable
from tests.storage.seeds import ACCOUNT, LEASE, NOW, a_chat, message, post

ROW = "x" * 3000


def make(path: Path, rows: int = 0) -> sqlite3.Connection:
    conn = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("CREATE TABLE said (n INTEGER PRIMARY KEY, text TEXT)")
    conn.execute("BEGIN")
    conn.executemany("INSERT INTO said (text) VALUES (?)", [(ROW,)] * rows)
    conn.execute("COMMIT")
    return conn


def newest(path: Path) -> int:
    with closing(sqlite3.connect(path)) as conn:
        found: int = conn.execute("SELECT coalesce(max(n), 0) FROM said").fetchone()[0]
    return found


def test_what_is_written_meanwhile_is_not_in_it(tmp_path: Path) -> None:
    """Between any two steps somebody commits: the copy neither starts over nor sees any of it."""
    steps: list[int] = []
    with closing(make(tmp_path / "a.db", 4000)) as writer, snapshot.one_moment(tmp_path / "a.db", []) as readers:

        def meanwhile(size: int) -> None:
            steps.append(size)
            writer.execute("INSERT INTO said (text) VALUES (?)", (ROW,))
            writer.execute("UPDATE said SET text = 'changed' WHERE n < 100")

        snapshot.copy(readers[tmp_path / "a.db"], tmp_path / "copy.db", meanwhile)
    assert len(steps) >= 3
    assert sum(steps) == (tmp_path / "copy.db").stat().st_size
    assert snapshot.look(tmp_path / "copy.db") == snapshot.Facts("0", {"said": 4000})
    assert newest(tmp_path / "a.db") == 4000 + len(steps)
    assert [path.name for path in tmp_path.glob("copy.db-*")] == []


def test_what_one_says_was_handed_over_is_in_the_other(tmp_path: Path) -> None:
    """A writer commits to the first file and then notes it in the second: no copy knows of a note without its row."""
    stop = threading.Event()
    with closing(make(tmp_path / "first.db")) as first, closing(make(tmp_path / "second.db")) as second:

        def write() -> None:
            while not stop.is_set():
                for conn in (first, second):
                    conn.execute("INSERT INTO said (text) VALUES ('x')")

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(15):
                with snapshot.one_moment(tmp_path / "first.db", [tmp_path / "second.db"]) as readers:
                    for source, reader in readers.items():
                        snapshot.copy(reader, tmp_path / f"{number}-{source.name}", lambda _: None)
        finally:
            stop.set()
            writer.join()
    pairs = [(newest(tmp_path / f"{n}-first.db"), newest(tmp_path / f"{n}-second.db")) for n in range(15)]
    assert all(one >= other for one, other in pairs), pairs
    assert pairs[-1][0] > pairs[0][0], "somebody must have been writing"


async def test_what_the_original_works_on_is_free_in_the_copy(sqlite_url: str) -> None:
    """Else what was in work would lie for a minute in a program that starts at once; a post may have arrived."""
    db = await Database.open(sqlite_url)

    def work(conn: Connection) -> None:
        inbox.put(conn, [message(a_chat(conn), "a", due_at=NOW)])
        outbox.put(conn, [post("a")], NOW)
        assert inbox.claim(conn, NOW, limit=1, lease=LEASE)
        assert outbox.claim(conn, NOW, accounts=[ACCOUNT], limit=1, lease=LEASE).rows

    def again(conn: Connection) -> tuple[int, int]:
        return len(inbox.claim(conn, NOW, limit=1, lease=LEASE)), len(outbox.lapsed(conn, NOW))

    await db.run(work)
    assert await db.run(again) == (0, 0)
    await db.close()
    snapshot.disown(Path(sqlite_url.removeprefix("sqlite:///")))
    copied = await Database.open(sqlite_url)
    assert await copied.run(again) == (1, 1)
    await copied.close()


def test_a_damaged_copy_is_noticed(tmp_path: Path) -> None:
    make(tmp_path / "a.db", 500).close()
    raw = bytearray((tmp_path / "a.db").read_bytes())
    raw[20_000:28_000] = bytes(8000)
    (tmp_path / "a.db").write_bytes(raw)
    with pytest.raises(Unavailable):
        snapshot.look(tmp_path / "a.db")


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(Unavailable), snapshot.one_moment(tmp_path / "none.db", []):
        raise AssertionError("there is nothing to copy")
    assert list(tmp_path.iterdir()) == []
