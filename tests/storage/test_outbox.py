"""The way out: lanes, priorities, outcomes, what may be taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest
from sqlalchemy import Connection, select, update

from storage import dead_letters, outbox
from storage.engine import Database
from storage.records import NewPost, OutboxRow
from storage.schema import outbox as table
from tests.storage.seeds import ACCOUNT, LEASE, NOW, a_case, a_chat, later, post, posts_waiting

OTHER = "webchat:other"


def claim(conn: Connection, *, at: float = 0, limit: int = 10, accounts: Sequence[str] = (ACCOUNT,)) -> list[OutboxRow]:
    return outbox.claim(conn, later(at), accounts=accounts, limit=limit, lease=LEASE).rows


def lanes(rows: list[OutboxRow]) -> list[str]:
    return [row.lane for row in rows]


def lapse(conn: Connection) -> None:
    conn.execute(update(table).where(table.c.locked_until.is_not(None)).values(locked_until=later(-86400)))


def state(conn: Connection, row_id: int) -> tuple[str, str | None, str | None]:
    columns = (table.c.state, table.c.reason, table.c.native_id)
    row = conn.execute(select(*columns).where(table.c.id == row_id)).one()
    return row.state, row.reason, row.native_id


async def put(db: Database, *posts: NewPost) -> list[int | None]:
    return await db.run(lambda conn: outbox.put(conn, posts, NOW))


async def test_put_ignores_what_was_put_before(db: Database) -> None:
    """A result goes to a chat once per closing; ids stay beside their posts, refused ones leave a gap."""
    first = await put(db, post("a", dedupe="r1"), post("a"), post("a", dedupe="r1"), post("b", dedupe="r2"), post("c"))
    assert [id_ is None for id_ in first] == [False, False, True, False, False]
    given = [id_ for id_ in first if id_ is not None]
    assert given == sorted(given)
    second = await put(db, post("a", dedupe="r2"), post("d"), post("a", dedupe="r3"), post("e", dedupe="r1"))
    assert [id_ is None for id_ in second] == [True, False, False, True]
    stored = await db.read(lambda conn: dict(conn.execute(select(table.c.id, table.c.lane)).all()))
    assert [stored[id_] for id_ in second if id_ is not None] == ["d", "a"]
    assert await put(db) == []


async def test_order_inside_a_lane_urgency_among_lanes(db: Database) -> None:
    """A lane goes out in its order; among lanes the most urgent first, then the longest due."""
    await put(
        db,
        post("reminder", priority=5),
        post("later", priority=2, due_at=later(-1)),
        post("result", priority=2, due_at=later(-2)),
        post("result", priority=0),
        post("fire", priority=0),
    )
    rows = await db.run(lambda conn: claim(conn, limit=3))
    assert lanes(rows) == ["fire", "result", "later"]
    assert lanes(await db.run(claim)) == ["reminder"]
    assert await db.run(lambda conn: outbox.finish(conn, rows[1], "sent", NOW, native_id="77"))
    assert lanes(await db.run(claim)) == ["result"]
    assert await db.read(lambda conn: state(conn, rows[1].id)) == ("sent", None, "77")


async def test_only_own_accounts(db: Database) -> None:
    """An owner claims and counts what is its account's."""
    await put(db, post("a"), post("b", account=OTHER))
    assert lanes(await db.run(lambda conn: claim(conn, accounts=[OTHER]))) == ["b"]
    assert await db.read(lambda conn: posts_waiting(conn, ACCOUNT)) == 1
    assert lanes(await db.run(lambda conn: claim(conn, accounts=[OTHER, ACCOUNT]))) == ["a"]


async def test_a_held_back_head_holds_its_lane_only(db: Database) -> None:
    """A post that waits for the morning blocks what follows it in its lane and nothing else."""
    await put(db, post("a", due_at=later(100)), post("a", priority=0), post("b"))
    assert lanes(await db.run(claim)) == ["b"]
    rows = await db.run(lambda conn: claim(conn, at=100))
    assert [(row.lane, row.priority) for row in rows] == [("a", 2)]


async def test_expired_posts_are_passed_over(db: Database) -> None:
    """What is too late is marked so and its lane goes on in the same claim."""
    ids = await put(db, post("a", expires_at=later(5)), post("a", expires_at=later(6)), post("a"), post("b"))
    rows = await db.run(lambda conn: claim(conn, at=6))
    assert [row.id for row in rows] == [ids[2], ids[3]]
    assert ids[0] is not None
    first = ids[0]
    assert (await db.read(lambda conn: state(conn, first)))[0] == "expired"


async def test_postponing(db: Database) -> None:
    """Only an own failure counts against the row; it comes again at its time."""
    await put(db, post("a"))
    [row] = await db.run(claim)
    assert await db.run(lambda conn: outbox.postpone(conn, row, later(9), reason="flood", own_failure=False))
    assert await db.run(claim) == []
    [row] = await db.run(lambda conn: claim(conn, at=9))
    assert (row.failures, row.attempts) == (0, 2)
    assert await db.run(lambda conn: outbox.postpone(conn, row, later(12), reason="bad", own_failure=True))
    [row] = await db.run(lambda conn: claim(conn, at=12))
    assert (row.failures, row.attempts) == (1, 3)


async def test_release(db: Database) -> None:
    """Rows that were claimed and not tried are free again from a moment on."""
    await put(db, post("a"), post("b"))
    rows = await db.run(claim)
    await db.run(lambda conn: outbox.release(conn, rows, later(3)))
    await db.run(lambda conn: outbox.release(conn, [], later(3)))
    assert await db.run(lambda conn: claim(conn, at=2)) == []
    assert [row.failures for row in await db.run(lambda conn: claim(conn, at=3))] == [0, 0]


