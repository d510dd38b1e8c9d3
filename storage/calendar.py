"""Local exceptions of the calendar of office hours: they override the public holidays."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, select

from storage.dialects import PerDialect
from storage.schema import calendar_day


def _set(insert_into: Any) -> Any:
    new = insert_into(calendar_day)
    return new.on_conflict_do_update(
        index_elements=["day"], set_={"working": new.excluded.working, "note": new.excluded.note}
    )


_SET = PerDialect(_set)


def days(conn: Connection) -> dict[date, bool]:
    """True: people work on it, though a holiday or a weekend; False: they do not."""
    return {row.day: row.working for row in conn.execute(select(calendar_day.c.day, calendar_day.c.working))}


def noted(conn: Connection) -> list[tuple[date, bool, str]]:
    """The same with their notes, the earliest first."""
    columns = (calendar_day.c.day, calendar_day.c.working, calendar_day.c.note)
    return [tuple(row) for row in conn.execute(select(*columns).order_by(calendar_day.c.day))]


def set_day(conn: Connection, day: date, *, working: bool, note: str = "") -> None:
    conn.execute(_SET.on(conn), {"day": day, "working": working, "note": note})


def clear_day(conn: Connection, day: date) -> bool:
    """Back to the public calendar. False: it was not an exception."""
    return conn.execute(delete(calendar_day).where(calendar_day.c.day == day)).rowcount == 1
