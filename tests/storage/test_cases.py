"""Cases, their history, their supporters, and the lists people ask for."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from storage import cases, directory, links
from storage.engine import Database
from storage.records import CaseRow, EventRow
from tests.storage.seeds import NOW, a_case, a_chat, a_person, later


def event(conn: Connection, case: CaseRow, **values: Any) -> EventRow:
    facts: dict[str, Any] = {
        "version": case.version,
        "at": NOW,
        "recorded_at": NOW,
        "action": "report",
        "actor_id": None,
        "from_state": None,
        "to_state": case.state,
        "data": {},
    }
    return cases.add_event(conn, case_id=case.id, **{**facts, **values})


async def test_what_is_written_is_read(db: Database) -> None:
    """Moments, photos and texts come back as they were, with their types."""
    late = NOW.astimezone().replace(microsecond=123456)
    facts: dict[str, Any] = {
        "photos": ("aa", "bb"),
        "text": "灯不亮\n3号楼",
        "due_at": late,
        "lat": 36.2,
        "quiet": True,
    }
    made = await db.run(lambda conn: a_case(conn, **facts))
    read = await db.read(lambda conn: cases.get(conn, made.id))
    assert read == made
    assert (made.version, made.photos, made.text, made.due_at, made.quiet) == (
        1,
        ("aa", "bb"),
        facts["text"],
        late,
        True,
    )
    assert made.due_at is not None
    assert made.due_at.utcoffset() == timedelta(0)
    assert await db.read(lambda conn: cases.get(conn, 99)) is None


async def test_naive_moments_are_refused(db: Database) -> None:
    """A moment without a time zone would be an hour that nobody meant."""
    with pytest.raises(Exception, match="without a time zone"):
        await db.run(lambda conn: a_case(conn, due_at=NOW.replace(tzinfo=None)))


async def test_of_two_acts_one_wins(db: Database) -> None:
    """Both have read version 1; the second to write changes nothing and is told so."""
    case = await db.run(a_case)

    def accept(text_: str) -> Any:
        return lambda conn: cases.update(conn, case, {"state": "accepted", "text": text_})

    first, second = await asyncio.gather(db.run(accept("one")), db.run(accept("two")))
    assert [first is None, second is None].count(True) == 1
    winner = first or second
    assert winner is not None
    assert (winner.version, winner.state) == (2, "accepted")
    assert await db.read(lambda conn: cases.get(conn, case.id)) == winner


async def test_touching_makes_no_version(db: Database) -> None:
    """A tick's bookkeeping does not spoil a worker's act; a tick cannot act."""
    case = await db.run(a_case)
    await db.run(lambda conn: cases.touch(conn, case.id, {"reminders": 2, "next_tick_at": later(60)}))
    changed = await db.run(lambda conn: cases.update(conn, case, {"state": "accepted"}))
    assert changed is not None
    assert (changed.version, changed.reminders, changed.next_tick_at) == (2, 2, later(60))
    with pytest.raises(ValueError, match="state"):
        await db.run(lambda conn: cases.touch(conn, case.id, {"state": "closed"}))


async def test_history(db: Database) -> None:
    """Events come back in order, one a version, and a person's latest act is found within its ten minutes."""

    def write(conn: Connection) -> tuple[int, list[EventRow]]:
        worker, case = a_person(conn), a_case(conn)
        first = event(conn, case, data={"before": {"state": None}, "reason": "路灯"})
        second = event(conn, case, version=2, actor_id=worker, recorded_at=later(60), from_state="reported")
        return worker, [first, second]

    worker, written = await db.run(write)
    assert await db.read(lambda conn: cases.events(conn, 1)) == written
    assert written[0].data == {"before": {"state": None}, "reason": "路灯"}
    assert await db.read(lambda conn: cases.last_event_of(conn, worker, later(60))) == written[1]
    assert await db.read(lambda conn: cases.last_event_of(conn, worker, later(61))) is None
    with pytest.raises(IntegrityError):
        await db.run(lambda conn: event(conn, CaseRow(**{**_facts(), "id": 1, "version": 2})))


def _facts() -> dict[str, Any]:
    return {
        "state": "reported",
        "source": "group",
        "category": "x",
        "urgency": "normal",
        "sensitive": "none",
        "reported_at": NOW,
        "updated_at": NOW,
    }


