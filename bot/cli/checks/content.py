"""What the settings contain: rules, calendar, deadlines, duty phones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bot.cases import rulebook
from bot.cases.years import makeup_days_known
from bot.cli.checks.finding import Finding, fail, ok, refused, warn
from bot.config import Config, OfficeConfig
from bot.errors import ConfigError
from classifiers.rules import RuleError, load_rules


def rules(config: Config) -> Finding:
    folder = config.classifier.rules
    try:
        loaded = load_rules(folder)
    except RuleError as error:
        return fail("分类规则", str(error), f"请改正 {folder or Path('classifiers/rules')} 里的这个文件")
    return ok("分类规则", f"{len(loaded.categories)} 类，{folder or '自带'}")


def calendar(config: Config, today: date) -> Iterator[Finding]:
    """Whether the make-up days (调休) of this and next year are known: without them office hours are wrong."""
    for year in (today.year, today.year + 1):
        if knows_year(config.office, year):
            yield ok("调休日历", f"{year} 年已知")
        else:
            remedy = "国务院公布后请更新 holidays 包，或在 [office] 里写上 holidays 和 workdays"
            yield warn("调休日历", f"还不知道 {year} 年的调休", remedy)


def knows_year(office: OfficeConfig, year: int) -> bool:
    """From the public calendar, or because the local table names days of that year."""
    return makeup_days_known(year) or any(day.year == year for day in (*office.holidays, *office.workdays))


def clocks(config: Config) -> Finding:
    try:
        book = rulebook.load(config.clocks)
    except ConfigError as error:
        return refused("办理时限", error)
    return ok("办理时限", f"{len(book.kinds)} 种" + ("，有本地改动" if config.clocks else "，照自带的表"))


def duty_phones(config: Config) -> Iterator[Finding]:
    if not config.city.emergency_phones:
        text = "没有值班电话，紧急事件无人接手时没有下一步"
        yield warn("值班电话", text, '请在 [city] emergency_phones 里写上，例如 ["镇值班室 0538-…"]')
