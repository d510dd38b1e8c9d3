"""Working time: office hours with split shifts, public holidays, make-up days (调休), local exceptions. Pure.

Positions on the two working scales grow continuously: a lunch break, a night or a holiday is one single point on them.
A span of working time added to a moment ends at the earliest moment that has it, so what starts on Saturday and takes
one working day is due when Monday closes, not when Tuesday opens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
DAY: Final = timedelta(days=1)
LOOK_AHEAD: Final = 3650  # days; a limit that ends later is a mistake in the configuration

Span = tuple[time, time]
Days = int | float | Fraction
MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """`week`: the office spans of Monday to Sunday. `makeup`: those of a workday whose weekday has none."""

    week: tuple[tuple[Span, ...], ...]
    makeup: tuple[Span, ...]
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()  # make-up days and local exceptions; they win over holidays
    zone: ZoneInfo = SHANGHAI
    _known: dict[date, tuple[tuple[datetime, datetime], ...]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.week) != 7 or not any(self.week) or not self.makeup:
            raise ValueError("a week has seven days, and one of them at least has office hours")

    # ------------------------------------------------------------ days

    def spans(self, day: date) -> tuple[Span, ...]:
        """Office hours of a day; none on a day off."""
        usual = self.week[day.weekday()]
        if day in self.workdays:
            return usual or self.makeup
        return () if day in self.holidays else usual

    def is_working_day(self, day: date) -> bool:
        return bool(self.spans(day))

    def is_office_time(self, moment: datetime) -> bool:
        return any(start <= moment < end for start, end in self._shifts(self.local_day(moment)))

    def next_office_time(self, moment: datetime) -> datetime:
        """The moment itself inside office hours, else the next opening."""
        for day in self._days_from(moment):
            for start, end in self._shifts(day):
                if moment < end:
                    return max(moment, start)
        raise ValueError("no office hours in the years ahead")

    def local_day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    # ------------------------------------------------------------ office hours

    def add_office_time(self, moment: datetime, amount: timedelta) -> datetime:
        for start, end in self._shifts_from(moment):
            begin = max(start, moment)
            if amount <= end - begin:
                return begin + amount if amount else moment
            amount -= max(end - begin, timedelta())
        raise ValueError("no office hours in the years ahead")

    def add_office_hours(self, moment: datetime, hours: float) -> datetime:
        return self.add_office_time(moment, timedelta(hours=hours))

    def subtract_office_time(self, moment: datetime, amount: timedelta) -> datetime:
        """The latest moment from which the office time leads to `moment`, or to the working time just before it."""
        day = self.local_day(moment)
        for _ in range(LOOK_AHEAD):
            for start, end in reversed(self._shifts(day)):
                close = min(end, moment)
                if start < close and amount <= close - start:
                    return close - amount
                amount -= max(close - start, timedelta())
            day -= DAY
        raise ValueError("no office hours in the years before")

    def office_time_between(self, start: datetime, end: datetime) -> timedelta:
        """Zero if `end` is not after `start`."""
        shifts = self._shifts_until(start, end)
        return sum((min(close, end) - max(opening, start) for opening, close in shifts), timedelta())

    # ------------------------------------------------------------ working days

    def add_working_days(self, moment: datetime, days: Days) -> datetime:
        """A part of a working day is a part of that day's office hours."""
        left = _exact(days)
        if not left:
            return moment
        for day in self._days_from(moment):
            rest = self._rest_of_day(day, moment)
            if left <= rest:
                opening = max(moment, self._shifts(day)[0][0])
                return self.add_office_time(opening, _part_of(self._length(day), left))
            left -= rest
        raise ValueError("no working days in the years ahead")

    def subtract_working_days(self, moment: datetime, days: Days) -> datetime:
        """The latest moment from which the working days lead to `moment`, or to the working time just before it."""
        left = _exact(days)
        day = self.local_day(moment)
        for _ in range(LOOK_AHEAD):
            passed = self._passed_of_day(day, moment)
            if passed and left <= passed:
                return self._moment_at(day, passed - left)
            left -= passed
            day -= DAY
        raise ValueError("no working days in the years before")

    def working_days_between(self, start: datetime, end: datetime) -> Fraction:
        """Zero if `end` is not after `start`."""
        if end <= start:
            return Fraction(0)
        days = self._days_between(start, end)
        return sum((self._passed_of_day(day, end) - self._passed_of_day(day, start) for day in days), Fraction(0))

    # ------------------------------------------------------------ inside

    def _shifts(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Worked out once a day of the calendar: every deadline walks over the same few weeks."""
        if day not in self._known:
            self._known[day] = tuple((self._at(day, start), self._at(day, end)) for start, end in self.spans(day))
        return self._known[day]

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def _length(self, day: date) -> timedelta:
        return sum((end - start for start, end in self._shifts(day)), timedelta())

    def _passed_of_day(self, day: date, moment: datetime) -> Fraction:
        """How much of a day's office hours lies before the moment, 0 to 1; 0 on a day off."""
        length = self._length(day)
        shifts = self._shifts(day)
        passed = sum((min(end, moment) - start for start, end in shifts if start < moment), timedelta())
        return Fraction(passed // MICROSECOND, length // MICROSECOND) if length else Fraction(0)

    def _rest_of_day(self, day: date, moment: datetime) -> Fraction:
        return 1 - self._passed_of_day(day, moment) if self.spans(day) else Fraction(0)

    def _moment_at(self, day: date, part: Fraction) -> datetime:
        opening = self._shifts(day)[0][0]
        return self.add_office_time(opening, _part_of(self._length(day), part))

    def _days_from(self, moment: datetime) -> Iterator[date]:
        first = self.local_day(moment)
        return (first + DAY * offset for offset in range(LOOK_AHEAD))

    def _days_between(self, start: datetime, end: datetime) -> Iterator[date]:
        first, last = self.local_day(start), self.local_day(end)
        return (first + DAY * offset for offset in range((last - first).days + 1))

    def _shifts_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        return (shift for day in self._days_from(moment) for shift in self._shifts(day) if shift[1] > moment)

    def _shifts_until(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        shifts = (shift for day in self._days_between(start, end) for shift in self._shifts(day))
        return (shift for shift in shifts if shift[0] < end and shift[1] > start)


def _exact(days: Days) -> Fraction:
    """0.2 is a fifth, not the binary number nearest to it."""
    if days < 0:
        raise ValueError("working time only adds up")
    return Fraction(str(days)) if isinstance(days, float) else Fraction(days)


def _part_of(length: timedelta, part: Fraction) -> timedelta:
    return round(length // MICROSECOND * part) * MICROSECOND
