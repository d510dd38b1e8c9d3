"""PostgreSQL only: whoever inserts into a lane first also commits first (a lower id never appears late)."""

from __future__ import annotations

import asyncio

from sqlalchemy import Connection
from sqlalchemy.util import await_only

from storage import inbox, links
from storage.engine import Database
from tests.storage.seeds import LEASE, NOW, a_case, a_chat, message


async def test_a_second_insert_waits_for_the_first(postgres_url: str) -> None:
    """Same lane: it waits. Another lane, or a link to a message of the chat: it does not."""
    db = await Database.open(postgres_url)
    inserted, may_commit = asyncio.Event(), asyncio.Event()
    one, two, case = await db.run(lambda conn: (a_chat(conn, "g1"), a_chat(conn, "g2"), a_case(conn)))

    def slow(conn: Connection) -> None:
        inbox.put(conn, [message(one, "first")])
        inserted.set()
        await_only(may_commit.wait())

    def linked(conn: Connection) -> None:
        links.add(conn, case_id=case.id, chat_id=one, message_id="m", role="card", person_id=None, said_at=NOW)

    first = asyncio.create_task(db.run(slow))
    await inserted.wait()
    second = asyncio.create_task(db.run(lambda conn: inbox.put(conn, [message(one, "second")])))
    async with asyncio.timeout(5):
        await db.run(lambda conn: inbox.put(conn, [message(two, "elsewhere")]))
        await db.run(linked)
    await asyncio.sleep(0.2)
    assert not second.done()
    claimed = await db.run(lambda conn: inbox.claim(conn, NOW, limit=9, lease=LEASE))
    assert [row.event_key for row in claimed] == ["elsewhere"]
    may_commit.set()
    await asyncio.gather(first, second)
    claimed = await db.run(lambda conn: inbox.claim(conn, NOW, limit=9, lease=LEASE))
    assert [row.event_key for row in claimed] == ["first"]
    await db.close()


async def test_claimers_pass_over_each_other(postgres_url: str) -> None:
    """A claim that is not yet committed makes nobody wait and is not handed out twice."""
    db = await Database.open(postgres_url)
    claimed, may_commit = asyncio.Event(), asyncio.Event()
    await db.run(lambda conn: inbox.put(conn, [message(a_chat(conn, f"g{n}"), str(n)) for n in range(4)]))

    def slow(conn: Connection) -> list[str]:
        rows = inbox.claim(conn, NOW, limit=2, lease=LEASE)
        claimed.set()
        await_only(may_commit.wait())
        return [row.event_key for row in rows]

    first = asyncio.create_task(db.run(slow))
    await claimed.wait()
    async with asyncio.timeout(5):
        rest = await db.run(lambda conn: inbox.claim(conn, NOW, limit=9, lease=LEASE))
    may_commit.set()
    assert await first == ["0", "1"]
    assert [row.event_key for row in rest] == ["2", "3"]
    await db.close()
