"""Merge and unmerge: one matter, one case, nobody forgotten."""

from __future__ import annotations

import pytest

from bot.cases.outcome import Already, Refused
from storage import cases
from storage.engine import Database
from tests.integration.hall import Hall, seed, told
from tests.unit.cases import town


@pytest.fixture
async def hall(db: Database) -> Hall:
    await db.run(seed)
    return Hall(db)


async def supporters(hall: Hall, number: int) -> set[int]:
    return {row.person_id for row in await hall.db.run(lambda conn: cases.supporters(conn, number))}


async def test_reporters_become_supporters_and_hear_the_result(hall: Hall) -> None:
    """The merged case's reporter and supporters move over; the target's result names them and the merged case."""
    target, case = await hall.lamp(), await hall.lamp(reporter_id=town.NEIGHBOUR, reporter_name="住户乙")
    await hall.do(lambda desk: desk.support(town.BOUND, case.id))
    merged = await hall.do(lambda desk: desk.merge(town.WANG, case.id, target.id))
    assert (merged.case.state, merged.case.merged_into, merged.case.clock) == ("merged", target.id, None)
    assert told(merged) == {("reporter_private", "merged")}
    assert await supporters(hall, target.id) == {town.NEIGHBOUR, town.BOUND}
    closed = await hall.do(lambda desk: desk.close(town.WANG, target.id, text="换了"))
    assert closed.notices[0].data["persons"] == [town.RESIDENT, town.NEIGHBOUR, town.BOUND]
    assert closed.notices[0].data["cases"] == [case.id]
    await hall.do(lambda desk: desk.rate(town.NEIGHBOUR, target.id, 1))


async def test_never_a_chain_never_a_circle(hall: Hall) -> None:
    """Not into a merged one, not with others inside, not into itself, not into what is over."""
    one, two, three = (await hall.lamp()).id, (await hall.lamp()).id, (await hall.lamp()).id
    await hall.do(lambda desk: desk.merge(town.WANG, two, one))
    refusals = [
        (three, two, "merge_chain"), (one, two, "merge_chain"), (one, three, "merge_holds_others"), (one, one, "merge_self"),
        (three, 999, "unknown_case"),
    ]  # fmt: skip
    for case, target, key in refusals:
        outcome = await hall.at_desk(lambda desk, a=case, b=target: desk.merge(town.WANG, a, b))  # type: ignore[misc]
        assert isinstance(outcome, Refused)
        assert outcome.key == key
    await hall.do(lambda desk: desk.close(town.WANG, one, text="换了"))
    ended = await hall.at_desk(lambda desk: desk.merge(town.WANG, three, one))
    assert isinstance(ended, Refused)
    assert ended.key == "merge_ended"
    assert (await hall.case(three)).version == 1


async def test_merging_twice(hall: Hall) -> None:
    """The same hand's repeat is silent, another's hears who did it."""
    target, case = await hall.lamp(), await hall.lamp()
    await hall.do(lambda desk: desk.merge(town.WANG, case.id, target.id))
    assert (await hall.do(lambda desk: desk.merge(town.WANG, case.id, target.id))).notices == ()
    other = await hall.at_desk(lambda desk: desk.merge(town.LEADER, case.id, target.id))
    assert isinstance(other, Already)
    assert other.by_name == "王芳"


async def test_not_into_somebody_elses(hall: Hall) -> None:
    """A worker merges within his own grid; a case he may not know of does not exist for him."""
    case, west = await hall.lamp(), await hall.lamp(area_id=town.WEST_1)
    hidden = await hall.lamp(sensitive="violence")
    foreign = await hall.at_desk(lambda desk: desk.merge(town.WANG, case.id, west.id))
    assert foreign == Refused("other_area", {"number": west.id, "area": "西坡一网格"})
    unknown = await hall.at_desk(lambda desk: desk.merge(town.WANG, case.id, hidden.id))
    assert isinstance(unknown, Refused)
    assert unknown == Refused("unknown_case", {"number": hidden.id})


async def test_unmerging(hall: Hall) -> None:
    """State, deadline and people are as before the merge; the target keeps those it had of its own."""
    target, case = await hall.lamp(), await hall.lamp(reporter_id=town.NEIGHBOUR, state="accepted")
    await hall.do(lambda desk: desk.support(town.BOUND, target.id))
    await hall.do(lambda desk: desk.support(town.BOUND, case.id))
    before = await hall.case(case.id)
    await hall.do(lambda desk: desk.merge(town.WANG, case.id, target.id))
    hall.wait(hours=1)
    apart = await hall.do(lambda desk: desk.unmerge(town.WANG, case.id))
    assert (apart.case.state, apart.case.merged_into, apart.case.due_at) == ("accepted", None, before.due_at)
    assert apart.case.next_tick_at == before.next_tick_at
    assert apart.case.generation > before.generation
    assert await supporters(hall, target.id) == {town.BOUND}
    assert (await hall.actions(target.id))[-2:] == ["absorb", "release"]
    await hall.do(lambda desk: desk.merge(town.WANG, case.id, target.id))


async def test_a_merge_is_taken_back(hall: Hall) -> None:
    """「撤」 after a merge frees the case and its people."""
    target, case = await hall.lamp(), await hall.lamp(reporter_id=town.NEIGHBOUR)
    await hall.do(lambda desk: desk.merge(town.WANG, case.id, target.id))
    undone = await hall.do(lambda desk: desk.undo(town.WANG))
    assert (undone.case.id, undone.case.state, undone.case.due_at) == (case.id, "reported", case.due_at)
    assert await supporters(hall, target.id) == set()
