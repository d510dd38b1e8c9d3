"""An import that is killed, stopped or out of disk in the middle leaves the directory as it was."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from storage import directory
from storage.engine import Database
from tests.integration.cli.command import Run, environment
from tests.integration.cli.test_run import CONFIG

ROWS = 4_000
pytestmark = pytest.mark.crash


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    """Four thousand new areas to import into a database that spills to disk long before it commits."""
    (tmp_path / "config.toml").write_text(CONFIG.format(port=1), encoding="utf-8")
    lines = (f"g{n},这个网格的名字长得足够让它占掉几页纸的地方{n},网格" for n in range(ROWS))
    (tmp_path / "areas.csv").write_text("代码,名称,级别\n" + "\n".join(lines), encoding="utf-8")
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "gridbridge.db"
    file.write_bytes(sqlite_template.read_bytes())
    with closing(sqlite3.connect(file)) as conn:
        conn.execute("PRAGMA default_cache_size = 20")  # pages; kept in the file
        conn.commit()
    return tmp_path


@contextmanager
def importing(folder: Path, **options: object) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "import", "areas", "areas.csv"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload] # any option of Popen
    ) as process:
        os.setpriority(os.PRIO_PROCESS, process.pid, 10)  # on a busy machine it must not run away from who looks on
        yield process
        process.kill()


def until_writing(folder: Path, process: subprocess.Popen[str]) -> None:
    """Until the first rows are on disk, uncommitted."""
    log = folder / "data" / "gridbridge.db-wal"
    for _ in range(20_000):
        if log.exists() and log.stat().st_size > 100_000:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.001)
    raise AssertionError("it never wrote")


def areas(folder: Path) -> tuple[int, str]:
    """How many there are, and the directory's version."""
    with closing(sqlite3.connect(folder / "data" / "gridbridge.db")) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        count, version = conn.execute(
            "SELECT (SELECT count(*) FROM area), (SELECT value FROM meta WHERE key = 'directory')"
        ).fetchone()
    return count, version


def test_killed_in_the_middle(folder: Path) -> None:
    """Nothing of it is there."""
    before = areas(folder)
    with importing(folder) as process:
        until_writing(folder, process)
        process.kill()
        process.communicate(timeout=20)
    assert process.returncode == -signal.SIGKILL
    assert areas(folder) == before


def test_ctrl_c_in_the_middle(quickly: Run, folder: Path) -> None:
    """It stops, says that nothing is written, and that is so; afterwards the same import goes through."""
    before = areas(folder)
    with importing(folder) as process:
        until_writing(folder, process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines() == ["正在停下……", "gridbridge：按您的意思停下了，什么都没有写。"]
    assert areas(folder) == before
    assert quickly("import", "areas", "areas.csv").status == 0
    assert areas(folder)[0] == ROWS


def on(folder: Path, url: str) -> None:
    """The configuration names this database."""
    text = (folder / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(f'[database]\nurl = "{url}"\n{text}', encoding="utf-8")


async def until_blocked(conn: Any) -> None:
    """Until somebody waits for a lock."""
    async with asyncio.timeout(30):
        while not await conn.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.01)


async def test_killed_in_the_middle_on_postgresql(folder: Path, postgres_url: str) -> None:
    """Killed behind somebody's lock, after its first statement: the version has not moved either."""
    on(folder, postgres_url)
    db = await Database.open(postgres_url)
    before = await db.read(directory.version)
    conn = await asyncpg.connect(postgres_url)
    async with conn.transaction():
        await conn.execute("LOCK TABLE area IN SHARE MODE")  # it may read, not write
        with importing(folder) as process:
            await until_blocked(conn)
            process.kill()
            await asyncio.to_thread(process.communicate)
    await conn.close()
    rows = await db.read(directory.load)
    await db.close()
    assert (rows.version, rows.areas) == (before, ())


async def test_a_resident_who_speaks_at_that_very_moment(quickly: Run, folder: Path, postgres_url: str) -> None:
    """He is made a person between our look and our writing: we look again, and he is one person with a role."""
    on(folder, postgres_url)
    (folder / "one.csv").write_text("编号,姓名,角色,区域\nli,李梅,网格员,全部\n", encoding="utf-8")
    conn = await asyncpg.connect(postgres_url)
    async with conn.transaction():
        person = await conn.fetchval("INSERT INTO person (name, created_at) VALUES ('李', now()) RETURNING id")
        await conn.execute("INSERT INTO identity (channel, native_id, person_id) VALUES ('webchat', 'li', $1)", person)
        running = asyncio.create_task(asyncio.to_thread(quickly, "import", "people", "one.csv"))
        await until_blocked(conn)
    ended = await running
    assert (ended.status, ended.err) == (0, "")
    assert await conn.fetch("SELECT id, name FROM person") == [(person, "李梅")]
    assert await conn.fetchval("SELECT person_id FROM role") == person
    await conn.close()


def test_a_full_disk(folder: Path) -> None:
    """No file may grow beyond what fits: one sentence, and the directory as it was."""
    before = areas(folder)
    room = (folder / "data" / "gridbridge.db").stat().st_size + 50_000

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    with importing(folder, preexec_fn=little_room) as process:
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert err.startswith("gridbridge：")
    assert "磁盘" in err
    assert areas(folder) == before
