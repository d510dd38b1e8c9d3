"""Numbers about the whole database, for who looks after it: counts, states and moments, never a word anybody said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Column, Connection, func, inspect, select, text

from storage.claim import pending
from storage.schema import case, case_event, inbox, lease, metadata, outbox, reminder_log


def rows(conn: Connection) -> dict[str, int]:
    """How many rows each table has that is there."""
    there = set(inspect(conn).get_table_names())
    return {
        name: conn.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in sorted(metadata.tables.items())
        if name in there
    }


def counts(conn: Connection) -> dict[str, dict[str, int]]:
    """Cases and both queues by state, reminders by kind."""
    columns: Mapping[str, Column[str]] = {
        "cases": case.c.state,
        "inbox": inbox.c.state,
        "outbox": outbox.c.state,
        "reminders": reminder_log.c.kind,
    }
    return {name: _by(conn, column) for name, column in columns.items()}


def moments(conn: Connection) -> dict[str, datetime | None]:
    """The newest of everything, and the oldest that waits."""
    asked = {
        "last_received": select(func.max(inbox.c.received_at)),
        "last_case_event": select(func.max(case_event.c.at)),
        "last_sent": select(func.max(outbox.c.done_at)).where(outbox.c.state == "sent"),
        "last_reminder": select(func.max(reminder_log.c.at)),
        "oldest_in_inbox": select(func.min(inbox.c.received_at)).where(pending(inbox)),
        "oldest_in_outbox": select(func.min(outbox.c.due_at)).where(pending(outbox)),
    }
    return {name: conn.execute(question).scalar() for name, question in asked.items()}


def leases(conn: Connection) -> list[tuple[str, str, datetime]]:
    """(name, holder, until) of every lease there ever was."""
    found = conn.execute(select(lease.c.name, lease.c.holder, lease.c.until).order_by(lease.c.name))
    return [(row.name, row.holder, row.until) for row in found]


def server(conn: Connection) -> tuple[str, int]:
    """The database's own version, and how many bytes it keeps."""
    if conn.dialect.name == "postgresql":
        version: str = conn.execute(text("SHOW server_version")).scalar_one()
        size: int = conn.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        return version, size
    version = conn.execute(text("SELECT sqlite_version()")).scalar_one()
    pages = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    return version, conn.execute(text(pages)).scalar_one()


def clock(conn: Connection) -> datetime | None:
    """The database's own clock, where it is another machine's."""
    if conn.dialect.name != "postgresql":
        return None
    moment: datetime = conn.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment


def _by(conn: Connection, column: Column[str]) -> dict[str, int]:
    found = conn.execute(select(column, func.count()).group_by(column).order_by(column))
    return {name: count for name, count in found}  # noqa: C416 - rows are no pairs to a type checker
