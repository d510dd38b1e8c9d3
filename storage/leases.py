"""Leases with an epoch: who owns a channel account now (rule 9). On PostgreSQL the database's clock counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Interval, Update, literal, or_, select, update

from storage.dialects import clock, insert_into
from storage.schema import inbox, lease, outbox

_OVER = datetime(1970, 1, 1, tzinfo=UTC)


def acquire(conn: Connection, name: str, holder: str, now: datetime, ttl: timedelta) -> int | None:
    """The epoch of a lease that was free, run out, or the holder's own; None: somebody else holds it."""
    values: dict[str, Any] = {"name": name, "holder": holder, "epoch": 1, "until": _until(conn, now, ttl)}
    new = insert_into(conn, lease).values(values)
    taken = new.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": new.excluded.holder, "until": new.excluded.until, "epoch": lease.c.epoch + 1},
        where=or_(lease.c.until <= clock(conn, now), lease.c.holder == holder),
    )
    epoch: int | None = conn.execute(taken.returning(lease.c.epoch)).scalar()
    return epoch


def renew(conn: Connection, name: str, holder: str, epoch: int, now: datetime, ttl: timedelta) -> bool:
    """False: it is lost; even one that ran out is renewed as long as nobody has taken it."""
    return conn.execute(_held(name, holder, epoch).values(until=_until(conn, now, ttl))).rowcount == 1


def release(conn: Connection, name: str, holder: str, epoch: int) -> None:
    """Free for the next. The row stays, so that epochs never repeat."""
    conn.execute(_held(name, holder, epoch).values(until=_OVER))


def release_all(conn: Connection) -> None:
    """Where nobody can hold an account or work on a row: in a copy, and when no other process lives (storage.presence).

    A row of the inbox is free at once; a post's lease has run out, and outbox.lapsed shows it.
    """
    conn.execute(update(lease).values(until=_OVER))
    for queue in (inbox, outbox):
        conn.execute(update(queue).where(queue.c.locked_until.is_not(None)).values(locked_until=_OVER))


def holder(conn: Connection, name: str, now: datetime) -> str | None:
    """Who holds it now."""
    held = select(lease.c.holder).where(lease.c.name == name, lease.c.until > clock(conn, now))
    return conn.execute(held).scalar()


def _held(name: str, holder: str, epoch: int) -> Update:
    return update(lease).where(lease.c.name == name, lease.c.holder == holder, lease.c.epoch == epoch)


def _until(conn: Connection, now: datetime, ttl: timedelta) -> ColumnElement[datetime]:
    # Date arithmetic is the database's only where the clock is.
    if conn.dialect.name == "postgresql":
        return clock(conn, now) + literal(ttl, Interval())
    return clock(conn, now + ttl)
