"""The rules of time of a configuration, on a calendar that follows the year and the local table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from bot.cases import rulebook
from bot.cases.calendar import Calendar
from bot.cases.clocks import Clocks
from bot.cases.rulebook import Rulebook
from bot.cases.years import calendar_for
from bot.config import Config


@dataclass(slots=True)
class Time:
    """The calendar is made anew when the year or the local table changes."""

    config: Config
    book: Rulebook
    clocks: Clocks = field(init=False)
    _made_for: tuple[int, frozenset[tuple[date, bool]]] = (0, frozenset())

    def refresh(self, year: int, exceptions: Mapping[date, bool]) -> None:
        wanted = (year, frozenset(exceptions.items()))
        if wanted == self._made_for:
            return
        calendar = calendar_of(self.config, range(year - 1, year + 3), exceptions)
        self.clocks, self._made_for = Clocks(self.book, calendar), wanted


def rules_of_time(config: Config) -> Rulebook:
    """Raises ConfigError for a [clocks] that is wrong."""
    return rulebook.load({"grades": list(config.city.grades), **config.clocks})


def calendar_of(config: Config, years: Iterable[int], exceptions: Mapping[date, bool]) -> Calendar:
    """Office hours and days off of these years; the local table overrides the configuration."""
    office = config.office
    return calendar_for(
        years,
        week=office.spans(),
        holidays=office.holidays,
        workdays=office.workdays,
        exceptions=exceptions,
        zone=ZoneInfo(config.city.timezone),
    )
