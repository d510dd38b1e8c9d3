"""What only SQLite does: its settings, its failures, what stays in its files."""

from __future__ import annotations

import dataclasses
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, text

from storage import blobs, inbox
from storage.engine import Database
from storage.errors import Unavailable
from storage.schema import meta
from storage.sqlite import patiently
from tests.storage.seeds import LEASE, NOW, a_chat, message


@pytest.fixture
async def lite(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    monkeypatch.setattr("storage.sqlite.BUSY_SECONDS", 0.1)
    database = await Database.open(sqlite_url)
    yield database
    await database.close()


@pytest.fixture
def path(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


async def test_settings(lite: Database) -> None:
    """Durability, foreign keys and secure deletion are on, for the writer and the readers."""

    def settings(conn: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        return [conn.execute(text(f"PRAGMA {name}")).scalar() for name in names]

    assert await lite.run(settings) == ["wal", 2, 1, 1]
    assert await lite.read(settings) == ["wal", 2, 1, 1]


async def test_disk_full(lite: Database) -> None:
    """A full disk is the infrastructure's fault; when there is room again, work goes on."""
    photo = b"x" * 200_000

    def keep(conn: Connection) -> None:
        blobs.put(conn, hash="big", mime="image/jpeg", width=1, height=1, data=photo)

    await lite.run(lambda conn: conn.execute(text("PRAGMA max_page_count=1")).all())
    with pytest.raises(Unavailable, match="disk full"):
        await lite.run(keep)
    await lite.run(lambda conn: conn.execute(text("PRAGMA max_page_count=1000000")).all())
    await lite.run(keep)
    assert await lite.read(lambda conn: blobs.known(conn, ["big"])) == {"big"}


async def test_disk_full_hits_only_who_needs_the_room(lite: Database) -> None:
    """In a group, the works that still fit are committed; Unavailable is raised for the rest."""
    await lite.run(lambda conn: conn.execute(text("PRAGMA max_page_count=1")).all())
    works = [lambda conn: conn.execute(insert(meta).values(key="t1", value="1")).rowcount]
    works.append(lambda conn: conn.execute(insert(meta).values(key="t2", value="x" * 200_000)).rowcount)
    with pytest.raises(Unavailable, match="disk full"):
        await lite.run_group(works)
    assert await lite.read(lambda conn: conn.execute(text("SELECT key FROM meta WHERE key LIKE 't%'")).all()) == [
        ("t1",)
    ]


@contextmanager
def held_by_another(path: Path) -> Iterator[None]:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def test_locked_by_another(lite: Database, path: Path) -> None:
    """Another process that writes for too long: Unavailable for those who wait, readers go on, then all is well."""
    with held_by_another(path):
        with pytest.raises(Unavailable, match="locked"):
            await lite.run(a_chat)
        start = time.monotonic()
        with pytest.raises(Unavailable, match="locked"):
            await lite.run_group([a_chat] * 60)
        assert time.monotonic() - start < 60 * 0.1 / 2, "each of the works has waited for the lock"
        assert await lite.read(inbox.pending) == 0
    assert await lite.run(a_chat) == 1


async def test_file_that_is_no_database(tmp_path: Path) -> None:
    """Opening something else says so."""
    path = tmp_path / "notes.db"
    path.write_bytes(b"just notes, long enough to be read as a header" * 100)
    with pytest.raises(Unavailable, match="not a database"):
        await Database.open(f"sqlite:///{path}")


async def test_folder_that_does_not_exist(tmp_path: Path) -> None:
    """A path that cannot be opened says so."""
    with pytest.raises(Unavailable, match="cannot be opened"):
        await Database.open(f"sqlite:///{tmp_path}/nowhere/gridbridge.db")


def on_disk(path: Path) -> bytes:
    return b"".join(part.read_bytes() for part in sorted(path.parent.glob(path.name + "*")))


async def test_forgotten_words_leave_the_disk(lite: Database, path: Path) -> None:
    """What has been dealt with is in no file once the log is folded in; what still waits is kept."""
    small_talk, waiting = "中午吃饺子还是面条", "三号楼前的灯不亮"

    def receive(conn: Connection) -> None:
        chat_id = a_chat(conn)
        long = small_talk * 2000  # more than a page: such text lives in overflow pages
        inbox.put(conn, [message(chat_id, f"m{n}", body={"text": long if n % 2 else small_talk}) for n in range(20)])
        later = dataclasses.replace(message(chat_id, "r", body={"text": waiting}), due_at=NOW + LEASE)
        inbox.put(conn, [later])

    def work_off(conn: Connection) -> int:
        rows = inbox.claim(conn, NOW, limit=10, lease=LEASE)
        for row in rows:
            assert inbox.finish(conn, row, NOW)
        return len(rows)

    await lite.run(receive)
    assert small_talk.encode() in on_disk(path)
    while await lite.run(work_off):
        pass
    await lite.checkpoint()
    assert small_talk.encode() not in on_disk(path)
    assert waiting.encode() in on_disk(path)


async def test_close_leaves_one_file(sqlite_url: str, path: Path) -> None:
    """After a stop nothing hides in a log beside the file."""
    db = await Database.open(sqlite_url)
    await db.run(a_chat)
    await db.close()
    assert [part.name for part in path.parent.glob(path.name + "*")] == [path.name]


async def test_errors_tell_no_words(lite: Database) -> None:
    """The text of an error ends up in logs: it must not hold what was to be written."""

    def twice(conn: Connection) -> None:
        for _ in range(2):
            conn.execute(insert(meta).values(key="我家漏水了", value="13800000000"))

    with pytest.raises(Exception, match="UNIQUE") as caught:
        await lite.run(twice)
    assert "漏水" not in str(caught.value)
    assert "13800000000" not in str(caught.value)


async def test_a_connection_that_broke_is_replaced(lite: Database) -> None:
    """A work that leaves the connection in a mess costs itself, not those after it."""

    def wreck(conn: Connection) -> None:
        dbapi = conn.connection.driver_connection
        assert dbapi is not None
        dbapi.close()

    with pytest.raises(Exception, match="closed"):
        await lite.run(wreck)
    assert await lite.run(a_chat) == 1


def test_a_lock_at_the_start_is_waited_for_and_nothing_else_is() -> None:
    """Turning a new file to WAL fails at once where another process does the same; any other trouble is told."""
    moods = ["database locked", "database locked", ""]

    def start() -> None:
        if mood := moods.pop(0):
            raise Unavailable(mood)

    patiently(start, seconds=5)
    assert moods == []
    moods += ["database disk full", ""]
    with pytest.raises(Unavailable, match="disk full"):
        patiently(start, seconds=5)
    assert moods == [""]
    moods[:] = ["database locked"] * 2
    with pytest.raises(Unavailable, match="locked"):
        patiently(start, seconds=0)
