"""What the clock does by itself on both databases: once, to the right people, and not after the matter is settled."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.cases.outcome import Refused
from bot.model import Notice
from storage import cases, people
from storage.engine import Database
from storage.errors import Unavailable
from tests.integration.hall import Hall, seed, told
from tests.unit.cases import town
from tests.unit.cases.town import NOW, shanghai


@pytest.fixture
async def hall(db: Database) -> Hall:
    await db.run(seed)
    return Hall(db)


async def tick(hall: Hall) -> list[Notice]:
    """All that is due now, as a tick of the schedule would find it."""
    due = await hall.db.run(lambda conn: cases.due(conn, hall.now, 100))
    found: list[Notice] = []
    for case_id in due:
        found += await hall.at_desk(lambda desk, number=case_id: desk.tick(number))  # type: ignore[misc]
    return found


def who(notices: list[Notice]) -> list[tuple[str, object]]:
    return [(notice.kind, notice.data["persons"]) for notice in notices]


async def test_a_case_that_lies_too_long(hall: Hall) -> None:
    """Yellow and red to its worker, then one level higher every working day, each once."""
    case = await hall.lamp(state="accepted")
    assert await tick(hall) == []
    steps = [
        (shanghai(11, 16, 10), [("overdue_yellow", [town.WANG])]),
        (shanghai(11, 17, 10), [("overdue_red", [town.WANG])]),
        (shanghai(11, 18, 10), [("overdue_supervise", [town.LEADER])]),
        (shanghai(11, 19, 10), [("overdue_supervise", [town.INSTRUCTOR, town.SECRETARY])]),
    ]
    for moment, expected in steps:
        hall.now = moment - timedelta(seconds=1)
        assert await tick(hall) == []
        hall.now = moment
        assert who(await tick(hall)) == expected
        assert await tick(hall) == []
    assert (await hall.case(case.id)).supervised == 2
    assert (await hall.actions(case.id)).count("supervise") == 2


async def test_an_emergency_at_night(hall: Hall) -> None:
    """Three rounds, five minutes apart, each reaching one level more; then the phone list."""
    hall.now = shanghai(11, 14, 2)
    await hall.lamp(category="emergency.fire", urgency="emergency", text="楼上着火了")
    reached = []
    for _ in range(3):
        hall.wait(minutes=5)
        reached.append(who(await tick(hall)))
    village = [town.INSTRUCTOR, town.SECRETARY]
    assert reached == [
        [("round", [town.WANG, town.LEADER])],
        [("round", [town.WANG, town.LEADER, *village])],
        [("round", [town.WANG, town.LEADER, *village, town.SUPERVISOR])],
    ]
    hall.wait(minutes=5)
    assert {notice.kind for notice in await tick(hall)} == {"phones"}


async def test_an_ordinary_reminder_waits_for_the_morning(hall: Hall) -> None:
    """A power cut reported on Saturday evening is overdue at midnight and reminded of on Monday."""
    hall.now = shanghai(11, 14, 22)
    await hall.lamp(category="facility.power", text="停电了")
    hall.now = shanghai(11, 16, 8, 29)
    assert await tick(hall) == []
    hall.now = shanghai(11, 16, 8, 30)
    assert who(await tick(hall)) == [("overdue_red", [town.WANG])]


async def test_after_an_outage_only_the_latest_counts(hall: Hall) -> None:
    """The program was down for days: one reminder, not four."""
    case = await hall.lamp()
    hall.now = shanghai(11, 13, 12)
    assert [notice.kind for notice in await tick(hall)] == ["overdue_supervise"]
    assert await tick(hall) == []
    assert (await hall.case(case.id)).next_tick_at == shanghai(11, 16, 10)


async def test_many_processes_tick_and_one_reminds(hall: Hall) -> None:
    """Ten ticks at once give one reminder."""
    case = await hall.lamp()
    hall.now = shanghai(11, 11, 10)

    async def one() -> tuple[Notice, ...]:
        for _ in range(5):
            try:
                return await hall.at_desk(lambda desk: desk.tick(case.id))
            except Unavailable:
                await asyncio.sleep(0.01)
        raise AssertionError("never got through")

    found = await asyncio.gather(*(one() for _ in range(10)))
    assert [notice.kind for notices in found for notice in notices] == ["overdue_red"]


async def test_a_settled_matter_is_not_reminded_of(hall: Hall) -> None:
    """Closing cancels the reminder that waits and leaves no next one."""
    case = await hall.lamp(state="accepted")
    event = (await hall.events(case.id))[-1]
    rows = [await hall.post(case, event, kind) for kind in ("overdue_yellow", "result")]
    await hall.do(lambda desk: desk.close(town.WANG, case.id, text="换了"))
    assert [await hall.post_state(row) for row in rows] == ["cancelled", "pending"]
    hall.wait(days=30)
    assert await tick(hall) == []


async def test_a_substitute_is_reminded(hall: Hall) -> None:
    """王芳 is on leave: 李梅 hears the clock, acts, and the credit is hers."""
    case = await hall.lamp()
    away = {"kind": "leave", "person_id": town.WANG, "substitute_id": town.LI}
    await hall.db.run(lambda conn: people.add_duty(conn, starts_at=NOW, ends_at=NOW + timedelta(days=3), **away))  # type: ignore[arg-type]
    hall.now = shanghai(11, 11, 10)
    assert who(await tick(hall)) == [("overdue_red", [town.LI])]
    done = await hall.do(lambda desk: desk.accept(town.LI, case.id))
    assert (done.case.worker_id, done.event.actor_id if done.event else None) == (town.LI, town.LI)


async def test_suspended_and_resumed_by_itself(hall: Hall) -> None:
    """The clock stands still, no reminder comes, and at its time it goes on with what was left."""
    case = await hall.lamp(state="accepted")
    until = shanghai(11, 30, 9)
    paused = await hall.do(lambda desk: desk.suspend(town.SUPERVISOR, case.id, until=until, reason="等配件"))
    assert (told(paused), paused.case.next_tick_at) == ({("reporter", "suspended")}, until)
    hall.now = until - timedelta(seconds=1)
    assert await tick(hall) == []
    hall.now = until
    assert [notice.kind for notice in await tick(hall)] == ["resumed"]
    resumed = await hall.case(case.id)
    assert (resumed.state, resumed.due_at, resumed.paused_at) == ("accepted", shanghai(12, 7, 9), None)
    event = (await hall.events(case.id))[-1]
    assert (event.action, event.actor_id) == ("resume", None)


async def test_resumed_by_hand(hall: Hall) -> None:
    """A supervisor may end it earlier; a worker may not begin it."""
    case = await hall.lamp(state="dispatched")
    until = shanghai(11, 30)
    assert isinstance(
        await hall.at_desk(lambda desk: desk.suspend(town.WANG, case.id, until=until, reason="等")), Refused
    )
    await hall.do(lambda desk: desk.suspend(town.SUPERVISOR, case.id, until=until, reason="等"))
    hall.wait(days=2)
    resumed = await hall.do(lambda desk: desk.resume(town.SUPERVISOR, case.id))
    assert (resumed.case.state, resumed.case.suspended_from, resumed.case.resume_at) == ("dispatched", None, None)
    assert resumed.case.due_at == shanghai(11, 19, 10)


async def test_waiting_for_an_answer_once(hall: Hall) -> None:
    """The reporter's words let the clock go on; a second time it does not stand still."""
    case = await hall.lamp(state="accepted")
    waiting = await hall.do(lambda desk: desk.await_answer(town.WANG, case.id))
    assert waiting.case.resume_at == shanghai(11, 12, 10)
    hall.wait(days=1)
    answered = await hall.do(lambda desk: desk.supplement(town.RESIDENT, case.id, text="在东头"))
    assert (answered.case.paused_at, answered.case.due_at) == (None, shanghai(11, 18, 10))
    again = await hall.at_desk(lambda desk: desk.await_answer(town.WANG, case.id))
    assert again == Refused("waited_before", {"number": case.id})


