"""「撤」: what comes back, what is cancelled, and when it is too late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.cases.desk import Desk
from bot.cases.outcome import Outcome, Refused
from storage import cases, ratings
from storage.engine import Database
from storage.records import CaseRow
from tests.integration.hall import LAMP, Hall, seed, told
from tests.unit.cases import town

KEPT = {"version", "updated_at", "generation", "closings"}  # what a return does not turn back


@pytest.fixture
async def hall(db: Database) -> Hall:
    await db.run(seed)
    return Hall(db)


def facts(case: CaseRow) -> dict[str, object]:
    return {name: getattr(case, name) for name in CaseRow.__slots__ if name not in KEPT}


ACTS: list[tuple[str, int, str, Callable[[Desk, int], Outcome]]] = [
    ("reported", town.WANG, "accept", lambda desk, n: desk.accept(town.WANG, n, place="5号楼")),
    ("reported", town.WANG, "decline", lambda desk, n: desk.decline(town.WANG, n, "物业的事")),
    ("reported", town.WANG, "correct", lambda desk, n: desk.correct(town.WANG, n, {"category": "hazard.gas"})),
    ("accepted", town.WANG, "transfer", lambda desk, n: desk.transfer(town.WANG, n, town.EAST_2)),
    ("accepted", town.WANG, "dispatch", lambda desk, n: desk.dispatch(town.WANG, n, town.POWER)),
    ("dispatched", town.ELECTRICIAN, "return", lambda desk, n: desk.return_(town.ELECTRICIAN, n, "不是")),
    ("dispatched", town.ELECTRICIAN, "resolve", lambda desk, n: desk.resolve(town.ELECTRICIAN, n, text="好", photos=("p",))),
    ("resolved", town.WANG, "verify", lambda desk, n: desk.verify(town.WANG, n, passed=True)),
    ("resolved", town.WANG, "rework", lambda desk, n: desk.verify(town.WANG, n, passed=False, reason="没好")),
    ("reported", town.WANG, "close", lambda desk, n: desk.close(town.WANG, n, text="换了", photos=("p",))),
    ("accepted", town.WANG, "close", lambda desk, n: desk.close(town.WANG, n, text="换了", quiet=True)),
    ("accepted", town.SUPERVISOR, "extend", lambda desk, n: desk.extend(town.SUPERVISOR, n, days=3, reason="等配件")),
    ("accepted", town.SUPERVISOR, "supervise", lambda desk, n: desk.supervise(town.SUPERVISOR, n)),
    ("reported", town.RESIDENT, "withdraw", lambda desk, n: desk.withdraw(town.RESIDENT, n)),
    ("closed", town.WANG, "reopen", lambda desk, n: desk.reopen(town.WANG, n, "又坏")),
    ("reported", town.ASSISTANT, "supplement", lambda desk, n: desk.supplement(town.ASSISTANT, n, text="补充", photos=("x",))),
]  # fmt: skip


@pytest.mark.parametrize(("state", "person", "action", "act"), ACTS, ids=[f"{a[2]}-{a[0]}" for a in ACTS])
async def test_the_case_is_as_it_was(
    hall: Hall, state: str, person: int, action: str, act: Callable[[Desk, int], Outcome]
) -> None:
    """Every column comes back, deadlines included; only counters that number what was told go on."""
    case = await hall.lamp(state=state)
    hall.wait(minutes=1)
    await hall.do(lambda desk: act(desk, case.id))
    hall.wait(minutes=1)
    undone = await hall.do(lambda desk: desk.undo(person))
    assert facts(undone.case) == facts(case)
    assert undone.case.generation >= case.generation
    assert (await hall.actions(case.id))[-1] == "undo"
    assert undone.event is not None
    assert undone.event.data["undone_action"] == action
    assert ("staff", "undone") in told(undone)


async def test_suspending_can_be_taken_back(hall: Hall) -> None:
    """The clock runs on as if it had never stood still."""
    case = await hall.lamp(state="accepted")
    until = hall.now.replace(day=20)
    await hall.do(lambda desk: desk.suspend(town.SUPERVISOR, case.id, until=until, reason="等配件"))
    undone = await hall.do(lambda desk: desk.undo(town.SUPERVISOR))
    assert facts(undone.case) == facts(case)


async def test_what_waits_is_not_sent(hall: Hall) -> None:
    """The result of an undone closing is cancelled, and so is what both of its events would have told."""
    case = await hall.lamp()
    done = await hall.do(lambda desk: desk.close(town.WANG, case.id, text="换了"))
    assert done.event is not None
    result = await hall.post(done.case, done.event, "result")
    accepted = next(event for event in await hall.events(case.id) if event.action == "accept")
    ack = await hall.post(done.case, accepted, "accepted")
    undone = await hall.do(lambda desk: desk.undo(town.WANG))
    assert [await hall.post_state(row) for row in (result, ack)] == ["cancelled", "cancelled"]
    assert told(undone) == {("staff", "undone")}


@pytest.mark.parametrize("state", ["sent", "unknown"])
async def test_who_may_have_heard_is_told(hall: Hall, state: str) -> None:
    """Exactly the chats that were told of the act hear that it was taken back; the others never knew."""
    case = await hall.lamp()
    done = await hall.do(lambda desk: desk.close(town.WANG, case.id, text="换了"))
    assert done.event is not None
    await hall.sent(await hall.post(done.case, done.event, "result"), state)
    undone = await hall.do(lambda desk: desk.undo(town.WANG))
    assert told(undone) == {("staff", "undone"), ("group", "undone")}
    assert [notice.data.get("chats") for notice in undone.notices] == [None, [town.GROUP]]


async def test_the_next_result_is_a_new_one(hall: Hall) -> None:
    """Closed, taken back, closed again: the number of the closing grows, so that its result is posted."""
    case = await hall.lamp(state="closed")
    await hall.do(lambda desk: desk.undo(town.WANG))
    again = await hall.do(lambda desk: desk.close(town.WANG, case.id, text="真换了"))
    assert again.case.closings == 2


async def test_only_within_ten_minutes(hall: Hall) -> None:
    """Ten minutes are enough, a second more is not."""
    case = await hall.lamp(state="accepted")
    hall.wait(minutes=10, seconds=1)
    late = await hall.at_desk(lambda desk: desk.undo(town.WANG))
    assert late == Refused("nothing_to_undo", {"minutes": 10})
    assert (await hall.case(case.id)).state == "accepted"


async def test_only_ones_own_and_the_last(hall: Hall) -> None:
    """Not another's act, not after something else has happened, not an undo."""
    case = await hall.lamp(state="accepted")
    other = await hall.at_desk(lambda desk: desk.undo(town.LEADER))
    assert isinstance(other, Refused)
    await hall.do(lambda desk: desk.supplement(town.RESIDENT, case.id, text="在东头"))
    after = await hall.at_desk(lambda desk: desk.undo(town.WANG))
    assert after == Refused("undo_later", {"number": case.id, "action": "accept"})
    second = await hall.lamp(state="accepted")
    await hall.do(lambda desk: desk.undo(town.WANG))
    twice = await hall.at_desk(lambda desk: desk.undo(town.WANG))
    assert twice == Refused("undo_not_this", {"number": second.id, "action": "undo"})


