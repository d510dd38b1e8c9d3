"""What an operator sees of queues and cases, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from storage import dead_letters, gauges, inbox, outbox
from storage.engine import Database
from storage.gauges import Backlog, Unaccepted
from storage.records import OutboxRow
from tests.storage.seeds import ACCOUNT, LEASE, NOW, a_case, a_chat, later, message, post


async def test_empty_queues_and_no_cases(db: Database) -> None:
    """Nothing waits since no moment; a file has a size all the same."""
    assert await db.read(lambda conn: gauges.queues(conn, NOW)) == gauges.Queues(0, None, ())
    counts = await db.read(lambda conn: gauges.counts(conn, NOW))
    assert (counts.states, counts.perhapses, counts.overdue, counts.unaccepted, counts.dead) == ({}, 0, {}, (), {})
    assert counts.size["main"] > 0
    assert set(counts.size) == ({"main", "wal"} if db.dialect == "sqlite" else {"main"})


async def test_the_inbox_lags_behind_its_oldest_due_row(db: Database) -> None:
    """What is in work counts, what is done, dead or not yet due does not."""

    def fill(conn: Connection) -> None:
        chat = a_chat(conn)
        inbox.put(conn, [message(chat, key, due_at=later(at)) for key, at in (("a", 10), ("b", 20), ("c", 99))])
        inbox.put(conn, [message(a_chat(conn, "g2"), key, due_at=NOW) for key in ("done", "dead")])
        done, *_ = inbox.claim(conn, later(5), limit=1, lease=LEASE)
        inbox.finish(conn, done, later(5))
        dead, *_ = inbox.claim(conn, later(5), limit=1, lease=LEASE)
        inbox.fail(conn, dead, later(5), retry_at=None, reason="x")
        inbox.claim(conn, later(10), limit=1, lease=LEASE)

    await db.run(fill)
    queues = await db.read(lambda conn: gauges.queues(conn, later(50)))
    assert (queues.waiting, queues.since) == (2, later(10))
    assert (await db.read(lambda conn: gauges.counts(conn, NOW))).dead == {("inbox", "dead"): 1}


async def test_posts_wait_in_three_ways(db: Database) -> None:
    """Due, tried in vain, held back; a pace is not in vain; each account and priority for itself."""

    def fill(conn: Connection) -> None:
        outbox.put(conn, [post("a"), post("b", due_at=later(5)), post("c", priority=0)], NOW)
        outbox.put(conn, [post("night", due_at=later(9999)), post("o", account="webchat:other")], NOW)
        for row in taken(conn, 2):
            reason = outbox.PACED if row.lane == "a" else "flood"
            outbox.postpone(conn, row, later(9999), reason=reason, own_failure=False)

    await db.run(fill)
    assert (await db.read(lambda conn: gauges.queues(conn, later(60)))).outbox == (
        Backlog(ACCOUNT, 0, "retrying", 1, NOW),
        Backlog(ACCOUNT, 2, "due", 1, later(5)),
        Backlog(ACCOUNT, 2, "held", 2, later(9999)),
        Backlog("webchat:other", 2, "due", 1, NOW),
    )


def taken(conn: Connection, limit: int) -> list[OutboxRow]:
    return outbox.claim(conn, NOW, accounts=[ACCOUNT], limit=limit, lease=LEASE).rows


async def test_dead_and_doubtful_posts_are_told_apart(db: Database) -> None:
    def fill(conn: Connection) -> None:
        outbox.put(conn, [post(lane) for lane in ("a", "b", "c", "d")], NOW)
        for row, state in zip(taken(conn, 4), ("dead", "dead", "unknown", "sent"), strict=True):
            outbox.finish(conn, row, state, NOW)

    await db.run(fill)
    counts = await db.read(lambda conn: gauges.counts(conn, NOW))
    assert counts.dead == {("outbox", "dead"): 2, ("outbox", "unknown"): 1}


async def test_cases_by_state_and_what_is_overdue(db: Database) -> None:
    """A clock that stands still is not overdue; a perhaps has none; who is called up is told by category and urgency."""
    hour = timedelta(hours=1)
    runs: dict[str, Any] = {"due_at": NOW, "next_tick_at": NOW + hour}

    def fill(conn: Connection) -> None:
        a_case(conn)  # a perhaps
        for _ in range(2):
            a_case(conn, clock="accept", reminders=3, urgency="emergency", **runs)
        a_case(conn, clock="accept", **{**runs, "due_at": NOW + hour})
        a_case(conn, state="accepted", clock="resolve", **runs)
        a_case(conn, state="suspended", clock="resolve", paused_at=NOW, **runs)
        a_case(conn, state="closed")

    await db.run(fill)
    counts = await db.read(lambda conn: gauges.counts(conn, later(1)))
    assert counts.states == {"reported": 4, "accepted": 1, "suspended": 1, "closed": 1}
    assert (counts.perhapses, counts.overdue) == (1, {"accept": 2, "resolve": 1})
    assert set(counts.unaccepted) == {
        Unaccepted("streetlight", "emergency", 3, 2),
        Unaccepted("streetlight", "normal", 0, 1),
    }


async def test_why_posts_were_given_up_is_counted_whatever_became_of_them(db: Database) -> None:
    """One died and one may have arrived, for the same reason."""

    def fill(conn: Connection) -> None:
        outbox.put(conn, [post("a"), post("b"), post("c")], NOW)
        for row, state in zip(taken(conn, 3), ("dead", "unknown", "sent"), strict=True):
            outbox.finish(conn, row, state, NOW, reason=None if state == "sent" else "no answer")

    await db.run(fill)
    assert await db.read(dead_letters.reasons) == {"inbox": {}, "outbox": {"no answer": 2}}
    assert await db.read(dead_letters.count) == 2
