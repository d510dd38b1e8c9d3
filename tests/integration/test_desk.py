"""The desk on both databases: a case's whole life, and what each act writes and tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases.outcome import Already, Done, Refused
from storage import cases, ratings
from storage.engine import Database
from tests.integration.hall import LAMP, Hall, seed, told
from tests.unit.cases import town
from tests.unit.cases.town import CLOCKS, NOW, shanghai


@pytest.fixture
async def hall(db: Database) -> Hall:
    await db.run(seed)
    return Hall(db)


async def test_the_lamp(hall: Hall) -> None:
    """Reported, accepted, dispatched, resolved, verified; each step with its clock, event and hearers."""
    case = await hall.lamp()
    assert (case.state, case.version, case.area_id, case.clock) == ("reported", 1, town.EAST_1, "accept")
    assert case.due_at == shanghai(11, 11, 10)
    accepted = await hall.do(lambda desk: desk.accept(town.WANG, case.id))
    assert (accepted.case.worker_id, accepted.case.clock, accepted.case.due_at) == (
        town.WANG,
        "resolve",
        shanghai(11, 17, 10),
    )
    assert told(accepted) == {("reporter", "accepted")}
    assert accepted.notices[0].data["who"] == "王芳"
    sent = await hall.do(lambda desk: desk.dispatch(town.WANG, case.id, town.POWER))
    assert told(sent) == {("unit", "dispatched"), ("connector", "dispatched")}
    assert sent.case.due_at == accepted.case.due_at
    done = await hall.do(lambda desk: desk.resolve(town.ELECTRICIAN, case.id, text="换了灯泡", photos=("p1",)))
    assert (told(done), done.case.clock) == ({("staff", "resolved")}, "verify")
    closed = await hall.do(lambda desk: desk.verify(town.WANG, case.id, passed=True))
    assert told(closed) == {("group", "result"), ("reporter_private", "result")}
    assert (closed.case.state, closed.case.closings, closed.case.clock, closed.case.next_tick_at) == (
        "closed",
        1,
        None,
        None,
    )
    assert (
        dict(closed.notices[0].data) | {"by": "王芳", "result": "换了灯泡", "photos": ["p1"], "closing": 1}
        == closed.notices[0].data
    )
    assert await hall.actions(case.id) == ["report", "accept", "dispatch", "resolve", "verify"]
    assert [event.version for event in await hall.events(case.id)] == [1, 2, 3, 4, 5]


async def test_closing_what_nobody_had_accepted(hall: Hall) -> None:
    """「好了 换了灯泡」 on a new card: two events, one answer, no separate 已受理."""
    case = await hall.lamp()
    done = await hall.do(lambda desk: desk.close(town.WANG, case.id, text="换了灯泡", version=1))
    assert told(done) == {("group", "result"), ("reporter_private", "result")}
    assert (done.case.worker_id, done.case.accepted_at, done.case.closed_at) == (town.WANG, NOW, NOW)
    assert await hall.actions(case.id) == ["report", "accept", "close"]


async def test_a_refused_act_changes_nothing(hall: Hall) -> None:
    """A missing photo, a wrong state and a stranger leave no trace, not even the acceptance before the closing."""
    case = await hall.lamp(category="hazard.electric")
    assert await hall.at_desk(lambda desk: desk.close(town.WANG, case.id, text="修好了")) == Refused(
        "need_photo", {**_refusal(case.id, "close"), "state": "reported"}
    )
    for act in (
        lambda desk: desk.verify(town.WANG, case.id, passed=True),
        lambda desk: desk.accept(town.ZHAO, case.id),
        lambda desk: desk.accept(town.RESIDENT, case.id),
        lambda desk: desk.accept(town.WANG, 9999),
        lambda desk: desk.dispatch(town.WANG, case.id, 999),
    ):
        assert isinstance(await hall.at_desk(act), Refused)
    assert await hall.case(case.id) == case
    assert await hall.actions(case.id) == ["report"]
    done = await hall.do(lambda desk: desk.close(town.WANG, case.id, text="修好了", reporter_ok=True))
    assert done.case.state == "closed"


def _refusal(number: int, action: str) -> dict[str, object]:
    who = ["confidant", "grid_leader", "grid_worker", "instructor", "village_secretary"]
    possible = ["accept", "decline", "correct", "transfer", "merge", "close", "supplement", "support"]
    return {"number": number, "action": action, "who": who, "possible": possible}


async def test_the_right_role_in_the_wrong_place(hall: Hall) -> None:
    """Another grid's worker hears whose it is, not that he is no worker."""
    case = await hall.lamp()
    refused = await hall.at_desk(lambda desk: desk.accept(town.ZHAO, case.id))
    assert refused == Refused("other_area", {"number": case.id, "area": "东关一网格"})


