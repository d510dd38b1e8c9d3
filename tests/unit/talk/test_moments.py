"""Moments and spans as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.talk.moments import span, stamp, when
from tests.unit.talk.samples import NOW, SHANGHAI


def local(month: int, day: int, hour: int = 18, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (local(3, 4), "今天18点"),
        (local(3, 4, 9, 30), "今天9点半"),
        (local(3, 4, 9, 5), "今天9点05分"),
        (local(3, 5, 0), "明天0点"),
        (local(3, 3), "昨天18点"),
        (local(3, 2), "前天"),
        (local(3, 6), "周五"),
        (local(3, 7), "周六"),
        (local(3, 8), "周日"),
        (local(3, 9), "下周一"),
        (local(3, 15), "下周日"),
        (local(3, 16), "3月16日"),
        (local(10, 8), "10月8日"),
        (local(2, 27), "2月27日"),
        (local(1, 4, year=2027), "2027年1月4日"),
    ],
)
def test_when_seen_from_wednesday_the_fourth_of_march(moment: datetime, said: str) -> None:
    assert when(moment, NOW, SHANGHAI) == said


def test_the_day_is_the_one_people_live_in() -> None:
    """17:30 UTC is already tomorrow in Shanghai."""
    assert when(datetime(2026, 3, 4, 17, 30, tzinfo=UTC), NOW, SHANGHAI) == "明天1点半"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=20), "不到1分钟"),
        (timedelta(minutes=59, seconds=59), "59分钟"),
        (timedelta(hours=2, minutes=10), "2小时10分钟"),
        (timedelta(days=3), "3天"),
        (timedelta(days=1, hours=2, minutes=3), "1天2小时"),
        (timedelta(hours=-2), "2小时"),
    ],
)
def test_spans(length: timedelta, said: str) -> None:
    assert span(length) == said


def test_a_history_line_has_day_and_minute() -> None:
    assert stamp(local(10, 8, 9, 5), SHANGHAI) == "10月8日 09:05"


@given(st.integers(-5 * 10**8, 5 * 10**8).map(lambda seconds: NOW + timedelta(seconds=seconds)))
def test_when_always_says_something(moment: datetime) -> None:
    assert 2 <= len(when(moment, NOW, SHANGHAI)) <= 11
