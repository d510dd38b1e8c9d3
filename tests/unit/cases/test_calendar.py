"""Working time against examples worked out by hand on the calendar of 2026, and against properties."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.calendar import Calendar
from bot.cases.years import calendar_for, makeup_days_known
from tests.unit.cases.town import SHANGHAI, shanghai

CALENDAR = calendar_for([2026])  # 8:30-12:00, 13:30-17:30: seven and a half hours
SECOND = timedelta(seconds=1)

# National Day 2026: off from 1 to 7 October, work on Sunday 20 September and Saturday 10 October.
OFFICE = [
    (shanghai(11, 10, 9), 2, shanghai(11, 10, 11), "within a morning"),
    (shanghai(11, 10, 11), 2, shanghai(11, 10, 14, 30), "over the lunch break"),
    (shanghai(11, 10, 12, 30), 1, shanghai(11, 10, 14, 30), "from inside the lunch break"),
    (shanghai(11, 10, 17), 1, shanghai(11, 11, 9), "over night"),
    (shanghai(11, 10, 23, 59), 4, shanghai(11, 11, 14), "from just before midnight"),
    (shanghai(11, 11, 0, 0), 4, shanghai(11, 11, 14), "from midnight"),
    (shanghai(11, 13, 16), 4, shanghai(11, 16, 11), "over a weekend"),
    (shanghai(9, 30, 16), 4, shanghai(10, 8, 11), "over National Day"),
    (shanghai(9, 19, 10), 1, shanghai(9, 20, 9, 30), "a Saturday before the make-up Sunday"),
    (shanghai(11, 10, 8, 30), 3.5, shanghai(11, 10, 12), "up to the lunch break, not past it"),
]


@pytest.mark.parametrize(("start", "hours", "due", "why"), OFFICE)
def test_office_hours(start: datetime, hours: float, due: datetime, why: str) -> None:
    """Office hours skip lunch, nights, weekends and holidays, and count make-up days."""
    assert CALENDAR.add_office_hours(start, hours) == due, why


DAYS = [
    (shanghai(11, 10, 10), 1, shanghai(11, 11, 10), "the same hour next day"),
    (shanghai(11, 13, 10), 1, shanghai(11, 16, 10), "Friday to Monday"),
    (shanghai(11, 14, 10), 1, shanghai(11, 16, 17, 30), "Saturday: all of Monday"),
    (shanghai(11, 10, 20), 1, shanghai(11, 11, 17, 30), "in the evening: all of the next day"),
    (shanghai(11, 10, 7), 1, shanghai(11, 10, 17, 30), "before the office opens: that day"),
    (shanghai(11, 10, 12, 45), 1, shanghai(11, 11, 12), "at lunch: till lunch"),
    (shanghai(9, 30, 10), 5, shanghai(10, 13, 10), "8, 9, 10 (make-up), 12, 13 October"),
    (shanghai(10, 3, 10), 2, shanghai(10, 9, 17, 30), "in the holiday: 8 and 9 October"),
    (shanghai(9, 18, 16), 1, shanghai(9, 20, 16), "Friday to the make-up Sunday"),
    (shanghai(11, 10, 8, 30), Fraction(1, 5), shanghai(11, 10, 10), "a fifth of a day is an hour and a half"),
]


@pytest.mark.parametrize(("start", "days", "due", "why"), DAYS)
def test_working_days(start: datetime, days: Fraction | int, due: datetime, why: str) -> None:
    """Working days skip days off and count make-up days; parts of them are parts of office hours."""
    assert CALENDAR.add_working_days(start, days) == due, why


BACK = [
    (shanghai(11, 11, 10), 1, shanghai(11, 10, 10)),
    (shanghai(11, 16, 10), 1, shanghai(11, 13, 10)),
    (shanghai(11, 16, 17, 30), 1, shanghai(11, 16, 8, 30)),
    (shanghai(10, 8, 10), 1, shanghai(9, 30, 10)),
]


@pytest.mark.parametrize(("due", "days", "before"), BACK)
def test_working_days_before(due: datetime, days: int, before: datetime) -> None:
    """Counting back gives the latest moment, an opening rather than a closing."""
    assert CALENDAR.subtract_working_days(due, days) == before


def test_office_hours_before() -> None:
    """48 minutes before 14:00 is before lunch."""
    assert CALENDAR.subtract_office_time(shanghai(11, 10, 14), timedelta(minutes=48)) == shanghai(11, 10, 11, 42)


def test_between() -> None:
    """From Wednesday before National Day to Saturday after it, both inside the day."""
    start, end = shanghai(9, 30, 8, 30), shanghai(10, 10, 12)
    assert CALENDAR.office_time_between(start, end) == timedelta(hours=3 * 7.5 + 3.5)
    assert CALENDAR.working_days_between(start, end) == 3 + Fraction(7, 15)
    assert CALENDAR.office_time_between(end, start) == timedelta()
    assert CALENDAR.working_days_between(end, start) == 0


def test_working_days_of_2026() -> None:
    """The make-up days and the days off of 2026 as the State Council ordered them."""
    makeup = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]
    assert all(CALENDAR.is_working_day(date(2026, month, day)) for month, day in makeup)
    off = [(1, 1), (1, 2), (2, 16), (2, 23), (4, 6), (5, 1), (5, 5), (6, 19), (9, 25), (10, 1), (10, 7), (11, 14)]
    assert not any(CALENDAR.is_working_day(date(2026, month, day)) for month, day in off)
    assert not CALENDAR.is_working_day(date(2026, 2, 15))


def test_local_exceptions_win() -> None:
    """The configuration overrides the public calendar and the console overrides both."""
    changed = calendar_for(
        [2026], holidays=[date(2026, 11, 10)], workdays=[date(2026, 10, 2), date(2026, 10, 3)],
        exceptions={date(2026, 10, 3): False, date(2026, 11, 15): True},
    )  # fmt: skip
    days = [date(2026, 11, 10), date(2026, 10, 2), date(2026, 10, 3), date(2026, 11, 15)]
    assert [changed.is_working_day(day) for day in days] == [False, True, False, True]


def test_another_week() -> None:
    """Spans of one's own for each weekday; a make-up day whose weekday has none takes the first that has."""
    week = [["09:00-11:00"], [], [], [], [], ["14:00-15:00"], []]
    calendar = calendar_for([2026], week=week)
    assert calendar.add_office_hours(shanghai(11, 9, 10), 1.5) == shanghai(11, 14, 14, 30)
    assert calendar.spans(date(2026, 9, 20)) == calendar.spans(date(2026, 11, 9))