async def test_twice_by_one_is_silent_by_two_has_a_name(hall: Hall) -> None:
    """The same worker's repeat succeeds without a word; another's hears who was faster, even with an old button."""
    case = await hall.lamp()
    await hall.do(lambda desk: desk.accept(town.WANG, case.id, version=1))
    again = await hall.do(lambda desk: desk.accept(town.WANG, case.id, version=1))
    assert again.notices == ()
    for later in ("accepted", "dispatched"):
        second = await hall.at_desk(lambda desk: desk.accept(town.LEADER, case.id, version=1))
        assert isinstance(second, Already)
        assert (second.by_name, second.action, second.case.state) == ("王芳", "accept", later)
        if later == "accepted":
            await hall.do(lambda desk: desk.dispatch(town.WANG, case.id, town.POWER))
    assert await hall.actions(case.id) == ["report", "accept", "dispatch"]


async def test_an_old_button(hall: Hall) -> None:
    """A supplement does not spoil a button; a rework does: passing the old result would pass the new one unseen."""
    case = await hall.lamp()
    await hall.do(lambda desk: desk.supplement(town.RESIDENT, case.id, text="在东头"))
    await hall.do(lambda desk: desk.accept(town.WANG, case.id, version=1))
    await hall.do(lambda desk: desk.dispatch(town.WANG, case.id, town.POWER))
    shown = (await hall.do(lambda desk: desk.resolve(town.ELECTRICIAN, case.id, text="换了"))).case.version
    await hall.do(lambda desk: desk.verify(town.WANG, case.id, passed=False, reason="还是不亮"))
    await hall.do(lambda desk: desk.resolve(town.ELECTRICIAN, case.id, text="又换了"))
    stale = await hall.at_desk(lambda desk: desk.verify(town.WANG, case.id, passed=True, version=shown))
    assert stale == Refused("stale", {"number": case.id, "state": "resolved"})


async def test_rework(hall: Hall) -> None:
    """A failed verification goes back to the unit with a new clock."""
    case = await hall.lamp(state="resolved")
    hall.wait(days=1)
    back = await hall.do(lambda desk: desk.verify(town.WANG, case.id, passed=False, reason="还是不亮"))
    assert (back.case.state, back.case.clock, back.case.clock_started_at) == ("dispatched", "resolve", hall.now)
    assert told(back) == {("unit", "rework"), ("staff", "rework")}


async def test_decline(hall: Hall) -> None:
    """Only the reporter hears it, in private; the clock stops."""
    case = await hall.lamp()
    done = await hall.do(lambda desk: desk.decline(town.WANG, case.id, "这是物业的事，已转告"))
    assert (told(done), done.case.state, done.case.clock) == ({("reporter_private", "declined")}, "declined", None)


async def test_which_grid(hall: Hall) -> None:
    """From the place, else the reporter's binding, else the only grid of the chat, else nobody knows."""
    both = (town.EAST_1, town.EAST_2)
    reports = [
        (replace(LAMP, chat_areas=both, place="老油坊"), town.EAST_1),
        (replace(LAMP, chat_areas=both, place="", text="灯坏了", reporter_id=town.BOUND), town.EAST_2),
        (replace(LAMP, chat_areas=(town.EAST_2,), place=""), town.EAST_2),
        (replace(LAMP, chat_areas=both), None),
        (replace(LAMP, chat_areas=both, area_id=town.EAST_2), town.EAST_2),
    ]
    for report, area in reports:
        done = await hall.do(lambda desk, report=report: desk.report(report))  # type: ignore[misc]
        assert done.case.area_id == area
        assert area is not None or done.notices[0].data["areas"] == list(both)


