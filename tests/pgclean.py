"""A used PostgreSQL database made as good as new: a twentieth of what a new one costs, for hundreds of tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import asyncpg

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY sequencename"
_SHAPE = """
SELECT md5(string_agg(line, ' ' ORDER BY line)) FROM (
    SELECT concat(relname, relkind) AS line FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat(relname, attname, atttypid, attnotnull) FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND attnum > 0
    UNION ALL SELECT concat(relname, tgname, tgenabled) FROM pg_trigger
        JOIN pg_class ON pg_class.oid = tgrelid WHERE relnamespace = 'public'::regnamespace
) AS lines
"""
_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"


@dataclass(frozen=True)
class Pristine:
    """What a migrated database looks like before anybody has used it. `rows`: what the migrations themselves wrote."""

    shape: str
    clear: str
    rows: dict[str, list[asyncpg.Record]]

    @classmethod
    async def of(cls, url: str) -> Pristine:
        conn = await asyncpg.connect(url)
        try:
            tables = [row[0] for row in await conn.fetch(_TABLES)]
            sequences = [row[0] for row in await conn.fetch(_SEQUENCES)]
            # What autovacuum learns of tables that are empty at that moment would choose other plans than a new
            # database has.
            await conn.execute(";".join(f'ALTER TABLE "{name}" SET (autovacuum_enabled = off)' for name in tables))
            rows = {name: await conn.fetch(f'SELECT * FROM "{name}"') for name in tables}
            clear = [f'DELETE FROM "{name}"' for name in tables]
            restart = [f'ALTER SEQUENCE "{name}" RESTART' for name in sequences]
            shape = await conn.fetchval(_SHAPE)
        finally:
            await conn.close()
        return cls(shape, ";".join([*clear, *restart]), {name: found for name, found in rows.items() if found})

    async def restore(self, url: str, database: str) -> bool:
        """False: the test has changed the schema itself, and only a new database is like new."""
        conn = await asyncpg.connect(url)
        try:
            await conn.fetch(_OTHERS, database)
            if await conn.fetchval(_SHAPE) != self.shape:
                return False
            async with conn.transaction():
                # As a replica does it: neither foreign keys nor the triggers that protect the history are asked.
                await conn.execute("SET LOCAL session_replication_role = replica")
                await conn.execute(self.clear)
                for table, rows in self.rows.items():
                    await self._insert(conn, table, rows)
            return True
        finally:
            await conn.close()

    @staticmethod
    async def _insert(conn: Any, table: str, rows: list[asyncpg.Record]) -> None:
        holes = ", ".join(f"${number}" for number in range(1, len(rows[0]) + 1))
        await conn.executemany(f'INSERT INTO "{table}" VALUES ({holes})', [tuple(row) for row in rows])
