"""China's public holidays and make-up days, from the `holidays` library, as a Calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Final
from zoneinfo import ZoneInfo

import holidays as library

from bot.cases.calendar import SHANGHAI, Calendar, Span

WORKDAY: Final = ("08:30-12:00", "13:30-17:30")
WEEK: Final[tuple[tuple[str, ...], ...]] = ((WORKDAY,) * 5) + ((), ())


def calendar_for(
    years: Iterable[int],
    *,
    week: Sequence[Sequence[str]] = WEEK,
    holidays: Iterable[date] = (),
    workdays: Iterable[date] = (),
    exceptions: Mapping[date, bool] | None = None,
    zone: ZoneInfo = SHANGHAI,
) -> Calendar:
    """The calendar of these years.

    `week`: spans like "08:30-12:00" for Monday to Sunday. `holidays`, `workdays` come from the configuration and
    override the library; `exceptions` (day -> is it a working day) come from the console and override both.
    """
    public = library.country_holidays("CN", years=list(years))
    said = dict.fromkeys(workdays, True) | dict.fromkeys(holidays, False) | dict(exceptions or {})
    off = set(public) - set(public.weekend_workdays)
    spans = tuple(tuple(_span(text) for text in day) for day in week)
    return Calendar(
        week=spans,
        makeup=next((day for day in spans if day), ()),
        holidays=frozenset(day for day in off | said.keys() if not said.get(day, False)),
        workdays=frozenset(day for day in public.weekend_workdays | said.keys() if said.get(day, True)),
        zone=zone,
    )


def makeup_days_known(year: int) -> bool:
    """The State Council's arrangement for the year, published in November before, has reached the library."""
    days = library.country_holidays("CN", years=[year]).weekend_workdays
    return any(day.year == year for day in days)


def _span(text: str) -> Span:
    """Raises ValueError for anything but an earlier and a later time of day."""
    start, dash, end = text.partition("-")
    span = (time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))
    if not dash or span[0] >= span[1]:
        raise ValueError(f"not office hours: {text}")
    return span