async def test_claiming(hall: Hall) -> None:
    """「归我」 of a worker of one of the group's grids settles it; a stranger to the group cannot, and it is settled once."""
    case = (await hall.do(lambda desk: desk.report(replace(LAMP, chat_areas=(town.EAST_1, town.EAST_2))))).case
    await hall._said(case)
    assert isinstance(await hall.at_desk(lambda desk: desk.claim(town.ZHAO, case.id)), Refused)
    done = await hall.do(lambda desk: desk.claim(town.WANG, case.id))
    assert (done.case.area_id, told(done)) == (town.EAST_1, {("staff", "corrected")})
    again = await hall.do(lambda desk: desk.claim(town.WANG, case.id))
    assert again.notices == ()
    late = await hall.at_desk(lambda desk: desk.claim(town.LI, case.id))
    assert late == Refused("claimed", {"area": "东关一网格"})


async def test_empty_reports_are_none(hall: Hall) -> None:
    """Text or photo, one of them."""
    assert isinstance(await hall.at_desk(lambda desk: desk.report(replace(LAMP, text=" "))), Refused)
    done = await hall.do(lambda desk: desk.report(replace(LAMP, text="", photos=("p",))))
    assert done.case.photos == ("p",)


async def test_patrol_and_on_behalf(hall: Hall) -> None:
    """Staff and assistants write in what they find or are told; residents and other grids' workers do not."""
    found = await hall.do(lambda desk: desk.patrol(town.WANG, replace(LAMP, chat_areas=())))
    assert (found.case.source, found.case.reporter_id, found.case.filed_by_id) == ("patrol", None, town.WANG)
    assert (found.case.area_id, told(found)) == (town.EAST_1, {("staff", "reported")})
    for_her = replace(LAMP, reporter_id=None, reporter_name="王大娘", area_id=town.EAST_1)
    told_her = await hall.do(lambda desk: desk.file_for(town.ASSISTANT, for_her))
    assert (told_her.case.source, told_her.case.reporter_name) == ("proxy", "王大娘")
    called = await hall.do(lambda desk: desk.file_for(town.WANG, for_her, source="phone"))
    assert called.case.source == "phone"
    for person, key in ((town.RESIDENT, "not_staff"), (town.ZHAO, "foreign_report")):
        refused = await hall.at_desk(lambda desk, person=person: desk.file_for(person, for_her))  # type: ignore[misc]
        assert refused == Refused(key)
    quiet = await hall.do(lambda desk: desk.close(town.WANG, found.case.id, text="换了", quiet=True))
    assert told(quiet) == {("reporter_private", "result")}
    loud = await hall.do(lambda desk: desk.close(town.WANG, told_her.case.id, text="换了"))
    assert ("group", "result") in told(loud)


async def test_written_in_later(hall: Hall) -> None:
    """补录: the true time and the time of writing stand side by side; the future is not believed."""
    seen = NOW - timedelta(days=1)
    done = await hall.do(lambda desk: desk.patrol(town.WANG, replace(LAMP, said_at=seen)))
    assert done.event is not None
    assert (done.event.at, done.event.recorded_at, done.case.reported_at) == (seen, NOW, seen)
    closed = await hall.do(lambda desk: desk.close(town.WANG, done.case.id, text="换了", at=NOW - timedelta(hours=3)))
    assert closed.event is not None
    assert (closed.case.closed_at, closed.event.at) == (NOW - timedelta(hours=3), NOW - timedelta(hours=3))
    ahead = await hall.do(lambda desk: desk.patrol(town.WANG, replace(LAMP, said_at=NOW + timedelta(days=1))))
    assert ahead.case.reported_at == NOW


