"""The way in: once, in order, one claimer a lane, nothing lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, update

from storage import dead_letters, inbox
from storage.engine import Database
from storage.records import InboxRow
from storage.schema import inbox as table
from tests.storage.seeds import ACCOUNT, LEASE, NOW, a_chat, later, message

CAP = timedelta(seconds=10)


def claim(conn: Connection, *, at: float = 0, limit: int = 10) -> list[InboxRow]:
    return inbox.claim(conn, later(at), limit=limit, lease=LEASE)


def keys(rows: list[InboxRow]) -> list[str]:
    return [row.event_key for row in rows]


def lapse(conn: Connection) -> None:
    """Let every lease run out, on whichever clock counts."""
    conn.execute(update(table).where(table.c.locked_until.is_not(None)).values(locked_until=later(-86400)))


async def put(db: Database, *events: tuple[str, str]) -> list[int | None]:
    """Messages as (chat, key)."""
    return await db.run(lambda conn: inbox.put(conn, [message(a_chat(conn, chat), key) for chat, key in events]))


async def test_second_delivery_is_ignored(db: Database) -> None:
    """An event that comes again, in the same batch or a later one, is no second row."""
    first = await put(db, ("g1", "a"), ("g1", "b"), ("g1", "a"))
    assert first == [1, 2, None]
    again = await put(db, ("g1", "b"), ("g1", "c"))
    assert again[0] is None
    assert again[1] is not None
    assert await db.read(inbox.pending) == 3


async def test_the_same_key_of_two_accounts(db: Database) -> None:
    """Keys are unique within an account only."""

    def both(conn: Connection) -> list[int | None]:
        chat_id = a_chat(conn)
        rows = [message(chat_id, "a"), message(chat_id, "a")]
        from dataclasses import replace

        return inbox.put(conn, [rows[0], replace(rows[1], account="webchat:other")])

    assert None not in await db.run(both)


async def test_many_at_once_keep_their_order(db: Database) -> None:
    """Ids grow in the order in which a batch was given, so that a lane is worked in the order of speaking."""
    names = [(f"g{n % 7}", f"m{n}") for n in range(2500)]
    ids = [id_ for id_ in await put(db, *names) if id_ is not None]
    assert len(ids) == 2500
    assert ids == sorted(ids)
    assert await put(db) == []


async def test_claim_takes_the_head_of_each_lane(db: Database) -> None:
    """One row a chat, the oldest, with its token; the next one only when it is finished."""
    await put(db, ("g1", "a"), ("g1", "b"), ("g2", "c"), ("g2", "d"))
    rows = await db.run(claim)
    assert keys(rows) == ["a", "c"]
    assert [row.attempts for row in rows] == [1, 1]
    assert rows[0].body == {"text": "a"}
    assert await db.run(claim) == []
    assert await db.run(lambda conn: inbox.finish(conn, rows[0], NOW))
    assert keys(await db.run(claim)) == ["b"]


async def test_claim_takes_no_more_than_asked(db: Database) -> None:
    """The limit counts lanes."""
    await put(db, *((f"g{n}", f"m{n}") for n in range(9)))
    assert keys(await db.run(lambda conn: claim(conn, limit=4))) == ["m0", "m1", "m2", "m3"]
    assert len(await db.run(lambda conn: claim(conn, limit=40))) == 5


async def test_a_lease_that_ran_out(db: Database) -> None:
    """Another claimer gets the row with a new token, and the first one's outcome no longer counts."""
    await put(db, ("g1", "a"))
    [slow] = await db.run(claim)
    assert await db.run(claim) == []
    await db.run(lapse)
    [second] = await db.run(claim)
    assert (second.id, second.attempts) == (slow.id, 2)
    assert not await db.run(lambda conn: inbox.finish(conn, slow, NOW))
    assert await db.run(lambda conn: inbox.finish(conn, second, NOW))
    assert not await db.run(lambda conn: inbox.finish(conn, second, NOW))


async def test_sqlite_leases_run_by_the_given_clock(sqlite_url: str) -> None:
    """One process, one clock: a lease of a minute is over after a minute."""
    db = await Database.open(sqlite_url)
    await put(db, ("g1", "a"))
    await db.run(claim)
    assert await db.run(lambda conn: claim(conn, at=59)) == []
    assert keys(await db.run(lambda conn: claim(conn, at=60))) == ["a"]
    await db.close()


async def test_postgres_leases_run_by_the_databases_clock(postgres_url: str) -> None:
    """A machine whose clock is a day ahead takes nothing from the others."""
    db = await Database.open(postgres_url)
    await put(db, ("g1", "a"))
    short = timedelta(seconds=0.3)
    assert len(await db.run(lambda conn: inbox.claim(conn, NOW, limit=1, lease=short))) == 1
    assert await db.run(lambda conn: inbox.claim(conn, later(86400), limit=1, lease=short)) == []
    await asyncio.sleep(0.4)
    assert len(await db.run(lambda conn: inbox.claim(conn, NOW, limit=1, lease=short))) == 1
    await db.close()


async def test_own_errors_end_as_a_dead_letter(db: Database) -> None:
    """A failing row holds its lane until its next try, is given up with a reason, and can be retried by hand."""
    await put(db, ("g1", "a"), ("g1", "b"))
    [row] = await db.run(claim)
    await db.run(lambda conn: inbox.fail(conn, row, NOW, retry_at=later(5), reason="KeyError"))
    assert await db.run(claim) == []
    [row] = await db.run(lambda conn: claim(conn, at=5))
    assert (row.event_key, row.failures) == ("a", 1)
    await db.run(lambda conn: inbox.fail(conn, row, later(5), retry_at=None, reason="KeyError again"))
    [letter] = await db.read(dead_letters.waiting)
    assert (letter.id, letter.failures, letter.reason, letter.body) == (row.id, 2, "KeyError again", {"text": "a"})
    assert keys(await db.run(lambda conn: claim(conn, at=5))) == ["b"]
    assert await db.run(lambda conn: inbox.retry(conn, row.id, later(9)))
    assert not await db.run(lambda conn: inbox.retry(conn, row.id, later(9)))
    [again] = await db.run(lambda conn: claim(conn, at=9))
    assert (again.event_key, again.failures) == ("a", 0)


