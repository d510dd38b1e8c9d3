"""A database that refuses something nobody foresaw: a trigger on a table, until it is taken away again."""

from __future__ import annotations

from sqlalchemy import Connection

from storage.engine import Database


async def refuse(db: Database, table: str, condition: str, *, event: str = "INSERT") -> None:
    """Rows of which `condition` holds (`NEW.…`) are refused from now on."""

    def work(conn: Connection) -> None:
        if conn.dialect.name == "sqlite":
            conn.exec_driver_sql(
                f"CREATE TRIGGER refusing BEFORE {event} ON {table} WHEN {condition}"
                " BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
            return
        body = f"BEGIN IF {condition} THEN RAISE EXCEPTION 'refused'; END IF; RETURN NEW; END"
        conn.exec_driver_sql(f"CREATE FUNCTION refusing() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
        conn.exec_driver_sql(
            f"CREATE TRIGGER refusing BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION refusing()"
        )

    await db.run(work)


async def allow(db: Database) -> None:
    """The fix."""
    end = "DROP TRIGGER refusing" if db.dialect == "sqlite" else "DROP FUNCTION refusing CASCADE"
    await db.run(lambda conn: conn.exec_driver_sql(end))