async def test_supplements(hall: Hall) -> None:
    """Words and photos are joined; a stranger fills a gap but moves nothing; categories follow until acceptance."""
    case = await hall.lamp(place="")
    by_neighbour = await hall.do(lambda desk: desk.supplement(town.NEIGHBOUR, case.id, text="是3号楼", place="3号楼"))
    assert (by_neighbour.case.place, by_neighbour.case.text) == ("3号楼", "3号楼前的灯不亮了\n是3号楼")
    wrong = await hall.do(lambda desk: desk.supplement(town.NEIGHBOUR, case.id, text="不是5号楼吗", place="5号楼"))
    assert wrong.case.place == "3号楼"
    corrected = await hall.do(
        lambda desk: desk.supplement(town.RESIDENT, case.id, place="5号楼", photos=("a", "a", "b"))
    )
    assert (corrected.case.place, corrected.case.photos) == ("5号楼", ("a", "b"))
    revised = {"category": "hazard.electric", "urgency": "urgent", "state": "closed"}
    live = await hall.do(lambda desk: desk.supplement(town.RESIDENT, case.id, text="电线掉了", revised=revised))
    assert (live.case.category, live.case.state, live.case.due_at) == (
        "hazard.electric",
        "reported",
        NOW + timedelta(minutes=30),
    )
    await hall.do(lambda desk: desk.accept(town.WANG, case.id))
    after = await hall.do(
        lambda desk: desk.supplement(town.RESIDENT, case.id, text="哦", revised={"category": "other.other"})
    )
    assert after.case.category == "hazard.electric"
    assert told(after) == {("staff", "supplement")}


async def test_support(hall: Hall) -> None:
    """+1 counts once a person, the reporter's own and a nameless one not at all."""
    case = await hall.lamp()
    first = await hall.do(lambda desk: desk.support(town.NEIGHBOUR, case.id, name="住户乙", chat_id=town.GROUP))
    assert (told(first), first.notices[0].data["count"]) == ({("staff", "supported")}, 1)
    for person in (town.NEIGHBOUR, town.RESIDENT, None):
        again = await hall.do(lambda desk, person=person: desk.support(person, case.id))  # type: ignore[misc]
        assert (again.event, again.notices) == (None, ())
    assert len(await hall.db.run(lambda conn: cases.supporters(conn, case.id))) == 1


async def test_corrections(hall: Hall) -> None:
    """Nothing changed is nothing said; the clock starts anew only when another unit becomes responsible."""
    case = await hall.lamp()
    same = await hall.do(lambda desk: desk.correct(town.WANG, case.id, {"place": "3号楼"}))
    assert (same.event, same.case.version) == (None, 1)
    hall.wait(hours=2)
    moved = await hall.do(lambda desk: desk.correct(town.WANG, case.id, {"place": "5号楼", "area_id": town.EAST_2}))
    assert moved.notices[0].data["changes"] == {"place": "5号楼", "area_id": town.EAST_2}
    assert moved.case.due_at == case.due_at
    elsewhere = await hall.do(lambda desk: desk.correct(town.LI, case.id, {"area_id": town.WEST_1}))
    assert elsewhere.case.clock_started_at == hall.now
    only_place = await hall.at_desk(lambda desk: desk.correct(town.ASSISTANT, case.id, {"place": "x"}))
    assert isinstance(only_place, Refused)
    with pytest.raises(ValueError, match="state"):
        await hall.at_desk(lambda desk: desk.correct(town.WANG, case.id, {"state": "closed"}))


