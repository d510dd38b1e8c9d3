"""A case over which the clock stumbles: looked at again in an hour, and no other's reminder waits for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, Text, type_coerce, update

from bot.flow.counts import STUMBLED
from storage import chats, links, people
from storage.engine import Database
from storage.schema import case as case_table
from tests.fakes.paper import START
from tests.integration.flow.bench import Bench
from tests.integration.flow.desk_of_one import ACCOUNT, a_case
from tests.integration.flow.refusing import allow, refuse

DAY = timedelta(days=1)


def overdue(conn: Connection, text: str) -> int:
    """A case whose yellow card is due now."""
    running = {"clock": "accept", "clock_started_at": START - 2 * DAY, "due_at": START + DAY, "yellow_at": START}
    return a_case(conn, text=text, area_id=1, generation=1, next_tick_at=START, **running).id


def said(bench: Bench, case: int) -> int:
    """How often the worker was reminded of a case."""
    rooms = ("s1", "p:limei")
    return sum(f"№{case}" in post.text for room in rooms for post in bench.channel.posts(room))


async def photos(db: Database, case: int, raw: str) -> None:
    spoilt = update(case_table).where(case_table.c.id == case).values(photos=type_coerce(raw, Text))
    await db.run(lambda conn: conn.execute(spoilt))


@pytest.mark.parametrize("name", ["a case that cannot be read", "a log that is refused", "a post that is refused"])
async def test_one_case_that_stumbles_keeps_no_other_reminder(bench: Bench, name: str) -> None:
    """The others are told at once; it is told in the tick after the fix, once."""
    first, bad, last = [await bench.db.run(lambda conn, n=n: overdue(conn, f"事{n}")) for n in range(3)]  # type: ignore[misc]
    match name:
        case "a case that cannot be read":
            await photos(bench.db, bad, '["')
        case "a log that is refused":
            await refuse(bench.db, "reminder_log", f"NEW.case_id = {bad}")
        case _:
            await refuse(bench.db, "outbox", f"NEW.body LIKE '%\"case\":{bad},%'")
    for _ in range(2):
        await bench.parts.remind()
        await bench.deliver()
        bench.clock.move(30)
    assert (said(bench, first), said(bench, bad), said(bench, last)) == (1, 0, 1)
    assert bench.parts.reminded[STUMBLED] == 1

    if name == "a case that cannot be read":
        await photos(bench.db, bad, "[]")
    else:
        await allow(bench.db)
    for _ in range(3):
        bench.clock.move(1800)
        await bench.parts.remind()
        await bench.deliver()
    assert (said(bench, first), said(bench, bad), said(bench, last)) == (1, 1, 1)
    assert bench.parts.reminded[STUMBLED] == 1


async def test_one_list_that_cannot_be_written_keeps_no_other(bench: Bench) -> None:
    """Two workers are due a list of perhapses; one's is refused, and comes with the next tick after the fix."""

    def seed(conn: Connection) -> None:
        other = people.add_person(conn, name="张强", now=START)
        people.add_identity(conn, "paper", "zhangqiang", other)
        people.grant(conn, other, "grid_worker", area_id=1)
        for person, native in ((1, "limei"), (other, "zhangqiang")):
            chats.ensure_chat(conn, ACCOUNT, f"p:{native}", kind="private", now=START, person_id=person)
        a_case(conn, text="好像有点漏水", area_id=1, reported_at=START)

    await bench.db.run(seed)
    await bench.parts.refresh()
    await refuse(bench.db, "outbox", "NEW.dedupe LIKE 'list:1:%'")
    bench.clock.now = START + timedelta(hours=1)  # 11:30 in the city
    for _ in range(2):
        await bench.parts.remind()
        bench.clock.move(30)
    await bench.deliver()
    assert (len(bench.channel.posts("p:limei")), len(bench.channel.posts("p:zhangqiang"))) == (0, 1)
    await allow(bench.db)
    for _ in range(2):
        await bench.parts.remind()
        bench.clock.move(30)
    await bench.deliver()
    assert (len(bench.channel.posts("p:limei")), len(bench.channel.posts("p:zhangqiang"))) == (1, 1)


async def test_a_link_that_makes_no_sense_keeps_the_gate_from_nothing(bench: Bench) -> None:
    """What was said at an impossible moment: the gate learns what comes after it, and the account stays alive."""
    far = START.replace(year=9999, month=12, day=31, hour=23, minute=59)
    case = await bench.db.run(lambda conn: overdue(conn, "事"))

    def seed(conn: Connection) -> None:
        for message_id, at in (("bad", far), ("good", START)):
            links.add(conn, case_id=case, chat_id=1, message_id=message_id, role="report", person_id=None, said_at=at)

    await bench.db.run(seed)
    await bench.parts.owners[ACCOUNT].traces.rebuild()
    await bench.hear("g1", "wang", "这个修好没有", reply_to="good")
    assert bench.parts.intakes[ACCOUNT].heard.stored == 1


async def test_a_case_that_cannot_be_read_keeps_nothing_from_being_forgotten(bench: Bench) -> None:
    """Housekeeping fails over it, and says so, after all else that is due has gone."""
    case = await bench.db.run(lambda conn: a_case(conn, text="好像有点漏水", reported_at=START - 90 * DAY).id)
    await photos(bench.db, case, '["')
    await bench.hear("g1", "li", "3号楼前的平安灯又不亮了")
    await bench.dispatch()
    bench.clock.move(400 * 86400)
    with pytest.raises(ValueError, match="Unterminated"):
        await bench.parts.housekeep()
    assert await bench.inbox() == []
