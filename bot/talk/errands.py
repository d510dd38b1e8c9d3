"""Commands that need no case: lists and figures, reports on purpose, duty, names of places, a bare position."""

from __future__ import annotations

import re
from typing import Final

from bot.talk.command import Command
from bot.talk.line import OURS, Line
from bot.talk.numbers import month_of, take_days, take_until
from bot.talk.verbs import GRADES, PLAIN_WORDS, Verb

_POSITION: Final = re.compile(r"[1-9][0-9]?")
_PERIOD: Final = re.compile(
    r"(统计|台账)\s*(本周|上周|本月|上月|今天|昨天|今年|(?:[0-9]{4}年)?\s?[0-9一二三四五六七八九十]{1,3}月份?)"
)
_HELP_ANYWHERE: Final = frozenset({"帮助", "我的上报"})


def grade(line: Line) -> Command | None:
    """A bare digit or grade: only where a result is quoted, or in private; else a 接龙 would become ratings."""
    if line.quoted != "result" and not (line.private and line.quoted in {"none", "menu", "bot"}):
        return _picked(line)
    if line.plain in GRADES:
        return Command(verb=Verb.GRADE, grade=GRADES.index(line.plain) + 1)
    if _POSITION.fullmatch(line.plain):
        position = int(line.plain)
        grade = position if position <= len(GRADES) and line.quoted != "menu" else None
        return Command(verb=Verb.GRADE if grade else Verb.MENU, grade=grade, positions=(position,))
    return None


def _picked(line: Line) -> Command | None:
    if line.quoted in {"menu", "card"} and _POSITION.fullmatch(line.plain):
        return Command(verb=Verb.MENU, positions=(int(line.plain),))
    return None


def plain(line: Line) -> Command | None:
    verb = PLAIN_WORDS.get(line.plain)
    if verb is None:
        return None
    if verb in {Verb.HELP, Verb.MINE} and not (line.private or line.quoted in OURS or line.plain in _HELP_ANYWHERE):
        return None
    return Command(verb=verb)


def figures(line: Line) -> Command | None:
    found = _PERIOD.fullmatch(line.plain)
    if found is None:
        return None
    year, month = month_of(found[2])
    return Command(verb=PLAIN_WORDS[found[1]], text=found[2], year=year, month=month)


# ---------------------------------------------------------------- reports on purpose

_REPORT: Final = re.compile(r"上报[\s:,，、]+(?=\S)", re.DOTALL)
_PATROL: Final = re.compile(r"(?:巡查发现|巡逻发现|巡查[\s:,，、]+)[\s:,，、]*(?=\S)")
_PROXY: Final = re.compile(
    r"代\s+(\S{1,10}?)\s*(?:上报|报)[\s:,，]*(?=\S)|代(?!表)(\S{1,8}?)(?:上报|报)[\s:,，]+(?=\S)"
)


def reports(line: Line) -> Command | None:
    if line.plain == "上报":
        return Command(verb=Verb.REPORT) if line.quoted != "none" or line.private else None
    found = _REPORT.match(line.plain)
    if found:
        return Command(verb=Verb.REPORT, text=line.after(found.end()))
    if line.private and line.plain.startswith("上报"):
        return Command(verb=Verb.REPORT, text=line.after(2))
    return None


def patrols(line: Line) -> Command | None:
    found = _PATROL.match(line.plain) if line.staff else None
    return Command(verb=Verb.PATROL, text=line.after(found.end())) if found else None


def files_for(line: Line) -> Command | None:
    found = _PROXY.match(line.plain) if line.staff else None
    if found is None:
        return None
    return Command(verb=Verb.FILE_FOR, person=found[1] or found[2], text=line.after(found.end()))


# ---------------------------------------------------------------- duty and places

_NAME: Final = r"([\u4e00-\u9fff·]{2,6}?)"
_LEAVE: Final = re.compile(
    rf"请假(?P<when>[\s:0-9一二三四五六七八九十两个工作日到至月]+(?:天|日|周|号))(?:[\s,，]*(?:由|请|让|找)?{_NAME}\s?(?:代班|代替|顶班|代))?"
)
_HANDOVER: Final = re.compile(rf"交班(?:[\s:,，]+给?|给)\s?{_NAME}")
_ALIAS: Final = re.compile(r"别名[\s:]*([^\s=]{1,20})\s?=\s?(\S.{0,29})")


def leave(line: Line) -> Command | None:
    found = _LEAVE.fullmatch(line.plain) if line.staff else None
    if found is None:
        return None
    until, _ = take_until(found["when"])
    days, _ = take_days(found["when"])
    if until is None and days is None:
        return None
    return Command(verb=Verb.LEAVE, days=None if until else days, until=until, person=found[2] or "")


def handover(line: Line) -> Command | None:
    found = _HANDOVER.fullmatch(line.plain) if line.staff else None
    return Command(verb=Verb.HANDOVER, person=found[1]) if found else None


def alias(line: Line) -> Command | None:
    found = _ALIAS.fullmatch(line.plain) if line.staff else None
    return Command(verb=Verb.ALIAS, field=found[1], value=found[2].strip()) if found else None
