"""After a clock was set back: what was written in a future that is hours away now is free, or due, at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Interval, bindparam, func, literal, select, update

from storage.claim import pending
from storage.dialects import clock
from storage.schema import inbox, lease, outbox

FURTHEST: Final = timedelta(minutes=2)
"""No lease is longer (bot.flow.terms): one that ends later than that was made by a clock that was wrong."""
_SHORT = timedelta(hours=1)  # what waits longer from its beginning waits for the morning, and there is another morning
_DUE = (
    update(outbox)
    .where(outbox.c.id == bindparam("row_id"), pending(outbox), outbox.c.locked_until.is_(None))
    .values(due_at=bindparam("at"))
)
_OVER = datetime(1970, 1, 1, tzinfo=UTC)


def ahead(conn: Connection, now: datetime) -> timedelta:
    """How far what waits was put into the future: for a program that starts after its clock was set back."""
    written = ((inbox, inbox.c.received_at), (inbox, inbox.c.due_at), (outbox, outbox.c.created_at))
    latest = [conn.execute(select(func.max(at)).where(pending(queue))).scalar() for queue, at in written]
    return max((at - now for at in latest if at is not None), default=timedelta())


def free(conn: Connection, now: datetime) -> int:
    """The number of rows that would have waited for a time that has been already. Repeatable."""
    # Date arithmetic is the database's only where the clock is.
    own = conn.dialect.name == "postgresql"
    latest = clock(conn, now) + literal(FURTHEST, Interval()) if own else clock(conn, now + FURTHEST)
    freed = conn.execute(update(lease).where(lease.c.until > latest).values(until=_OVER)).rowcount
    for queue in (inbox, outbox):
        held = update(queue).where(pending(queue), queue.c.locked_until > latest)
        freed += conn.execute(held.values(locked_until=_OVER)).rowcount
    late = update(inbox).where(pending(inbox), inbox.c.due_at > now)
    return freed + conn.execute(late.values(due_at=now)).rowcount + _hasten(conn, now)


def _hasten(conn: Connection, now: datetime) -> int:
    """Whoever sends a post looks once more whether its group sleeps or has heard enough."""
    columns = (outbox.c.id, outbox.c.created_at, outbox.c.due_at, outbox.c.reason)
    waiting = select(*columns).where(pending(outbox), outbox.c.locked_until.is_(None), outbox.c.due_at > now)
    astray = [{"row_id": row.id, "at": now} for row in conn.execute(waiting) if _astray(row, now)]
    if astray:
        conn.execute(_DUE, astray)
    return len(astray)


def _astray(row: Any, now: datetime) -> bool:
    return row.reason is not None or (row.created_at > now and row.due_at <= row.created_at + _SHORT)