@pytest.mark.parametrize("bad", [["8:30-12:00"], ["12:00-08:00"], ["08:00"], ["08:00-08:00"]])
def test_wrong_spans_are_refused(bad: list[str]) -> None:
    """Office hours that are none are an error at the start, not a surprise later."""
    with pytest.raises(ValueError):
        calendar_for([2026], week=[bad] * 7)


def test_a_week_without_office_hours_is_refused() -> None:
    """No deadline could ever be due."""
    with pytest.raises(ValueError, match="office hours"):
        Calendar(week=((),) * 7, makeup=())


def test_known_makeup_days() -> None:
    """2026 is known, a year far ahead is not."""
    assert makeup_days_known(2026)
    assert not makeup_days_known(2055)


def test_opening_hours() -> None:
    """Lunch and the last minute are no office time; the next opening is after lunch or on the next working day."""
    for moment, inside in (
        (shanghai(11, 10, 8, 30), True),
        (shanghai(11, 10, 12), False),
        (shanghai(11, 10, 17, 30), False),
    ):
        assert CALENDAR.is_office_time(moment) is inside
    assert CALENDAR.next_office_time(shanghai(11, 10, 12, 10)) == shanghai(11, 10, 13, 30)
    assert CALENDAR.next_office_time(shanghai(9, 30, 18)) == shanghai(10, 8, 8, 30)
    assert CALENDAR.next_office_time(shanghai(11, 10, 9)) == shanghai(11, 10, 9)


MOMENTS = st.integers(0, 300 * 24 * 3600).map(lambda seconds: datetime(2026, 1, 10, tzinfo=SHANGHAI) + seconds * SECOND)
PARTS = st.fractions(min_value=0, max_value=8, max_denominator=60)
HOURS = st.integers(0, 60 * 3600).map(lambda seconds: timedelta(seconds=seconds))


@given(MOMENTS, HOURS, HOURS)
def test_office_time_is_monotone_and_adds_up(start: datetime, one: timedelta, more: timedelta) -> None:
    """More time is never due earlier, nothing is due before it starts, and two steps are one."""
    first = CALENDAR.add_office_time(start, one)
    both = CALENDAR.add_office_time(start, one + more)
    assert start <= first <= both
    assert CALENDAR.add_office_time(first, more) == (both if more else first)
    assert CALENDAR.office_time_between(start, both) == one + more


@given(MOMENTS, PARTS, PARTS)
def test_working_days_are_monotone_and_add_up(start: datetime, one: Fraction, more: Fraction) -> None:
    """The same for working days and parts of them, to the microsecond that the clock can show."""
    first = CALENDAR.add_working_days(start, one)
    both = CALENDAR.add_working_days(start, one + more)
    assert start <= first <= both
    assert abs(CALENDAR.working_days_between(start, both) - (one + more)) < Fraction(1, 10**9)


@given(MOMENTS, MOMENTS, PARTS)
def test_a_later_start_is_never_due_earlier(one: datetime, other: datetime, days: Fraction) -> None:
    """Whoever reports later is not served with an earlier deadline."""
    early, late = sorted((one, other))
    assert CALENDAR.add_working_days(early, days) <= CALENDAR.add_working_days(late, days)


@given(MOMENTS, PARTS)
def test_back_and_forth(due: datetime, days: Fraction) -> None:
    """What is counted back leads to the same working position again."""
    before = CALENDAR.subtract_working_days(due, days)
    if days:
        assert before <= due
        assert abs(CALENDAR.working_days_between(before, due) - days) < Fraction(1, 10**9)