async def test_due_cases_by_index(db: Database) -> None:
    """The longest waiting first, no more than asked, none that rests; and no scan of all cases."""

    def seed(conn: Connection) -> None:
        for seconds in (30, 10, 20, None, 99):
            a_case(conn, next_tick_at=None if seconds is None else later(seconds))

    await db.run(seed)
    assert await db.read(lambda conn: cases.due(conn, later(30), 2)) == [2, 3]
    assert await db.read(lambda conn: cases.due(conn, later(30), 9)) == [2, 3, 1]
    if db.dialect == "sqlite":
        query = "EXPLAIN QUERY PLAN SELECT id FROM cases WHERE next_tick_at IS NOT NULL AND next_tick_at <= '2027'"
        plan = await db.read(lambda conn: str(conn.execute(text(query)).all()))
        assert "ix_cases_next_tick_at" in plan


async def test_open_cases(db: Database) -> None:
    """Each condition narrows the list; without states it holds what is not over."""

    def seed(conn: Connection) -> dict[str, int]:
        area = directory.add_area(conn, code="g1", name="东关一", level="grid")
        other = directory.add_area(conn, code="g2", name="东关二", level="grid")
        person = a_person(conn)
        unit = directory.add_unit(conn, code="power", name="供电所")
        a_case(conn, area_id=area, reporter_id=person)
        a_case(conn, area_id=other, worker_id=person, reported_at=later(-900))
        a_case(conn, area_id=area, state="closed", reporter_id=person)
        a_case(conn, unit_id=unit, state="dispatched")
        return {"area": area, "person": person, "unit": unit}

    ids = await db.run(seed)
    queries: list[tuple[dict[str, Any], list[int]]] = [
        ({}, [1, 2, 4]),
        ({"limit": 2}, [1, 2]),
        ({"area_ids": [ids["area"]]}, [1]),
        ({"area_ids": []}, []),
        ({"reporter_id": ids["person"]}, [1]),
        ({"worker_id": ids["person"]}, [2]),
        ({"unit_id": ids["unit"]}, [4]),
        ({"states": ["closed", "dispatched"]}, [3, 4]),
        ({"since": NOW}, [1, 4]),
    ]
    for arguments, expected in queries:
        found = await db.read(lambda conn, given=arguments: cases.open_cases(conn, **given))  # type: ignore[misc]
        assert [case.id for case in found] == expected, arguments
    mine = await db.read(lambda conn: cases.recent_of_reporter(conn, ids["person"], NOW))
    assert [case.id for case in mine] == [3, 1]
    assert await db.read(cases.counts) == {"reported": 2, "closed": 1, "dispatched": 1}


async def test_cases_of_a_chat(db: Database) -> None:
    """What was reported in a group, the newest first, whatever became of it."""

    def seed(conn: Connection) -> int:
        chat_id = a_chat(conn)
        for n, role in enumerate(("report", "card", "report")):
            case = a_case(conn, state="closed")
            links.add(conn, case_id=case.id, chat_id=chat_id, message_id=str(n), role=role, person_id=None, said_at=NOW)
        return chat_id

    chat_id = await db.run(seed)
    assert [case.id for case in await db.read(lambda conn: cases.in_chat(conn, chat_id, NOW))] == [3, 1]
    assert await db.read(lambda conn: cases.in_chat(conn, chat_id, later(1))) == []


async def test_merging_and_support(db: Database) -> None:
    """A person supports a case once; an undo takes it back; merged cases are found from their target."""

    def seed(conn: Connection) -> tuple[list[bool], int]:
        target = a_case(conn)
        a_case(conn, state="merged", merged_into=target.id)
        one, two = a_person(conn, "u1"), a_person(conn, "u2")
        added = [
            cases.add_supporter(conn, case_id=target.id, person_id=who, name="王", at=later(seconds))
            for who, seconds in ((one, 2), (two, 1), (one, 3))
        ]
        return added, one

    added, one = await db.run(seed)
    assert added == [True, True, False]
    assert [row.at for row in await db.read(lambda conn: cases.supporters(conn, 1))] == [later(1), later(2)]
    assert [case.id for case in await db.read(lambda conn: cases.merged_into(conn, 1))] == [2]
    assert await db.run(lambda conn: cases.remove_supporter(conn, case_id=1, person_id=one))
    assert not await db.run(lambda conn: cases.remove_supporter(conn, case_id=1, person_id=one))
    assert len(await db.read(lambda conn: cases.supporters(conn, 1))) == 1
