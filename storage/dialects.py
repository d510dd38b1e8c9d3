"""Statements whose text differs between SQLite and PostgreSQL, built once for each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, Table, func, literal
from sqlalchemy.dialects import postgresql, sqlite

from storage.types import Utc

InsertInto = Callable[[Any], Any]
"""`insert` of one dialect; both offer on_conflict_do_nothing and on_conflict_do_update with the same arguments."""


_INSERTS: dict[str, InsertInto] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_into(conn: Connection, table: Table) -> Any:
    """`insert` in the words of the connection's database."""
    return _INSERTS[conn.dialect.name](table)


class PerDialect:
    """One statement in the words of either database."""

    def __init__(self, build: Callable[[InsertInto], Executable]) -> None:
        self._statements = {name: build(insert) for name, insert in _INSERTS.items()}

    def on(self, conn: Connection) -> Any:
        return self._statements[conn.dialect.name]


def clock(conn: Connection, now: datetime) -> ColumnElement[datetime]:
    """The clock of leases: PostgreSQL's own, because several machines share it; on SQLite the caller's."""
    if conn.dialect.name == "postgresql":
        return func.statement_timestamp(type_=Utc())
    return literal(now, Utc())
