"""The schema a database really has, and starts that meet."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from storage import cases
from storage.engine import Database
from storage.errors import SchemaTooNew
from storage.migrate import SCRIPTS, newest
from storage.schema import case_event, meta, metadata
from tests.databases import PostgresServer
from tests.storage.seeds import NOW, a_case

START = """
import asyncio, sys
from storage.engine import Database

async def main():
    print("ready", flush=True)
    sys.stdin.readline()
    database = await Database.open(sys.argv[1])
    await database.close()

asyncio.run(main())
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new.db"
        return
    server: PostgresServer = request.getfixturevalue("pg_server")
    with server.empty() as url:
        yield url


async def test_migrations_make_the_schema(db: Database) -> None:
    """Alembic finds no difference between what the revisions made and storage.schema."""

    def differences(conn: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(conn), metadata))

    assert await db.read(differences) == []


def test_files_are_called_by_their_revisions() -> None:
    """Which are there and which is the newest is read from the names, so Alembic must say the same of the contents."""
    scripts = ScriptDirectory(str(SCRIPTS))
    revisions = list(scripts.walk_revisions())
    assert scripts.get_current_head() == newest()
    assert all(Path(one.path).name.startswith(f"v{one.revision}_") for one in revisions)
    assert len(revisions) == len(list((SCRIPTS / "versions").glob("*.py")))


async def test_every_index_of_pending_rows_is_partial(db: Database) -> None:
    """Alembic does not compare the conditions of indexes; the queues live by them."""
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'",
        "postgresql": "SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%WHERE%'",
    }[db.dialect]
    found = await db.read(lambda conn: set(conn.execute(text(query)).scalars()))
    names = {"ix_inbox_lane", "ix_inbox_due", "ix_outbox_lane", "ix_outbox_due", "ix_cases_next_tick_at"}
    assert names <= found


async def test_opening_again_changes_nothing(database_url: str) -> None:
    """A database at head is opened as it is, its rows untouched."""
    for _ in range(2):
        db = await Database.open(database_url)
        case = await db.run(a_case)
        await db.close()
    assert case.id == 2


@pytest.mark.parametrize("statement", [update(case_event).values(action="x"), delete(case_event)])
async def test_history_cannot_be_changed(db: Database, statement: Any) -> None:
    """The database itself refuses to change or delete an event."""

    def write(conn: Connection) -> None:
        case = a_case(conn)
        cases.add_event(
            conn,
            case_id=case.id,
            version=1,
            at=NOW,
            recorded_at=NOW,
            action="report",
            actor_id=None,
            from_state=None,
            to_state="reported",
            data={},
        )

    await db.run(write)
    with pytest.raises(DBAPIError, match="never changed"):
        await db.run(lambda conn: conn.execute(statement))
    assert len(await db.read(lambda conn: cases.events(conn, 1))) == 1


async def test_postgres_history_cannot_be_truncated(postgres_url: str) -> None:
    """TRUNCATE fires no row trigger; it is refused all the same."""
    db = await Database.open(postgres_url)
    with pytest.raises(DBAPIError, match="never changed"):
        await db.run(lambda conn: conn.execute(text("TRUNCATE case_event")))
    await db.close()


async def as_from_the_future(url: str, oldest_code: str | None) -> None:
    """What a program two releases ahead would leave behind."""

    def work(conn: Connection) -> None:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        conn.execute(delete(meta).where(meta.c.key == "oldest_code"))
        if oldest_code is not None:
            conn.execute(insert(meta).values(key="oldest_code", value=oldest_code))

    db = await Database.open(url)
    await db.run(work)
    await db.close()


@pytest.mark.parametrize("oldest_code", ["9998", None])
async def test_too_new_a_database_is_refused(database_url: str, oldest_code: str | None) -> None:
    """One clear sentence, and nothing is touched."""
    await as_from_the_future(database_url, oldest_code)
    with pytest.raises(SchemaTooNew, match=r"revision 9999.*update the program"):
        await Database.open(database_url)


async def test_a_newer_database_that_still_serves_us(database_url: str) -> None:
    """During a rolling update the old program goes on as long as the database says so."""
    await as_from_the_future(database_url, "0001")
    db = await Database.open(database_url)
    version = await db.read(lambda conn: conn.execute(text("SELECT version_num FROM alembic_version")).scalar())
    await db.close()
    assert version == "9999"


async def test_starts_that_meet_take_turns(empty_url: str) -> None:
    """Three processes open the same empty database at the same moment: one migrates, all are served."""
    root = Path(__file__).parents[2]

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", START, empty_url]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=root, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    processes = [start() for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        await asyncio.to_thread(process.stdout.readline)
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    ends = [await asyncio.to_thread(process.communicate) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], ends
    db = await Database.open(empty_url)
    stated = await db.read(lambda conn: conn.execute(select(meta.c.value).where(meta.c.key == "oldest_code")).all())
    await db.close()
    assert [tuple(row) for row in stated] == [("0001",)]
