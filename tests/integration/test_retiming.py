"""Deadlines worked out anew: exactly what they would have been, and nothing at all where nothing has changed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Connection

from bot.cases.clocks import Changes, Clocks
from bot.cases.desk import Desk
from bot.cases.directory import Directory
from bot.cases.outcome import Done, Outcome
from bot.cases.retiming import retimed
from bot.cases.rulebook import load
from bot.cases.years import calendar_for
from storage import cases, reminders
from storage.engine import Database
from storage.records import CaseRow
from tests.integration.hall import LAMP, Hall, seed
from tests.unit.cases import town
from tests.unit.cases.town import CLOCKS, NOW, ROWS, shanghai

DIRECTORY = Directory.of(ROWS)
OFF = (date(2026, 11, 12), date(2026, 11, 18), date(2026, 11, 26))
OTHER = Clocks(
    CLOCKS.rules, calendar_for([2026, 2027], exceptions={**dict.fromkeys(OFF, False), date(2026, 11, 21): True})
)
SEQUENCES, FEW, STEPS = 60, 15, 14

Step = Callable[[Desk, int], Outcome]
ACTS: dict[str, Step] = {
    "accept": lambda desk, n: desk.accept(town.WANG, n),
    "accept owed": lambda desk, n: desk.accept(town.WANG, n, owed=True),
    "dispatch": lambda desk, n: desk.dispatch(town.WANG, n, town.POWER),
    "return": lambda desk, n: desk.return_(town.ELECTRICIAN, n, "不归我们"),
    "suspend": lambda desk, n: desk.suspend(town.SUPERVISOR, n, until=desk.now + timedelta(days=3), reason="等配件"),
    "resume": lambda desk, n: desk.resume(town.SUPERVISOR, n),
    "extend": lambda desk, n: desk.extend(town.SUPERVISOR, n, days=2, reason="等配件"),
    "await": lambda desk, n: desk.await_answer(None, n),
    "answered": lambda desk, n: desk.answered(town.RESIDENT, n),
    "parking": lambda desk, n: desk.correct(town.WANG, n, {"category": "order.parking"}),
    "lamp": lambda desk, n: desk.correct(town.WANG, n, {"category": "facility.streetlight"}),
    "urgent": lambda desk, n: desk.correct(town.WANG, n, {"urgency": "urgent"}),
    "elsewhere": lambda desk, n: desk.correct(town.WANG, n, {"place": "4号楼"}),
    "supplement": lambda desk, n: desk.supplement(town.RESIDENT, n, text="还没好", revised={"urgency": "urgent"}),
    "undo": lambda desk, _: desk.undo(town.WANG),
    "undo above": lambda desk, _: desk.undo(town.SUPERVISOR),
    "resolve": lambda desk, n: desk.resolve(town.ELECTRICIAN, n, text="换了"),
    "rework": lambda desk, n: desk.verify(town.WANG, n, passed=False, reason="没亮"),
    "close": lambda desk, n: desk.close(town.WANG, n, text="换了"),
    "reopen": lambda desk, n: desk.reopen(town.WANG, n, "没亮"),
    "merge": lambda desk, n: desk.merge(town.WANG, n, 1),
    "unmerge": lambda desk, n: desk.unmerge(town.WANG, n),
}  # fmt: skip
CHOICES = [*ACTS, *("accept", "dispatch", "resolve", "rework") * 3]


def again(conn: Connection, case: CaseRow, clocks: Clocks, now: datetime) -> Changes | None:
    told = reminders.told(conn, [case.id])[case.id]
    return retimed(case, cases.events(conn, case.id), told, clocks, now)


def play(conn: Connection, choice: random.Random, clocks: Clocks, done: Counter[str], *, ticks: bool) -> CaseRow:
    """A case and what happens to it in some days; with `ticks`, after each step nothing is there to be retimed."""
    now = NOW + timedelta(minutes=choice.randrange(600))
    first = Desk(conn, now, DIRECTORY, clocks).report(LAMP)
    assert isinstance(first, Done)
    case, number = first.case, first.case.id
    for _ in range(STEPS):
        # By whole minutes and often not at all: several acts of one moment are one inbox row's.
        now += timedelta(minutes=choice.choice([0, 1, 7, 100, 700, 1500]))
        desk = Desk(conn, now, DIRECTORY, clocks)
        if ticks and choice.random() < 0.5:
            desk.tick(number)
        name = choice.choice(CHOICES)
        outcome = ACTS[name](desk, number)
        done[name] += isinstance(outcome, Done) and outcome.event is not None
        (case,) = cases.several(conn, [number])
        if ticks and case.clock is not None:
            assert again(conn, case, clocks, now) == {}, (name, case)
    return case


async def test_nothing_moves_while_the_calendar_is_the_same(db: Database) -> None:
    """Whatever was done to a case, in any order, and taken back: its history explains its clock to the microsecond."""
    done: Counter[str] = Counter()

    def work(conn: Connection) -> None:
        done.clear()
        seed(conn)
        for number in range(SEQUENCES if db.dialect == "sqlite" else FEW):
            play(conn, random.Random(number), CLOCKS, done, ticks=True)

    await db.run(work)
    if db.dialect == "sqlite":
        assert [name for name in ACTS if not done[name]] == [], "every act must have happened somewhere"


async def test_a_deadline_becomes_what_it_would_have_been(sqlite_url: str) -> None:
    """The same acts under the old calendar and then retimed, or under the new one from the start: the same deadline."""
    db = await Database.open(sqlite_url)
    compared = 0

    def work(conn: Connection) -> int:
        seed(conn)
        found = 0
        for number in range(SEQUENCES):
            with conn.begin_nested() as first:  # an undo takes back the last act on any case
                old = play(conn, random.Random(number), CLOCKS, Counter(), ticks=False)
                changes = again(conn, old, OTHER, NOW) if old.clock else {}
                first.rollback()
            new = play(conn, random.Random(number), OTHER, Counter(), ticks=False)
            assert changes is not None
            moved = replace(old, **changes)
            assert (moved.due_at, moved.yellow_at) == (new.due_at, new.yellow_at)
            found += "due_at" in changes
        return found

    compared = await db.run(work)
    await db.close()
    assert compared > 10


@pytest.fixture
async def hall(sqlite_url: str) -> AsyncIterator[Hall]:
    """What is decided here does not depend on the database; the command is tested on both."""
    db = await Database.open(sqlite_url)
    await db.run(seed)
    yield Hall(db)
    await db.close()


async def retime(hall: Hall, case: CaseRow, clocks: Clocks) -> CaseRow:
    """As the command does it; what a second time would change is nothing."""

    def work(conn: Connection) -> None:
        changes = again(conn, case, clocks, hall.now)
        assert changes
        cases.touch(conn, case.id, changes)
        fresh = cases.get(conn, case.id)
        assert fresh is not None
        assert again(conn, fresh, clocks, hall.now) == {}

    await hall.db.run(work)
    return await hall.case(case.id)


async def kinds(hall: Hall, clocks: Clocks, moment: datetime) -> list[str]:
    """What a tick at that moment reminds of."""
    hall.now = moment

    def tick(conn: Connection) -> list[str]:
        found: list[str] = []
        for case_id in cases.due(conn, moment, 10):
            found += [notice.kind for notice in Desk(conn, moment, DIRECTORY, clocks).tick(case_id)]
        return found

    return await hall.db.run(tick)


def with_days(**days: bool) -> Clocks:
    """`d16=False`: 16 November is a day off."""
    said = {date(2026, 11, int(name[1:])): working for name, working in days.items()}
    return Clocks(CLOCKS.rules, calendar_for([2026, 2027], exceptions=said))


async def test_a_later_deadline_is_warned_of_again(hall: Hall) -> None:
    """Yellow was given for the 17th; now it is due on the 19th: yellow again on the 18th, and then red, each once."""
    case = await hall.lamp(state="accepted")
    assert await kinds(hall, CLOCKS, shanghai(11, 16, 10)) == ["overdue_yellow"]
    clocks = with_days(d16=False, d17=False)
    case = await retime(hall, await hall.case(case.id), clocks)
    assert case.due_at == shanghai(11, 19, 10)
    assert await kinds(hall, clocks, shanghai(11, 18, 9)) == []
    assert await kinds(hall, clocks, shanghai(11, 18, 10)) == ["overdue_yellow"]
    assert await kinds(hall, clocks, shanghai(11, 19, 10)) == ["overdue_red"]
    assert await kinds(hall, clocks, shanghai(11, 19, 11)) == []


async def test_a_warning_that_still_holds_is_not_given_twice(hall: Hall) -> None:
    """The deadline moves within the time of the warning: what waits in the outbox is valid, and the next one is red."""
    case = await hall.lamp(state="accepted")
    assert await kinds(hall, CLOCKS, shanghai(11, 16, 16)) == ["overdue_yellow"]
    longer = Clocks(load({"kinds": {"general": {"resolve": {"working_days": 5.2}}}}), CLOCKS.calendar)
    before = await hall.case(case.id)
    after = await retime(hall, before, longer)
    assert after.due_at == shanghai(11, 17, 11, 30)
    assert (after.generation, after.reminders) == (before.generation, 1)
    assert await kinds(hall, longer, shanghai(11, 17, 11)) == []
    assert await kinds(hall, longer, shanghai(11, 17, 11, 30)) == ["overdue_red"]


async def test_an_earlier_deadline_that_has_passed_is_told_at_once(hall: Hall) -> None:
    """A Saturday becomes a make-up day: due on the 16th already, no warning was given, red comes with the next tick."""
    case = await hall.lamp(state="accepted")
    hall.now = shanghai(11, 16, 9, 59)
    clocks = with_days(d14=True)
    case = await retime(hall, await hall.case(case.id), clocks)
    assert case.due_at == shanghai(11, 16, 10)
    assert await kinds(hall, clocks, shanghai(11, 16, 10)) == ["overdue_red"]


async def test_a_warning_that_was_passed_over_is_caught_up(hall: Hall) -> None:
    """Nobody ticked until it was red; the deadline moves to tomorrow, and the warning nobody has heard is given."""
    case = await hall.lamp(state="accepted")
    assert await kinds(hall, CLOCKS, shanghai(11, 17, 11)) == ["overdue_red"]
    clocks = with_days(d12=False)
    case = await retime(hall, await hall.case(case.id), clocks)
    assert case.due_at == shanghai(11, 18, 10)
    assert await kinds(hall, clocks, shanghai(11, 17, 11, 1)) == ["overdue_yellow"]
    assert await kinds(hall, clocks, shanghai(11, 18, 10)) == ["overdue_red"]


async def test_what_was_granted_stays(hall: Hall) -> None:
    """A suspension keeps its end, an extension its working days, waiting for an answer its two working days."""
    case = await hall.lamp(state="accepted")
    until = shanghai(11, 20, 9)
    await hall.do(lambda desk: desk.extend(town.SUPERVISOR, case.id, days=3, reason="等配件"))
    await hall.do(lambda desk: desk.suspend(town.SUPERVISOR, case.id, until=until, reason="等配件"))
    clocks = with_days(d11=False)
    still = await retime(hall, await hall.case(case.id), clocks)
    assert (still.resume_at, still.next_tick_at, still.paused_at) == (until, until, NOW)
    assert still.due_at == shanghai(11, 23, 10)
    waiting = await hall.lamp()
    await hall.do(lambda desk: desk.accept(town.WANG, waiting.id, owed=True))
    waiting = await retime(hall, await hall.case(waiting.id), clocks)
    assert waiting.resume_at == waiting.next_tick_at == shanghai(11, 13, 10)


async def test_a_stage_without_a_limit_is_left_alone(hall: Hall) -> None:
    """Else a reported case would look like one that is only perhaps a case, and be forgotten in a week."""
    case = await hall.lamp()
    general = CLOCKS.rules.kinds["general"]
    kind = replace(general, limits={"resolve": general.limits["resolve"]})
    rules = replace(CLOCKS.rules, kinds={**CLOCKS.rules.kinds, "general": kind})
    clocks = Clocks(rules, CLOCKS.calendar)
    assert await hall.db.run(lambda conn: again(conn, case, clocks, NOW)) is None


async def test_a_clock_its_history_does_not_explain_is_left_alone(hall: Hall) -> None:
    """Somebody has written into the table by hand."""
    case = await hall.lamp(state="accepted")
    await hall.db.run(lambda conn: cases.touch(conn, case.id, {"paused_at": NOW + timedelta(hours=1)}))
    strange = await hall.case(case.id)
    assert await hall.db.run(lambda conn: again(conn, strange, CLOCKS, NOW)) is None
