"""The directory's version: processes hold a snapshot and re-read it when this number has grown."""

from __future__ import annotations

from sqlalchemy import Connection, Integer, String, cast, select, update

from storage.schema import meta

_VERSION = select(cast(meta.c.value, Integer)).where(meta.c.key == "directory")
_BUMP = update(meta).where(meta.c.key == "directory").values(value=cast(cast(meta.c.value, Integer) + 1, String))


def version(conn: Connection) -> int:
    return conn.execute(_VERSION).scalar_one()


def bump(conn: Connection) -> None:
    """The first statement of each write: its row lock makes writers on PostgreSQL take turns."""
    conn.execute(_BUMP)


def lock(conn: Connection) -> None:
    """For a writer that reads first: from here to the end of the transaction nobody else changes the directory.

    On SQLite the transaction itself does that.
    """
    conn.execute(_VERSION.with_for_update())