async def test_a_grade_and_a_support_are_gone(hall: Hall) -> None:
    """Rows beside the case go with their act."""
    case = await hall.lamp()
    await hall.do(lambda desk: desk.support(town.NEIGHBOUR, case.id))
    await hall.do(lambda desk: desk.undo(town.NEIGHBOUR))
    assert await hall.db.run(lambda conn: cases.supporters(conn, case.id)) == []
    await hall.do(lambda desk: desk.close(town.WANG, case.id, text="换了"))
    await hall.do(lambda desk: desk.rate(town.RESIDENT, case.id, 5))
    await hall.do(lambda desk: desk.undo(town.RESIDENT))
    assert await hall.db.run(lambda conn: ratings.of_case(conn, case.id)) == []
    await hall.do(lambda desk: desk.rate(town.RESIDENT, case.id, 1))


async def test_a_grade_keeps_a_closing(hall: Hall) -> None:
    """After a resident has graded, the closing is not taken back under his feet."""
    case = await hall.lamp(state="closed")
    await hall.do(lambda desk: desk.rate(town.RESIDENT, case.id, 1))
    assert isinstance(await hall.at_desk(lambda desk: desk.undo(town.WANG)), Refused)


async def test_a_patrol_written_by_mistake(hall: Hall) -> None:
    """One's own report taken back is a withdrawn case without a clock."""
    case = (await hall.do(lambda desk: desk.patrol(town.WANG, replace(LAMP)))).case
    undone = await hall.do(lambda desk: desk.undo(town.WANG))
    assert (undone.case.id, undone.case.state, undone.case.next_tick_at) == (case.id, "withdrawn", None)


async def test_accepting_again_after_an_undo(hall: Hall) -> None:
    """An undone acceptance is none: the next worker is not told that it had been accepted."""
    case = await hall.lamp(state="accepted")
    await hall.do(lambda desk: desk.undo(town.WANG))
    taken = await hall.do(lambda desk: desk.accept(town.LEADER, case.id))
    assert taken.case.worker_id == town.LEADER