async def test_transfers(hall: Hall) -> None:
    """Number and clock stay; after one way back the common parent decides."""
    case = await hall.lamp(state="accepted")
    over = await hall.do(lambda desk: desk.transfer(town.WANG, case.id, town.EAST_2, reason="二网格的"))
    assert (over.case.id, over.case.area_id, over.case.worker_id, over.case.due_at) == (
        case.id,
        town.EAST_2,
        None,
        case.due_at,
    )
    assert told(over) == {("staff", "transferred"), ("reporter", "transferred")}
    assert (over.notices[0].data["to"], over.notices[0].data["who"]) == ("东关二网格", ["李梅"])
    assert isinstance(await hall.at_desk(lambda desk: desk.transfer(town.WANG, case.id, town.WEST_1)), Refused)
    back = await hall.do(lambda desk: desk.transfer(town.LI, case.id, town.EAST_1))
    assert back.case.transfers == 2
    third = await hall.at_desk(lambda desk: desk.transfer(town.WANG, case.id, town.EAST_2))
    assert third == Refused("transfer_disputed", {"number": case.id})
    decided = await hall.do(lambda desk: desk.transfer(town.INSTRUCTOR, case.id, town.EAST_2))
    assert decided.case.area_id == town.EAST_2
    same = await hall.do(lambda desk: desk.transfer(town.INSTRUCTOR, case.id, town.EAST_2))
    assert same.event is None


async def test_a_dispute_between_villages_is_the_towns(hall: Hall) -> None:
    """The village's secretary stands above one side only; the town's supervisor above both."""
    case = await hall.lamp()
    await hall.do(lambda desk: desk.transfer(town.WANG, case.id, town.WEST_1))
    await hall.do(lambda desk: desk.transfer(town.ZHAO, case.id, town.EAST_1))
    secretary = await hall.at_desk(lambda desk: desk.transfer(town.SECRETARY, case.id, town.WEST_1))
    assert isinstance(secretary, Refused)
    assert secretary.key == "transfer_disputed"
    await hall.do(lambda desk: desk.transfer(town.SUPERVISOR, case.id, town.WEST_1))


async def test_a_unit_hands_back_once(hall: Hall) -> None:
    """Within the window it goes back to the worker; the second time and after the window it does not."""
    case = await hall.lamp(state="dispatched")
    back = await hall.do(lambda desk: desk.return_(town.ELECTRICIAN, case.id, "不是我们的线路"))
    assert (back.case.state, back.case.unit_id, back.notices[0].data["unit"]) == ("accepted", None, "青云供电所")
    await hall.do(lambda desk: desk.dispatch(town.WANG, case.id, town.POWER))
    again = await hall.at_desk(lambda desk: desk.return_(town.ELECTRICIAN, case.id, "真不是"))
    assert again == Refused("return_used", {"number": case.id})
    late = await hall.lamp(state="dispatched")
    hall.wait(days=3)
    refused = await hall.at_desk(lambda desk: desk.return_(town.ELECTRICIAN, late.id, "不是"))
    assert isinstance(refused, Refused)
    assert refused.key == "return_late"


async def test_withdrawing(hall: Hall) -> None:
    """Early it ends the case, later it is a note to staff; the second time it is silent; nobody else may."""
    case = await hall.lamp(state="accepted")
    assert isinstance(await hall.at_desk(lambda desk: desk.withdraw(town.NEIGHBOUR, case.id)), Refused)
    done = await hall.do(lambda desk: desk.withdraw(town.RESIDENT, case.id, text="来电了"))
    assert (done.case.state, done.case.clock, told(done)) == ("withdrawn", None, {("staff", "withdrawn")})
    assert (await hall.do(lambda desk: desk.withdraw(town.RESIDENT, case.id))).notices == ()
    later = await hall.lamp(state="dispatched")
    noted = await hall.do(lambda desk: desk.withdraw(town.RESIDENT, later.id))
    assert (noted.case.state, told(noted)) == ("dispatched", {("staff", "called_off")})


