"""The fixtures' own promise: a database that a test has used is like new for the next one."""

from __future__ import annotations

import asyncpg

from storage import directory
from storage.engine import Database
from tests.databases import PostgresServer, in_own_loop


async def _use(url: str) -> int:
    """The id of an area that is written into it."""
    db = await Database.open(url)
    area = await db.run(lambda conn: directory.add_area(conn, code="A", name="东关", level="grid"))
    await db.close()
    return area


async def _execute(url: str, statement: str) -> None:
    conn = await asyncpg.connect(url)
    await conn.execute(statement)
    await conn.close()


def test_rows_numbers_and_the_directorys_version_start_again(pg_server: PostgresServer) -> None:
    """Twice the same use has the same outcome, in the same database."""
    seen = []
    for _ in range(2):
        with pg_server.migrated() as url:
            seen.append((url, in_own_loop(lambda url=url: _use(url))))  # type: ignore[misc]
    assert seen[0] == seen[1]


def test_a_database_whose_schema_was_changed_is_not_used_again(pg_server: PostgresServer) -> None:
    with pg_server.migrated() as used:
        in_own_loop(lambda: _execute(used, "DROP TRIGGER case_event_no_change ON case_event"))
    with pg_server.migrated() as url:
        assert url != used
