"""Whom the bot can write to in private: a chat that was left is no way, one that speaks again is, and every one has an owner."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bot.flow.audience import Finder, Target
from storage import chats, people
from storage.engine import Database
from storage.schema import outbox as outbox_table
from tests.fakes.paper import START, PaperChannel
from tests.integration.flow.bench import Bench
from tests.integration.flow.desk_of_one import ACCOUNT


def limei(conn: Connection) -> int:
    person = people.person_of(conn, "paper", "limei")
    assert person is not None
    return person.id


async def way_to(bench: Bench) -> Target | None:
    finder = Finder({ACCOUNT: bench.channel})
    return await bench.db.run(lambda conn: finder.private(conn, limei(conn), START))


async def left(bench: Bench) -> None:
    """She has blocked the bot."""
    target = await way_to(bench)
    assert target is not None
    await bench.db.run(lambda conn: chats.set_reachable(conn, target.chat.id, reachable=False))


async def test_a_chat_that_was_left_is_no_way(bench: Bench) -> None:
    """Although the channel could open a chat with her: it is that very one."""
    await left(bench)
    assert await way_to(bench) is None


async def test_who_speaks_can_be_answered(bench: Bench) -> None:
    """Her first word opens the way again, and is answered."""
    await left(bench)
    await bench.hear("p:limei", "limei", "待办", private=True)
    await bench.dispatch()
    await bench.deliver()
    assert len(bench.channel.posts("p:limei")) == 1
    assert await way_to(bench) is not None


async def test_an_emergency_finds_somebody_else(bench: Bench) -> None:
    """Its card is not put where nobody reads it: the staff chat has it."""
    await left(bench)
    await bench.hear("g1", "li", "8号楼着火了，快来人")
    await bench.dispatch()
    rooms = select(outbox_table.c.chat_id).where(outbox_table.c.kind == "reported")
    staff = await bench.db.read(lambda conn: chats.chat_of(conn, ACCOUNT, "s1"))
    assert staff is not None
    assert await bench.db.read(lambda conn: list(conn.execute(rooms).scalars())) == [staff.id]


async def test_a_chat_gets_its_owner(db: Database, town: PaperChannel) -> None:
    """Known before anybody knew whose it is: from the first post on it is hers, so that cards show her what she may do."""

    def work(conn: Connection) -> tuple[int, Target | None, list[int]]:
        early = chats.ensure_chat(conn, ACCOUNT, "p:u1", kind="private", now=START)
        person = people.ensure_person(conn, "paper", "u1", "李梅", START)
        target = Finder({ACCOUNT: town}).private(conn, person.id, START)
        return person.id, target, [chat.id for chat in chats.private_chats(conn, person.id) if chat.id == early.id]

    person, target, known = await db.run(work)
    assert target is not None
    assert (target.person_id, target.chat.person_id, len(known)) == (person, person, 1)
