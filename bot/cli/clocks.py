"""gridbridge clocks: days off and make-up days of this town, and deadlines that follow a changed calendar."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from bot.cases.clocks import Clocks
from bot.cli.days import day, told
from bot.cli.opened import with_database
from bot.cli.parser import add_command
from bot.cli.progress import progress
from bot.cli.screen import screen
from bot.config import Config
from bot.errors import GridbridgeError
from bot.flow.recompute import Moved, Tally, recompute
from bot.flow.timekeeping import calendar_of, rules_of_time
from bot.talk.moments import WEEKDAYS, span
from storage import calendar, cases
from storage.engine import Database

_SHOWN = 20  # deadlines that are printed
_NEXT = "期限要跟着变，请运行 gridbridge clocks recompute"
_EPILOG = """\
例子：
  gridbridge clocks days                                     这里自己定的上班、放假日子
  gridbridge clocks set-day 2027-02-07 work --note 春节调休    这天上班
  gridbridge clocks set-day 2026-12-21 off --note 停电检修     这天放假
  gridbridge clocks clear-day 2026-12-21                     回到通用的日历
  gridbridge clocks recompute --dry-run                      看看期限会怎么变，什么都不动
  gridbridge clocks recompute                                照现在的日历和时限重新算

改日子，运行中的程序几秒内就知道；已经定下的期限要再运行 recompute 才变。
改了配置里的 [office] 或 [clocks]，或者升级了 holidays 包：先重启运行中的程序，再 recompute。
"""
_RECOMPUTE = """\
照现在的日历和时限，把所有在办事件的期限从它开始计时的那一刻重新算一遍。

缓办、等人回话停掉的时间照扣，延过的期照延；黄牌、红牌和下次提醒跟着变，发过的提醒不重发，没到时候的不漏发。
这是算账，不是办事：不写进案件的经过，卡片上的按钮和“撤”照常能用。可以反复运行，程序运行时也能用。
"""


def register(commands: Any) -> None:
    about = "管时限用的日历。"
    parser = commands.add_parser("clocks", help="上班放假的日子，重新算期限", description=about, epilog=_EPILOG)
    groups = parser.commands()
    again = _command(groups, "recompute", "重新算期限", _RECOMPUTE, _recompute)
    again.options.add_argument("--dry-run", action="store_true", help="只算不写")
    put = _command(groups, "set-day", "定下某天上班或放假", "定下某天上班或放假，盖过通用的日历和配置。", _set)
    _day(put)
    put.inputs.add_argument("what", metavar="work|off", choices=["work", "off"], help="work 上班，off 放假")
    put.options.add_argument("--note", default="", metavar="原因", help="记一句为什么")
    _day(_command(groups, "clear-day", "某天回到通用的日历", "某天回到通用的日历和配置。", _clear))
    shown = _command(groups, "days", "列出自己定的日子", "列出这里自己定的上班、放假日子。", _days)
    shown.options.add_argument("--json", action="store_true", help="输出 JSON")


def _command(groups: Any, word: str, short: str, about: str, work: Callable[[argparse.Namespace], int]) -> Any:
    return add_command(groups, word, work, help=short, description=about, epilog=_EPILOG)


def _day(parser: Any) -> None:
    parser.inputs.add_argument("day", metavar="日期", type=day, help="写成 2027-02-07")


def _set(arguments: argparse.Namespace) -> int:
    chosen, working = arguments.day, arguments.what == "work"

    async def work(_: Config, db: Database) -> int:
        await db.run(lambda conn: calendar.set_day(conn, chosen, working=working, note=arguments.note))
        print(f"好了，{_named(chosen)}{'上班' if working else '放假'}。{_NEXT}")
        return 0

    return with_database(arguments.config, work)


def _clear(arguments: argparse.Namespace) -> int:
    async def work(_: Config, db: Database) -> int:
        if not await db.run(lambda conn: calendar.clear_day(conn, arguments.day)):
            raise GridbridgeError(f"{_named(arguments.day)}没有另外定过，用 gridbridge clocks days 看定过哪些")
        print(f"好了，{_named(arguments.day)}回到通用的日历。{_NEXT}")
        return 0

    return with_database(arguments.config, work)


def _days(arguments: argparse.Namespace) -> int:
    async def work(config: Config, db: Database) -> int:
        office = config.office
        known = {one: (works, "配置 [office]") for one, works in _configured(office.holidays, office.workdays)}
        known |= {one: (works, note) for one, works, note in await db.read(calendar.noted)}
        if arguments.json:
            rows = [{"day": f"{one}", "working": works, "note": note} for one, (works, note) in sorted(known.items())]
            print(json.dumps(rows, ensure_ascii=False, indent=2))
        elif not known:
            print("没有另外定过，照通用的节假日和调休。")
        else:
            table = Table("日子", "定为", "原因", header_style="bold")
            for one, (works, note) in sorted(known.items()):
                table.add_row(_named(one), "上班" if works else "放假", Text(note))
            screen().print(table)
        return 0

    return with_database(arguments.config, work)


def _configured(holidays: tuple[date, ...], workdays: tuple[date, ...]) -> list[tuple[date, bool]]:
    """As the calendar reads them: what is written in both is a holiday."""
    return [*((one, True) for one in workdays), *((one, False) for one in holidays)]


def _named(one: date) -> str:
    return f"{one}（周{WEEKDAYS[one.weekday()]}）"


def _recompute(arguments: argparse.Namespace) -> int:
    async def work(config: Config, db: Database) -> int:
        now, rules = datetime.now(UTC), rules_of_time(config)
        timed = await db.read(cases.timed)
        first = min((at.year for at in timed.values()), default=now.year)
        days = await db.read(calendar.days)
        clocks = Clocks(rules, calendar_of(config, range(min(first, now.year) - 1, now.year + 3), days))
        with progress("重新算期限", len(timed)) as advance:
            tally = await recompute(db, clocks, list(timed), now, dry=arguments.dry_run, advance=advance)
        _print(tally, ZoneInfo(config.city.timezone), dry=arguments.dry_run)
        if tally.busy:
            raise GridbridgeError(f"有 {len(tally.busy)} 件一直有人在办，没有算到，请过一会儿再运行一次")
        return 0

    return with_database(arguments.config, work)


def _print(tally: Tally, zone: ZoneInfo, *, dry: bool) -> None:
    for one in tally.moved[:_SHOWN]:
        print(_line(one, zone))
    if len(tally.moved) > _SHOWN:
        print(f"……还有 {len(tally.moved) - _SHOWN} 件")
    later = sum(one.new > one.old for one in tally.moved)
    shifts = [f"推后 {later} 件"] * bool(later) + [f"提前 {len(tally.moved) - later} 件"] * (len(tally.moved) > later)
    parts = [f"看了 {tally.looked} 件在办的，{len(tally.moved)} 件的期限{'会变' if dry else '变了'}"]
    parts += shifts + [f"另有 {tally.nudged} 件只是下次提醒的时间变"] * bool(tally.nudged)
    print(f"{'，'.join(parts)}。{'现在什么都没动。' if dry else ''}")
    if tally.left:
        numbers = "、".join(f"№{number}" for number in tally.left[:_SHOWN])
        print(f"{len(tally.left)} 件照旧没动：时限表里没有它这一步了，或者它的经过说不清期限是怎么来的（{numbers}）。")


def _line(one: Moved, zone: ZoneInfo) -> str:
    old, new = (told(moment, zone) for moment in (one.old, one.new))
    shift: timedelta = one.new - one.old
    return f"№{one.case_id}  {old} → {new}（{'晚' if shift > timedelta() else '早'}{span(shift)}）"
