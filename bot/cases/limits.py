"""A limit on one of the three kinds of time, and counting on that kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final

from bot.cases.calendar import MICROSECOND, Calendar

HOUR: Final = timedelta(hours=1)


class Scale(StrEnum):
    CLOCK = "clock"  # 紧急工作时: round the clock, weekends too
    OFFICE = "office"  # 工作时
    WORKDAYS = "workdays"  # 工作日


_UNITS: Final = {
    "minutes": (Scale.CLOCK, Fraction(1, 60)),
    "hours": (Scale.CLOCK, Fraction(1)),
    "office_hours": (Scale.OFFICE, Fraction(1)),
    "working_days": (Scale.WORKDAYS, Fraction(1)),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """`amount` in hours, or in working days on the scale of workdays."""

    scale: Scale
    amount: Fraction

    @classmethod
    def parse(cls, table: Mapping[str, object]) -> Limit:
        """`{ hours = 2 }`. Raises ValueError for anything that is not one unit with a positive number."""
        (unit, number), *more = table.items() or [("", 0)]
        if more or unit not in _UNITS or isinstance(number, bool) or not isinstance(number, int | float) or number <= 0:
            raise ValueError(f"{dict(table)}")
        scale, factor = _UNITS[unit]
        return cls(scale, Fraction(str(number)) * factor)

    def part(self, part: Fraction) -> Limit:
        return Limit(self.scale, self.amount * part)

    def after(self, moment: datetime, calendar: Calendar) -> datetime:
        """Never before `moment`."""
        match self.scale:
            case Scale.CLOCK:
                return moment + _time(self.amount)
            case Scale.OFFICE:
                return calendar.add_office_time(moment, _time(self.amount))
            case Scale.WORKDAYS:
                return calendar.add_working_days(moment, self.amount)

    def before(self, moment: datetime, calendar: Calendar) -> datetime:
        match self.scale:
            case Scale.CLOCK:
                return moment - _time(self.amount)
            case Scale.OFFICE:
                return calendar.subtract_office_time(moment, _time(self.amount))
            case Scale.WORKDAYS:
                return calendar.subtract_working_days(moment, self.amount)


def left(scale: Scale, start: datetime, end: datetime, calendar: Calendar) -> Limit:
    """How much of that kind of time lies between two moments; nothing if `end` is not after `start`."""
    if end <= start:
        return Limit(scale, Fraction(0))
    if scale is Scale.WORKDAYS:
        return Limit(scale, calendar.working_days_between(start, end))
    passed = end - start if scale is Scale.CLOCK else calendar.office_time_between(start, end)
    return Limit(scale, Fraction(passed // MICROSECOND, HOUR // MICROSECOND))


def _time(hours: Fraction) -> timedelta:
    return round(hours * (HOUR // MICROSECOND)) * MICROSECOND
