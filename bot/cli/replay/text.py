"""The report of a replay for the terminal."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.replay import words
from bot.cli.replay.summary import Day, Summary
from bot.cli.screen import screen
from bot.cli.words import INTENTS
from bot.model import Mode
from bot.privacy import mask_personal

_DAYS_SHOWN = 31


def print_report(summary: Summary, mode: Mode, zone: ZoneInfo) -> None:
    console = screen()
    for part in (_head, _cases, _posts, _days, _silence, _end):
        part(console, summary, mode, zone)


def _say(console: Console, line: str, style: str = "") -> None:
    """Plain text: what somebody wrote must not be read as rich's markup."""
    console.print(Text(line, style=style))


def _head(console: Console, summary: Summary, mode: Mode, zone: ZoneInfo) -> None:
    _say(console, f"\n{summary.title}", "bold")
    _say(console, f"{words.span(summary)}，{summary.messages} 条消息，{summary.people} 人。{words.whom(summary)}")
    _say(
        console,
        f"会立案 {len(summary.cases)} 件：{summary.sure} 件有把握，马上给网格员弹卡片；"
        f"{summary.perhaps} 件拿不准，列进每天两次的清单。",
    )
    _say(console, words.group_line(summary, mode))
    _say(console, words.silent_line(summary))


def _cases(console: Console, summary: Summary, mode: Mode, zone: ZoneInfo) -> None:
    if not summary.cases:
        return
    table = _table("会立的案", "时间", "谁", "说了什么", "类别", "地点", "依据", "给网格员", "附议")
    for line in summary.cases:
        case = line.case
        table.add_row(
            Text(words.when(line, summary, case.reported_at, zone)),
            Text(mask_personal(case.reporter)),
            Text(words.shortened(case.text)),
            Text(words.category(line)),
            Text(mask_personal(case.place)),
            Text(case.matched),
            Text(words.tier(line), style="bold green" if case.sure else "yellow"),
            Text(words.supported(line)),
        )
    console.print(table)


def _posts(console: Console, summary: Summary, mode: Mode, zone: ZoneInfo) -> None:
    if not summary.posts:
        return
    table = _table("群里会说的话", "时间", "说什么")
    for line in summary.posts:
        table.add_row(Text(words.when(line, summary, line.told.at, zone)), Text(mask_personal(line.told.text)))
    console.print(table)


def _days(console: Console, summary: Summary, mode: Mode, zone: ZoneInfo) -> None:
    if len(summary.days) < 2:
        return
    shown = _busiest(summary.days)
    few = (
        ""
        if len(shown) == len(summary.days)
        else f"（共 {len(summary.days)} 天，列出卡片和发言最多的 {len(shown)} 天）"
    )
    table = _table(f"每天{few}", "日期", "消息", "弹卡片", "进清单", "群里说话")
    for day in shown:
        table.add_row(f"{day.date:%m-%d}", *map(str, (day.messages, day.cards, day.listed, day.group)))
    means = (summary.messages, summary.sure, summary.perhaps, len(summary.posts))
    table.add_row("平均", *(f"{summary.a_day(number):.1f}" for number in means), style="bold")
    console.print(table)


def _busiest(days: tuple[Day, ...]) -> list[Day]:
    """All of a month; of a longer time the days on which most was shown or said."""
    if len(days) <= _DAYS_SHOWN:
        return list(days)
    most = sorted(days, key=lambda day: (-day.cards - day.group - day.listed, day.date))[:_DAYS_SHOWN]
    return sorted(most, key=lambda day: day.date)


def _silence(console: Console, summary: Summary, mode: Mode, zone: ZoneInfo) -> None:
    if summary.ignored:
        counted = "，".join(f"{INTENTS[intent]} {number}" for intent, number in summary.ignored)
        _say(console, f"\n没理会的 {summary.silent} 条里：{counted}。")
    if not summary.near:
        return
    shown = summary.near[: words.NEAR_SHOWN]
    table = _table(
        f"最像事件、但没立案的（{len(shown)}/{len(summary.near)}），请看看有没有漏掉的", "说了什么", "当作", "沾边的词"
    )
    for line in shown:
        table.add_row(Text(words.shortened(line.said)), INTENTS[line.near.intent], Text("、".join(line.near.words)))
    console.print(table)


def _end(console: Console, summary: Summary, mode: Mode, zone: ZoneInfo) -> None:
    if summary.failed:
        _say(console, f"有 {len(summary.failed)} 条消息让程序出错，请把这几行发给开发者：", "bold red")
        for reason in dict.fromkeys(summary.failed):
            _say(console, f"  {mask_personal(reason)}")
    _say(console, f"\n{words.DOUBTS}", "dim")
    _say(console, words.KEPT, "dim")


def _table(title: str, *headings: str) -> Table:
    table = Table(title=f"\n{title}", title_justify="left", title_style="bold", header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold", ratio=3 if heading in {"说了什么", "说什么"} else None)
    return table
