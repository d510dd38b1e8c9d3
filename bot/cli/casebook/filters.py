"""Which cases: the options of the command and what they ask the database for."""

from __future__ import annotations

import argparse
import difflib
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.cases.states import OPEN, State
from bot.cases.visibility import Field, Place, searchable
from bot.cli.casebook.book import Book
from bot.cli.days import day
from bot.errors import GridbridgeError
from storage.casebook import Wanted

_OPEN = "open"
_FEW = 12
_STATES = {
    State.REPORTED: "待核实",
    State.ACCEPTED: "已受理",
    State.DISPATCHED: "已派遣",
    State.RESOLVED: "待核查",
    State.SUSPENDED: "缓办",
    State.CLOSED: "已办结",
    State.DECLINED: "不予受理",
    State.WITHDRAWN: "已撤回",
    State.MERGED: "已并案",
}


def add_filters(parser: Any) -> None:
    states = "，".join(f"{state} {word}" for state, word in _STATES.items())
    parser.options.add_argument(
        "--state", nargs="+", choices=[_OPEN, *_STATES], metavar="状态", help=f"{_OPEN} 在办的；{states}"
    )
    parser.options.add_argument("--area", metavar="代码", help="这个区域和下面的（保密的件不按区域找）")
    parser.options.add_argument(
        "--category", metavar="类别", help="代码、大类或名字：facility.streetlight、facility、路灯"
    )
    parser.options.add_argument("--since", type=day, metavar="日期", help="这天起上报的，写成 2026-11-01")
    parser.options.add_argument("--until", type=day, metavar="日期", help="到这天为止上报的，含这天")
    parser.options.add_argument("--overdue", action="store_true", help="只看在办又超期的")


def wanted(arguments: argparse.Namespace, book: Book) -> Wanted:
    """Raises GridbridgeError for an area or a category that does not exist, and for days the wrong way round."""
    if arguments.since and arguments.until and arguments.since > arguments.until:
        raise GridbridgeError(f"--since {arguments.since} 在 --until {arguments.until} 后面，请对调一下")
    by_content = arguments.area or arguments.category
    return Wanted(
        states=_states(arguments.state),
        area_ids=_areas(arguments.area, book),
        categories=_categories(arguments.category, book),
        sensitive=_findable(arguments) if by_content else None,
        since=_midnight(arguments.since, book) if arguments.since else None,
        until=_midnight(arguments.until + timedelta(days=1), book) if arguments.until else None,
        overdue_at=book.now if arguments.overdue else None,
    )


def _findable(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Nobody learns by searching what he may not see."""
    fields = [field for field, given in ((Field.PLACE, arguments.area), (Field.CATEGORY, arguments.category)) if given]
    return tuple(
        sensitive
        for sensitive in searchable(Place.OPERATOR, fields[0])
        if all(sensitive in searchable(Place.OPERATOR, field) for field in fields)
    )


def _states(chosen: list[str] | None) -> list[str] | None:
    if chosen is None:
        return None
    return sorted({state.value for name in chosen for state in (OPEN if name == _OPEN else (State(name),))})


def _areas(code: str | None, book: Book) -> tuple[int, ...] | None:
    if code is None:
        return None
    area = next((area for area in book.directory.areas.values() if area.code == code), None)
    if area is None:
        raise GridbridgeError(f"没有区域 {code}，{_hint(code, [area.code for area in book.directory.areas.values()])}")
    return book.directory.below(area.id)


def _categories(given: str | None, book: Book) -> list[str] | None:
    if given is None:
        return None
    families = {code.partition(".")[0] for code in book.categories}
    named = [code for code, name in book.categories.items() if name == given]
    if given not in book.categories and given not in families and not named:
        raise GridbridgeError(f"没有类别 {given}，{_hint(given, [*sorted(families), *book.categories])}")
    return named or [given]


def _hint(wrong: str, known: list[str]) -> str:
    """The nearest one, else the first few: a city has thousands."""
    if near := difflib.get_close_matches(wrong, known, n=1, cutoff=0.6):
        return f"是不是想写 {near[0]}"
    return (
        f"已有的：{'、'.join(known[:_FEW])}{f' 等 {len(known)} 个' if len(known) > _FEW else ''}"
        if known
        else "还一个也没有"
    )


def _midnight(local: date, book: Book) -> datetime:
    return datetime.combine(local, time(), book.zone)
