"""What the settings contain: rules, calendar, channels, duty phones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bot.cases import rulebook
from bot.cases.years import makeup_days_known
from bot.channels.needs import Needs
from bot.channels.registry import build
from bot.cli.checks.finding import Finding, fail, ok, refused, warn
from bot.config import Config, OfficeConfig
from bot.errors import ConfigError
from bot.ports import RoomLog
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


def channels(config: Config) -> Iterator[Finding]:
    if not config.channels:
        yield warn("渠道", "一个渠道也没有配", "至少写一节，例如 [channels.webchat.main]")
    for account, table in config.channels.items():
        yield _channel(account, table, config)


def duty_phones(config: Config) -> Iterator[Finding]:
    if not config.city.emergency_phones:
        text = "没有值班电话，紧急事件无人接手时没有下一步"
        yield warn("值班电话", text, '请在 [city] emergency_phones 里写上，例如 ["镇值班室 0538-…"]')


def _channel(account: str, table: Mapping[str, Any], config: Config) -> Finding:
    """Built as a start builds it; constructing does no I/O."""
    needs = Needs(config.data_dir, clock=_now, open_rooms=_not_opened, public_url=config.web.public_url)
    try:
        build(account, table, needs)
    except ConfigError as error:
        return refused(f"渠道 {account}", error)
    return ok(f"渠道 {account}", "设置完整")


def _now() -> datetime:
    return datetime.now(UTC)


async def _not_opened(path: Path) -> RoomLog:
    raise NotImplementedError("a check opens no history")
