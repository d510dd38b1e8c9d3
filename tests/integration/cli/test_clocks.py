"""gridbridge clocks: days of one's own, and deadlines that follow them beside the running program."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select, update

from bot.assembly import assemble
from bot.cases.clocks import Clocks
from bot.cases.desk import Desk
from bot.cases.directory import Directory
from bot.cases.outcome import Done
from bot.config import Config, build, load
from bot.flow.recompute import Tally, recompute
from bot.flow.timekeeping import calendar_of, rules_of_time
from storage import calendar, cases, directory, outbox
from storage.engine import Database
from storage.records import NewPost
from storage.schema import case, case_event
from tests.integration.cli.command import Run
from tests.integration.cli.office import Office
from tests.integration.hall import LAMP, seed
from tests.unit.cases import town

NOW = datetime.now(UTC)
DEFAULTS = build({}, Path())


def clocks_of(config: Config) -> Clocks:
    """As a program of today has them, without local days."""
    return Clocks(rules_of_time(config), calendar_of(config, range(NOW.year - 1, NOW.year + 3), {}))


def lamp(conn: Connection, now: datetime = NOW) -> int:
    """An accepted street light in the made-up town."""
    seed(conn)
    desk = Desk(conn, now, Directory.of(directory.load(conn)), clocks_of(DEFAULTS))
    reported = desk.report(LAMP)
    assert isinstance(reported, Done)
    assert isinstance(desk.accept(town.WANG, reported.case.id), Done)
    return reported.case.id


def working_day_after(now: datetime) -> date:
    """A day in the middle of the five working days from now."""
    office_hours = clocks_of(DEFAULTS).calendar
    day = now.astimezone(office_hours.zone).date() + timedelta(days=1)
    while not office_hours.is_working_day(day):
        day += timedelta(days=1)
    return day


def test_a_day_off_moves_what_is_due(quickly: Run, office: Office) -> None:
    """First the dry run, which changes nothing; then the same for good; then nothing is left to do."""
    number = office.do(lamp)
    assert "0 件的期限变了" in quickly("clocks", "recompute").out
    assert quickly("clocks", "set-day", f"{working_day_after(NOW)}", "off", "--note", "停电检修").status == 0
    before, clock = office.everything(), select(case.c.due_at, case.c.version, case.c.updated_at)
    dry = quickly("clocks", "recompute", "--dry-run")
    assert (dry.status, dry.err) == (0, "")
    assert f"№{number}  " in dry.out
    assert "晚" in dry.out
    assert "1 件的期限会变，推后 1 件。现在什么都没动" in dry.out
    assert office.everything() == before
    [(due, version, updated)] = office.rows(clock)
    history = office.rows(select(case_event))
    assert "1 件的期限变了，推后 1 件" in quickly("clocks", "recompute").out
    [(later, same_version, same_updated)] = office.rows(clock)
    assert later > due
    # bookkeeping is no act: no event, no new version, so buttons and 「撤」 go on working
    assert (same_version, same_updated, office.rows(select(case_event))) == (version, updated, history)
    assert "0 件的期限变了" in quickly("clocks", "recompute").out
    assert "回到通用的日历" in quickly("clocks", "clear-day", f"{working_day_after(NOW)}").out
    assert "提前 1 件" in quickly("clocks", "recompute").out
    assert office.rows(clock)[0][0] == due


def test_days_are_listed_with_those_of_the_configuration(quickly: Run, sqlite_office: Office) -> None:
    assert "没有另外定过" in quickly("clocks", "days").out
    sqlite_office.configure("[office]\nholidays = [2026-12-21]\nworkdays = [2026-12-26]")
    assert "2027-02-07（周日）上班" in quickly("clocks", "set-day", "2027-02-07", "work", "--note", "春节[调休]").out
    assert quickly("clocks", "set-day", "2026-12-26", "off").status == 0
    assert json.loads(quickly("clocks", "days", "--json").out) == [
        {"day": "2026-12-21", "working": False, "note": "配置 [office]"},
        {"day": "2026-12-26", "working": False, "note": ""},
        {"day": "2027-02-07", "working": True, "note": "春节[调休]"},
    ]
    shown = quickly("clocks", "days").out
    assert "2027-02-07（周日）" in shown
    assert "春节[调休]" in shown


REFUSED: list[tuple[tuple[str, ...], int, str]] = [
    (("set-day", "2027-2-7", "work"), 2, "日期要写成 2027-02-07 这样"),
    (("set-day", "2027-02-30", "work"), 2, "日期要写成"),
    (("set-day", "20270207", "work"), 2, "日期要写成"),
    (("set-day", "0027-02-07", "work"), 2, "日期要写成"),
    (("set-day", "2027-02-07", "maybe"), 2, "不能是"),
    (("set-day", "2027-02-07"), 2, "缺少参数"),
    (("clear-day", "2027-02-07"), 1, "没有另外定过"),
    (("recompute", "now"), 2, "不认识的参数"),
]


def test_what_does_not_fit_is_one_sentence(quickly: Run, sqlite_office: Office) -> None:
    for command, status, words in REFUSED:
        ended = quickly("clocks", *command)
        assert (ended.status, ended.out, len(ended.err.splitlines())) == (status, "", 1), command
        assert words in ended.err
    assert sqlite_office.do(calendar.days) == {}


async def test_the_running_program_takes_up_a_changed_day(office: Office) -> None:
    """The next look at the database, five seconds later at most, brings it: no restart is needed."""
    db = await Database.open(office.url)
    parts = await assemble(load(office.folder / "config.toml"), db, [])
    day = working_day_after(NOW)
    assert parts.time.clocks.calendar.is_working_day(day)
    await db.run(lambda conn: calendar.set_day(conn, day, working=False))
    await parts.refresh()
    assert not parts.time.clocks.calendar.is_working_day(day)
    await db.close()


async def test_a_case_that_is_in_work_is_tried_again(postgres_url: str) -> None:
    """Where several write at once, a case somebody holds is passed over and done when it is free."""
    db = await Database.open(postgres_url)
    number = await db.run(lamp)
    held = db._backend._engine.begin()  # type: ignore[attr-defined]  # a transaction that stays open
    async with held as conn:
        await conn.run_sync(lambda conn: cases.hold(conn, [number]))
        working = asyncio.create_task(again(db, clocks_of(DEFAULTS), number))
        await asyncio.sleep(0.3)
        assert not working.done()
    tally = await working
    assert (tally.looked, tally.busy) == (1, [])
    await db.close()


async def again(db: Database, clocks: Clocks, number: int) -> Tally:
    return await recompute(db, clocks, [number], NOW, dry=False, advance=lambda _: None)


async def test_a_reminder_of_a_deadline_that_was_taken_back_is_not_sent(db: Database, tmp_path: Path) -> None:
    """Yellow waits in the outbox, the deadline moves by a week: it is cancelled, and will come for the new one."""
    patient = build({"clocks": {"kinds": {"general": {"resolve": {"working_days": 15}}}}}, tmp_path)

    def yellow(conn: Connection) -> int:
        number = lamp(conn, NOW - timedelta(days=5))
        conn.execute(update(case).values(reminders=1))
        post = NewPost(lane="x", account="a", kind="overdue_yellow", priority=3, body={}, due_at=NOW, case_id=number)
        outbox.put(conn, [post], NOW)
        return number

    number = await db.run(yellow)
    tally = await again(db, clocks_of(patient), number)
    assert [one.case_id for one in tally.moved] == [number]
    fresh = await db.read(lambda conn: cases.get(conn, number))
    posts = await db.read(lambda conn: outbox.waiting_for(conn, number, "overdue_yellow"))
    assert fresh is not None
    assert (fresh.reminders, posts) == (0, set())
