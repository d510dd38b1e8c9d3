"""The report of a replay as one HTML page that needs nothing else: it can be mailed and printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from string import Template
from zoneinfo import ZoneInfo

from bot.cli.replay import charts, words
from bot.cli.replay.charts import Column
from bot.cli.replay.summary import Summary
from bot.cli.words import INTENTS
from bot.model import Mode
from bot.privacy import mask_personal

_PAGE = Path(__file__).with_name("page")
_SERIES = (("弹卡片", "card"), ("进清单", "list"), ("群里说话", "talk"))
Cell = tuple[str, str]
"""(content as HTML, CSS class)."""


def page(summary: Summary, mode: Mode, zone: ZoneInfo) -> str:
    """Every word that somebody wrote is escaped."""
    sections = (_days(summary), _categories(summary), _cases(summary, zone), _posts(summary, zone), _silence(summary))
    values = {
        "title": summary.title,
        "span": words.span(summary),
        "messages": str(summary.messages),
        "people": str(summary.people),
        "whom": words.whom(summary),
        "sure": str(summary.sure),
        "perhaps": str(summary.perhaps),
        "group": str(len(summary.posts)),
        "silent": str(summary.silent),
        "group_line": words.group_line(summary, mode),
        "silent_line": words.silent_line(summary),
        "doubts": words.DOUBTS,
        "kept": words.KEPT,
    }
    safe = {name: escape(value) for name, value in values.items()}
    body = "\n".join(filter(None, (_failed(summary), *sections)))
    return Template(_read("report.html")).substitute(safe, style=_read("report.css"), sections=body)


def _read(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")


def _box(title: str, inside: str, style: str = "") -> str:
    return f'<section class="box {style}"><h2>{escape(title)}</h2>{inside}</section>'


def _days(summary: Summary) -> str:
    if len(summary.days) < 2:
        return ""
    shown = [Column(f"{day.date:%m-%d}", (day.cards, day.listed, day.group)) for day in summary.days]
    said = [Column(f"{day.date:%m-%d}", (day.messages,)) for day in summary.days]
    legend = "".join(f'<li><i class="{style}"></i>{name}</li>' for name, style in _SERIES)
    told = charts.columns("每天的卡片、清单和群里的话", _SERIES, shown)
    heard = charts.columns("每天的消息", (("消息", "plain"),), said)
    mean = f"平均每天弹卡片 {summary.a_day(summary.sure):.1f} 张，群里说话 {summary.a_day(len(summary.posts)):.1f} 句。"
    return _box("每天会看到多少", f'<ul class="legend">{legend}</ul>{told}<p>{mean}</p>') + _box(
        "群里每天有多少消息", heard
    )


def _categories(summary: Summary) -> str:
    counted = Counter(line.case.category_name for line in summary.cases).most_common(15)
    return _box("都是些什么事", charts.rows("各类事件的件数", counted, "card")) if counted else ""


def _cases(summary: Summary, zone: ZoneInfo) -> str:
    if not summary.cases:
        return _box("会立的案", "<p>一件也没有。</p>")
    rows = [
        (
            (escape(words.when(line, summary, line.case.reported_at, zone)), "short"),
            (_text(line.case.reporter), "who"),
            (escape(words.shortened(line.case.text)), "words"),
            (escape(words.category(line)), "who"),
            (_text(line.case.place), "who"),
            (escape(line.case.matched), "who"),
            (f'<span class="tag {"card" if line.case.sure else "list"}">{words.tier(line)}</span>', "short"),
            (escape(words.supported(line)), ""),
        )
        for line in summary.cases
    ]
    headings = ("时间", "谁", "说了什么", "类别", "地点", "依据", "给网格员", "附议")
    return _box(f"会立的案（{len(rows)} 件）", _table(headings, rows))


def _posts(summary: Summary, zone: ZoneInfo) -> str:
    if not summary.posts:
        return ""
    rows = [
        ((escape(words.when(line, summary, line.told.at, zone)), "short"), (_text(line.told.text), "words"))
        for line in summary.posts
    ]
    return _box(f"群里会说的话（{len(rows)} 句）", _table(("时间", "说什么"), rows))


def _silence(summary: Summary) -> str:
    counted = [(INTENTS[intent], number) for intent, number in summary.ignored]
    drawn = _box("没理会的是些什么", charts.rows("没理会的消息", counted, "plain")) if counted else ""
    shown = summary.near[: words.NEAR_SHOWN]
    if not shown:
        return drawn
    rows = [
        (
            (escape(words.shortened(line.said)), "words"),
            (INTENTS[line.near.intent], ""),
            (escape("、".join(line.near.words)), ""),
        )
        for line in shown
    ]
    title = f"最像事件、但没立案的（{len(shown)}/{len(summary.near)}），请看看有没有漏掉的"
    return drawn + _box(title, _table(("说了什么", "当作", "沾边的词"), rows))


def _failed(summary: Summary) -> str:
    if not summary.failed:
        return ""
    lines = "".join(f"<li>{_text(reason)}</li>" for reason in dict.fromkeys(summary.failed))
    return _box(f"有 {len(summary.failed)} 条消息让程序出错，请把这几行发给开发者", f"<ul>{lines}</ul>", "failed")


def _text(words_of_somebody: str) -> str:
    return escape(mask_personal(words_of_somebody)).replace("\n", "<br>")


def _table(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    head = "".join(f"<th>{heading}</th>" for heading in headings)
    body = "".join(f"<tr>{''.join(_cell(*cell) for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(content: str, style: str) -> str:
    return f'<td class="{style}">{content}</td>' if style else f"<td>{content}</td>"
