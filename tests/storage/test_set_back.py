"""After a clock was set back nothing waits for a time that has been, and what may wait goes on waiting."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, func, select, update

from storage import inbox, leases, outbox, set_back
from storage.engine import Database
from storage.schema import inbox as inbox_table
from storage.schema import lease as lease_table
from storage.schema import outbox as outbox_table
from tests.storage.seeds import ACCOUNT, LEASE, NOW, a_chat, later, message, post

HOURS = 3 * 3600.0
WRONG = timedelta(seconds=HOURS)


def due(conn: Connection) -> dict[str, float]:
    """Seconds until each post is due, by lane."""
    rows = conn.execute(select(outbox_table.c.lane, outbox_table.c.due_at))
    return {row.lane: (row.due_at - NOW).total_seconds() for row in rows}


async def test_what_came_in_under_the_wrong_clock_is_due(db: Database) -> None:
    """And what a dead process held then is free."""

    def seed(conn: Connection) -> None:
        chat, wrong = a_chat(conn), {"received_at": later(HOURS), "due_at": later(HOURS)}
        inbox.put(conn, [message(chat, "a", **wrong), message(a_chat(conn, "g2"), "b", **wrong)])
        inbox.claim(conn, later(HOURS), limit=1, lease=LEASE)
        conn.execute(update(inbox_table).where(inbox_table.c.locked_until.is_not(None)).values(locked_until=_far(conn)))

    await db.run(seed)
    assert await db.read(lambda conn: set_back.ahead(conn, NOW)) == WRONG
    await db.run(lambda conn: set_back.free(conn, NOW))
    assert await db.read(lambda conn: set_back.ahead(conn, NOW)) == timedelta(seconds=HOURS)  # when it came stays
    rows = await db.run(lambda conn: inbox.claim(conn, later(1), limit=9, lease=LEASE))
    assert [row.event_key for row in rows] == ["a", "b"]


async def test_posts_that_were_put_or_put_off_then(db: Database) -> None:
    """What waits for the morning goes on waiting; what was put in the present is not touched."""

    def seed(conn: Connection) -> None:
        outbox.put(conn, [post("put", due_at=later(HOURS)), post("night", due_at=later(HOURS + 36_000))], later(HOURS))
        outbox.put(conn, [post("off"), post("tomorrow", due_at=later(50_000))], NOW)
        taken = outbox.claim(conn, later(1), accounts=[ACCOUNT], limit=9, lease=LEASE).rows
        for row in taken:
            outbox.postpone(conn, row, later(HOURS + 600), reason=outbox.PACED, own_failure=False)

    await db.run(seed)
    await db.run(lambda conn: set_back.free(conn, NOW))
    assert await db.read(due) == {"put": 0, "night": HOURS + 36_000, "off": 0, "tomorrow": 50_000}


async def test_leases_that_end_hours_from_now(db: Database) -> None:
    """A living one is left alone."""

    def seed(conn: Connection) -> None:
        for name in ("dead", "living"):
            leases.acquire(conn, name, "one", NOW, timedelta(seconds=30))
        conn.execute(update(lease_table).where(lease_table.c.name == "dead").values(until=_far(conn)))

    await db.run(seed)
    await db.run(lambda conn: set_back.free(conn, NOW))
    takers = [await db.run(lambda conn, n=n: leases.acquire(conn, n, "two", NOW, timedelta(seconds=30)))  # type: ignore[misc]
              for n in ("dead", "living")]  # fmt: skip
    assert takers == [2, None]


def _far(conn: Connection):  # type: ignore[no-untyped-def]
    """Hours ahead of the clock that counts for leases."""
    return func.now() + timedelta(hours=3) if conn.dialect.name == "postgresql" else later(HOURS)