async def test_grades(hall: Hall) -> None:
    """One a closing and person; a bad one asks for a call back; strangers grade nothing."""
    case = await hall.lamp()
    await hall.do(lambda desk: desk.support(town.NEIGHBOUR, case.id))
    await hall.do(lambda desk: desk.close(town.WANG, case.id, text="换了"))
    good = await hall.do(lambda desk: desk.rate(town.RESIDENT, case.id, 2))
    assert good.notices == ()
    bad = await hall.do(lambda desk: desk.rate(town.NEIGHBOUR, case.id, 5))
    assert (told(bad), bad.notices[0].data["grade"]) == ({("supervisor", "rated_bad")}, 5)
    same = await hall.do(lambda desk: desk.rate(town.RESIDENT, case.id, 2))
    assert same.event is None
    other = await hall.at_desk(lambda desk: desk.rate(town.RESIDENT, case.id, 5))
    assert other == Refused("rated_before", {"number": case.id, "grade": 2})
    assert isinstance(await hall.at_desk(lambda desk: desk.rate(town.BOUND, case.id, 1)), Refused)
    rows = await hall.db.run(lambda conn: ratings.of_case(conn, case.id))
    assert [(row.person_id, row.grade) for row in rows] == [(town.RESIDENT, 2), (town.NEIGHBOUR, 5)]


async def test_not_fixed(hall: Hall) -> None:
    """「没好」 within seven days starts it again; a second time within thirty is flagged; grades count anew."""
    case = await hall.lamp(state="closed")
    hall.wait(days=6)
    again = await hall.do(lambda desk: desk.reopen(town.RESIDENT, case.id, "还是不亮", photos=("n",)))
    assert (again.case.state, again.case.clock, again.case.repeat, again.case.result_text) == (
        "accepted",
        "resolve",
        False,
        "",
    )
    assert again.case.clock_started_at == hall.now
    assert told(again) == {("staff", "reopened"), ("connector", "reopened"), ("reporter", "reopened")}
    await hall.do(lambda desk: desk.close(town.WANG, case.id, text="又换了"))
    await hall.do(lambda desk: desk.rate(town.RESIDENT, case.id, 1))
    twice = await hall.do(lambda desk: desk.reopen(town.RESIDENT, case.id, "没好"))
    assert twice.case.repeat
    await hall.do(lambda desk: desk.close(town.WANG, case.id, text="线换了"))
    hall.wait(days=8)
    late = await hall.at_desk(lambda desk: desk.reopen(town.RESIDENT, case.id, "没好"))
    assert isinstance(late, Refused)
    assert late.key == "reopen_late"
    await hall.do(lambda desk: desk.reopen(town.WANG, case.id, "又不亮"))


async def test_the_same_lamp_again(hall: Hall) -> None:
    """The desk finds the open case that a new report tells of."""
    case = await hall.lamp()
    likely = await hall.at_desk(
        lambda desk: desk.likely(replace(LAMP, reporter_id=town.NEIGHBOUR, text="三号楼灯又黑"))
    )
    assert likely is not None
    assert likely.case.id == case.id
    assert await hall.at_desk(lambda desk: desk.likely(replace(LAMP, place="5号楼"))) is None


async def test_leaving_the_groups_out(hall: Hall) -> None:
    """「不发群」 before the closing works like the flag at the closing."""
    case = (await hall.do(lambda desk: desk.patrol(town.WANG, LAMP))).case
    assert (await hall.do(lambda desk: desk.quiet(town.WANG, case.id))).case.quiet
    assert (await hall.do(lambda desk: desk.quiet(town.WANG, case.id))).event is None
    closed = await hall.do(lambda desk: desk.close(town.WANG, case.id, text="换了"))
    assert ("group", "result") not in told(closed)


async def test_every_event_remembers_what_was_before(hall: Hall) -> None:
    """The history alone is enough to walk back from the end to the report."""
    case = await hall.lamp(state="resolved")
    state = (await hall.case(case.id)).state
    for event in reversed(await hall.events(case.id)):
        assert event.to_state == state
        if event.from_state is not None:
            assert event.data["before"]["state"] == event.from_state
            state = event.from_state
    assert state == "reported"
    assert CLOCKS.rules.undo_minutes == 10


async def test_the_system_resolves(hall: Hall) -> None:
    """A connected case system reports the result; a worker verifies it."""
    case = await hall.lamp(state="dispatched")
    done = await hall.do(lambda desk: desk.resolve(None, case.id, text="已处置"))
    assert isinstance(done, Done)
    assert done.event is not None
    assert (done.case.state, done.event.actor_id) == ("resolved", None)