async def test_infrastructure_errors_do_not_count(db: Database) -> None:
    """Released rows are free at once, their failures as before; somebody else's claim is left alone."""
    await put(db, ("g1", "a"), ("g2", "b"))
    rows = await db.run(claim)
    await db.run(lambda conn: inbox.release(conn, rows))
    again = await db.run(claim)
    assert [(row.event_key, row.attempts, row.failures) for row in again] == [("a", 2, 0), ("b", 2, 0)]
    await db.run(lambda conn: inbox.release(conn, rows))
    assert await db.run(claim) == []


async def test_forgetting(db: Database) -> None:
    """What is finished loses its body and keeps its key: it is still known. What waits or was given up keeps both."""
    await put(db, ("g1", "a"), ("g2", "b"), ("g3", "c"))
    done, given_up, _ = await db.run(claim)

    def end(conn: Connection) -> None:
        inbox.finish(conn, done, NOW)
        inbox.fail(conn, given_up, NOW, retry_at=None, reason="KeyError")

    await db.run(end)
    bodies = await db.read(lambda conn: conn.execute(select(table.c.body).order_by(table.c.id)).scalars().all())
    assert bodies == [None, {"text": "b"}, {"text": "c"}]
    assert await put(db, ("g1", "a")) == [None]


async def test_a_failed_transaction_leaves_the_claim(db: Database) -> None:
    """A crash between the statements of a row: nothing is done, the row comes again when its lease is over."""
    await put(db, ("g1", "a"))
    [row] = await db.run(claim)

    def die_midway(conn: Connection) -> None:
        assert inbox.finish(conn, row, NOW)
        raise KeyError("bug")

    with pytest.raises(KeyError):
        await db.run(die_midway)
    assert await db.read(inbox.pending) == 1
    await db.run(lapse)
    assert keys(await db.run(claim)) == ["a"]


async def album(db: Database, key: str, at: float) -> None:
    """A photo of the album "x" comes: due in two seconds, pushing its siblings."""

    def work(conn: Connection) -> None:
        chat_id = a_chat(conn)
        due = later(at + 2)
        inbox.put(conn, [message(chat_id, key, group_key="x", received_at=later(at), due_at=due)])
        inbox.push_group(conn, ACCOUNT, chat_id, "x", due, CAP)

    await db.run(work)


async def test_an_album_comes_as_one(db: Database) -> None:
    """Parts wait for each other and are claimed together; what was said after them waits behind them."""
    await album(db, "p1", 0)
    await put(db, ("g1", "words"))
    await album(db, "p2", 1)
    assert await db.run(lambda conn: claim(conn, at=2)) == []
    rows = await db.run(lambda conn: claim(conn, at=3))
    assert keys(rows) == ["p1", "p2"]
    assert await db.run(lambda conn: claim(conn, at=3)) == []
    await db.run(lambda conn: [inbox.finish(conn, row, NOW) for row in rows])
    assert keys(await db.run(lambda conn: claim(conn, at=3))) == ["words"]


async def test_an_album_does_not_wait_for_ever(db: Database) -> None:
    """However many parts come, ten seconds after the first one it is due."""
    for n in range(12):
        await album(db, f"p{n}", n)
    assert await db.run(lambda conn: claim(conn, at=9.9)) == []
    assert len(await db.run(lambda conn: claim(conn, at=10))) == 12


async def test_albums_of_two_chats_stay_apart(db: Database) -> None:
    """The same album id in another chat is another album."""

    def work(conn: Connection) -> None:
        one, two = a_chat(conn, "g1"), a_chat(conn, "g2")
        inbox.put(conn, [message(one, "a", group_key="x"), message(two, "b", group_key="x", due_at=later(5))])

    await db.run(work)
    assert keys(await db.run(claim)) == ["a"]


async def test_a_key_that_was_seen_swallows_no_other_message(db: Database) -> None:
    """A platform counts from the beginning again: what was said after the first had come is new, once, and in order."""
    await put(db, ("g1", "1"), ("g1", "2"))

    def again(conn: Connection) -> list[int | None]:
        chat, facts = a_chat(conn), {"received_at": later(7201), "due_at": later(7201)}
        said = [message(chat, key, sent_at=later(7200 + n), **facts) for n, key in enumerate(("3", "1", "1"))]
        return inbox.put(conn, said)

    await db.run(lambda conn: conn.execute(update(table).values(received_at=later(1))))
    third, first, second_delivery = await db.run(again)
    assert second_delivery is None
    assert third is not None
    assert first is not None
    assert third < first
    assert await db.run(again) == [None, None, None]


async def test_a_second_delivery_stays_one_however_late(db: Database) -> None:
    """Said when it was said; and where a clock runs behind the platform's, nobody can tell, so it is the same."""
    await put(db, ("g1", "1"), ("g1", "2"))

    def late(conn: Connection) -> list[int | None]:
        conn.execute(update(table).where(table.c.event_key == "2").values(received_at=NOW))
        chat, facts = a_chat(conn), {"received_at": later(7200), "due_at": later(7200)}
        return inbox.put(conn, [message(chat, "1", **facts), message(chat, "2", sent_at=later(7200), **facts)])

    await db.run(lambda conn: conn.execute(update(table).values(received_at=later(1))))
    assert await db.run(late) == [None, None]