async def test_a_lapsed_lease_is_shown_not_sent_again(db: Database) -> None:
    """A claimer that died may have sent: the row is not claimed by itself, somebody decides."""
    await put(db, post("a"), post("b"), post("c", account=OTHER))
    rows = await db.run(lambda conn: claim(conn, accounts=[ACCOUNT, OTHER]))
    assert await db.read(lambda conn: outbox.lapsed(conn, NOW)) == []
    await db.run(lapse)
    assert await db.run(claim) == []
    found = await db.read(lambda conn: outbox.lapsed(conn, NOW, accounts=[ACCOUNT]))
    assert lanes(found) == ["a", "b"]
    assert lanes(await db.read(lambda conn: outbox.lapsed(conn, NOW))) == ["a", "b", "c"]
    assert await db.run(lambda conn: outbox.finish(conn, found[0], "unknown", NOW, reason="lease ran out"))
    assert await db.run(lambda conn: outbox.postpone(conn, found[1], NOW, reason="once more", own_failure=True))
    [again] = await db.run(claim)
    assert (again.lane, again.attempts) == ("b", 2)
    dead_claimer = next(row for row in rows if row.lane == "b")
    assert not await db.run(lambda conn: outbox.finish(conn, dead_claimer, "sent", NOW))


async def test_cancelling(db: Database) -> None:
    """An undo takes back what waits; what is being sent and what was sent stays."""

    def seed(conn: Connection) -> int:
        case = a_case(conn)
        facts = {"case_id": case.id, "event_id": 7}
        rows = [post("a", **facts), post("b", kind="red", **facts), post("c", case_id=case.id), post("d")]
        outbox.put(conn, [*rows, post("e", kind="red", case_id=case.id)], NOW)
        return case.id

    case_id = await db.run(seed)
    await db.run(lambda conn: claim(conn, limit=1))
    assert await db.run(lambda conn: outbox.cancel(conn, NOW, event_id=7, reason="undone")) == 1
    assert await db.run(lambda conn: outbox.cancel(conn, NOW, case_id=case_id, kinds=["red"], reason="done")) == 1
    assert await db.run(lambda conn: outbox.cancel(conn, NOW, case_id=case_id, reason="done")) == 1
    assert lanes(await db.run(claim)) == ["d"]
    with pytest.raises(ValueError, match="an event or a case"):
        await db.run(lambda conn: outbox.cancel(conn, NOW, reason="everything"))


async def test_dead_and_retry(db: Database) -> None:
    """What was given up is listed with its reason and can be tried afresh."""
    await put(db, post("a"), post("b"), post("c"))
    rows = await db.run(claim)

    def end(conn: Connection) -> None:
        for row, outcome in zip(rows, ("dead", "unknown", "sent"), strict=True):
            outbox.finish(conn, row, outcome, NOW, reason=outcome)

    await db.run(end)
    assert [letter.reason for letter in await db.read(dead_letters.waiting)] == ["unknown", "dead"]
    assert await db.run(lambda conn: outbox.retry(conn, rows[0].id, NOW))
    assert not await db.run(lambda conn: outbox.retry(conn, rows[2].id, NOW))
    assert lanes(await db.run(claim)) == ["a"]


async def test_what_a_group_has_heard(db: Database) -> None:
    """The ceiling counts posts that were sent to the chat since a moment."""

    def seed(conn: Connection) -> int:
        chat_id = a_chat(conn)
        outbox.put(conn, [post(f"l{n}", chat_id=chat_id) for n in range(4)], NOW)
        for n, row in enumerate(claim(conn)):
            outbox.finish(conn, row, "sent" if n else "dead", later(n))
        return chat_id

    chat_id = await db.run(seed)
    heard = await db.read(lambda conn: outbox.sent_to(conn, chat_id, since=later(1), until=later(3600)))
    assert heard == [later(2), later(3)]


async def test_a_chat_moves_to_another_account(db: Database) -> None:
    """What waits for the chat is sent by the new account."""

    def seed(conn: Connection) -> int:
        chat_id = a_chat(conn)
        outbox.put(conn, [post("a", chat_id=chat_id), post("b")], NOW)
        return outbox.move_lane(conn, chat_id, OTHER)

    assert await db.run(seed) == 1
    assert lanes(await db.run(lambda conn: claim(conn, accounts=[OTHER]))) == ["a"]


async def test_what_is_being_claimed_while_it_is_taken_back_is_not_missed(postgres_url: str) -> None:
    """Another process claims the row at that very moment; once put off, it must not go after all."""
    db = await Database.open(postgres_url)
    other = await asyncpg.connect(postgres_url)
    try:
        case_id = (await db.run(a_case)).id
        (row_id,) = await put(db, post("a", case_id=case_id))
        claiming = other.transaction()
        await claiming.start()
        await other.execute("UPDATE outbox SET locked_until = now() + interval '1 minute' WHERE id = $1", row_id)
        taking = asyncio.create_task(db.run(lambda conn: outbox.cancel(conn, NOW, case_id=case_id, reason="over")))
        await _somebody_waits(postgres_url)
        await claiming.commit()
        assert await taking == 0
        expires = await other.fetchval("SELECT expires_at FROM outbox WHERE id = $1", row_id)
        assert expires == NOW
    finally:
        await other.close()
        await db.close()


async def _somebody_waits(url: str) -> None:
    """Until a session of this database stands before a lock that another holds."""
    watching = await asyncpg.connect(url)
    stands = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    try:
        async with asyncio.timeout(10):
            while not await watching.fetchval(stands):  # noqa: ASYNC110 - the other side is a database
                await asyncio.sleep(0.01)
    finally:
        await watching.close()