async def test_waiting_ends_by_itself(hall: Hall) -> None:
    """After two working days the clock goes on without an answer, and a neighbour's words are none."""
    case = await hall.lamp(state="accepted")
    await hall.do(lambda desk: desk.await_answer(town.WANG, case.id))
    other = await hall.do(lambda desk: desk.supplement(town.NEIGHBOUR, case.id, text="我也看见了"))
    assert other.case.paused_at is not None
    hall.now = shanghai(11, 12, 10)
    assert await tick(hall) == []
    assert (await hall.case(case.id)).due_at == shanghai(11, 19, 10)


async def test_extending(hall: Hall) -> None:
    """The deadline moves and the reporter hears the new one; ten days are all there is."""
    case = await hall.lamp(state="accepted")
    longer = await hall.do(lambda desk: desk.extend(town.SUPERVISOR, case.id, days=4, reason="等配件"))
    assert (longer.case.due_at, told(longer)) == (shanghai(11, 23, 10), {("reporter", "extended")})
    more = await hall.at_desk(lambda desk: desk.extend(town.SUPERVISOR, case.id, days=7, reason="还等"))
    assert more == Refused("extend_limit", {"number": case.id, "left": 6})


async def test_a_hidden_case_climbs_nowhere(hall: Hall) -> None:
    """Reminders of a complaint about staff stay with the confidant, however late it is."""
    await hall.lamp(category="consult.complaint", sensitive="staff", text="网格员从来不来")
    for day in (11, 12, 13, 16):
        hall.now = shanghai(11, day, 17)
        assert all(notice.data["persons"] == [town.CONFIDANT] for notice in await tick(hall))
