"""Moments and spans as people say them: 「今天18点」, 「周四」, 「10月8日」, 「2小时10分钟」."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Final

WEEKDAYS: Final = "一二三四五六日"
_NEAR: Final = {-2: "前天", -1: "昨天", 0: "今天", 1: "明天"}
_TIMED: Final = frozenset({-1, 0, 1})  # only for these days the hour matters to people


def when(moment: datetime, now: datetime, tz: tzinfo) -> str:
    """As short as it stays clear: the hour from yesterday to tomorrow, a weekday for this week and the next."""
    local, today = moment.astimezone(tz), now.astimezone(tz)
    days = (local.date() - today.date()).days
    if days in _TIMED:
        return _NEAR[days] + clock(local)
    if days in _NEAR:
        return _NEAR[days]
    monday = today.date() - timedelta(days=today.weekday())
    week = (local.date() - monday).days // 7
    if days > 0 and week in (0, 1):
        return ("下周" if week else "周") + WEEKDAYS[local.weekday()]
    year = f"{local.year}年" if local.year != today.year else ""
    return f"{year}{local.month}月{local.day}日"


def clock(local: datetime) -> str:
    """「18点」, 「9点半」, 「9点05分」."""
    if local.minute == 0:
        return f"{local.hour}点"
    return f"{local.hour}点半" if local.minute == 30 else f"{local.hour}点{local.minute:02d}分"


def stamp(moment: datetime, tz: tzinfo) -> str:
    """For a history line: 「10月8日 09:05」."""
    local = moment.astimezone(tz)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def span(length: timedelta) -> str:
    """The two largest units, rounded down; less than a minute is 「不到1分钟」."""
    minutes = int(abs(length).total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{value}{unit}" for value, unit in ((days, "天"), (hours, "小时"), (minutes, "分钟")) if value]
    return "".join(parts[:2]) or "不到1分钟"
