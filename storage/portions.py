"""Many rows deleted in statements that are short each: PostgreSQL may take only so long for one (storage.postgres)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Table, delete, select

PORTION = 5000  # rows


def delete_all(conn: Connection, table: Table, which: ColumnElement[bool]) -> int:
    """In the caller's transaction, in the order of ids; the number of rows."""
    total, last = 0, 0
    while True:
        some = select(table.c.id).where(which, table.c.id > last).order_by(table.c.id).limit(PORTION)
        gone = conn.execute(delete(table).where(table.c.id.in_(some)).returning(table.c.id)).scalars().all()
        total += len(gone)
        if len(gone) < PORTION:
            return total
        last = max(gone)
