"""The figures and the two reports: right, masked, and no page that somebody else's words can change."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from bot.cli.replay import charts
from bot.cli.replay.charts import Column
from bot.cli.replay.html import page
from bot.cli.replay.jsonform import as_json
from bot.cli.replay.summary import Day, summarise
from bot.cli.replay.text import print_report
from bot.model import Mode
from classifiers.verdict import Intent
from tests.unit.replay.talks import CASE, OUTCOME, START, TALK

ZONE = ZoneInfo("Asia/Shanghai")
SUMMARY = summarise([OUTCOME], ZONE)


def printed(mode: Mode = Mode.RESULTS) -> str:
    with redirect_stdout(io.StringIO()) as out:
        print_report(SUMMARY, mode, ZONE)
    return out.getvalue()


def test_every_day_is_counted_the_silent_ones_too() -> None:
    """Cards and lists by the day of the report, the group's by the day of the post; edits and staff's posts are none."""
    assert SUMMARY.days == (
        Day(date(2026, 11, 20), messages=2, cards=1, listed=0, group=1),
        Day(date(2026, 11, 21), messages=1, cards=0, listed=0, group=0),
        Day(date(2026, 11, 22), messages=1, cards=0, listed=1, group=0),
    )
    assert (SUMMARY.sure, SUMMARY.perhaps, SUMMARY.silent, SUMMARY.staff_words, SUMMARY.to_staff) == (1, 1, 2, 1, 1)
    assert (SUMMARY.messages, SUMMARY.people, SUMMARY.staff) == (4, 2, ("网格员王芳",))


@pytest.mark.parametrize(
    ("changes", "more"),
    [({}, 2), ({"state": "accepted"}, 1), ({"state": "closed"}, 0), ({"sensitive": True}, 0), ({"sure": False}, 0)],
)
def test_what_a_confirmation_would_add(changes: dict[str, object], more: int) -> None:
    """An acceptance and a result, as far as they were not said yet; nothing of what the group must not hear."""
    outcome = replace(OUTCOME, cases=(replace(CASE, **changes),))  # type: ignore[arg-type]
    assert summarise([outcome], ZONE).promised == more


def test_two_talks_decades_apart_are_no_thousand_days() -> None:
    old = replace(TALK, id="old", said=(replace(TALK.said[0], at=START - timedelta(days=20_000)),))
    summary = summarise([OUTCOME, replace(OUTCOME, conversation=old, cases=(), told=(), near=())], ZONE)
    assert [day.date.year for day in summary.days] == [1972, 2026, 2026, 2026]


def test_what_sounds_like_a_matter_is_looked_at_first() -> None:
    near = (*OUTCOME.near, replace(OUTCOME.near[0], index=3, intent=Intent.REPORT))
    assert [line.said for line in summarise([replace(OUTCOME, near=near)], ZONE).near] == ["早", TALK.said[2].text]


def test_the_text_says_it_all_and_masks_numbers() -> None:
    text = printed()
    for words in (
        "会立案 2 件：1 件有把握", "1 件拿不准", "群里会说 1 句", "最多 2 句", "居民其余的 2 条不理会（另有工作人员自己的话 1 条）",
        "网格员王芳", "路灯（紧急）", "139****78", "李<b>婶</b>", "弹卡片", "进清单", "广告 1", "团购暖气片", "李婶，路灯的事收到了",
    ):  # fmt: skip
        assert words in text
    assert "13912345678" not in text
    assert "最多" not in printed(Mode.SHADOW)


def test_a_failure_is_said_first_of_all() -> None:
    summary = summarise([replace(OUTCOME, failed=("KeyError: 'x'",))], ZONE)
    assert "1 条消息让程序出错" in page(summary, Mode.RESULTS, ZONE)
    with redirect_stdout(io.StringIO()) as out:
        print_report(summary, Mode.RESULTS, ZONE)
    assert "KeyError: 'x'" in out.getvalue()


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]
        if tag not in {"meta", "br", "line", "rect"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"line", "rect"}:
            assert self.open.pop() == tag


def test_the_page_is_whole_and_holds_nobody_elses_tags() -> None:
    """Every tag is closed, nothing is loaded from anywhere, no script runs, whatever people call themselves."""
    html = page(SUMMARY, Mode.RESULTS, ZONE)
    tags = Tags()
    tags.feed(html)
    assert tags.open == []
    assert "script" not in tags.seen
    assert "b" not in tags.seen
    assert tags.addresses == []
    assert "url(" not in html
    assert "13912345678" not in html
    for words in ("李&lt;b&gt;婶&lt;/b&gt;", "3号楼", "路灯、坏了", "团购暖气片", "139****78"):
        assert words in html


def test_a_page_without_cases_says_so() -> None:
    html = page(summarise([replace(OUTCOME, cases=(), told=(), near=())], ZONE), Mode.RESULTS, ZONE)
    assert "一件也没有" in html


def test_columns_are_as_high_as_their_numbers() -> None:
    """The parts stand on each other; the scale ends at a round number that is not below the highest."""
    svg = charts.columns("t", (("甲", "card"), ("乙", "list")), [Column("1", (3, 1)), Column("2", (0, 8))])
    heights = [float(h) for h in re.findall(r'<rect[^>]* height="([\d.]+)"', svg)]
    assert heights == pytest.approx([3 * 16.4, 16.4, 8 * 16.4])
    assert re.findall(r'class="scale"[^>]*>(\d+)<', svg) == ["0", "10"]


def test_charts_of_nothing_are_empty_charts() -> None:
    assert "<rect" not in charts.columns("t", (("甲", "card"),), [Column("1", (0,))])
    assert "<rect" not in charts.rows("t", [], "card")


def test_the_json_form() -> None:
    """The issue's keys, times in seconds from the beginning, an unknown place as null."""
    body = as_json(replace(OUTCOME, cases=(replace(CASE, place=""),)))
    case, posts = body["cases"][0], body["posts"]
    assert body["id"] == "t"
    assert (case["category"], case["reporter"], case["place"]) == ("facility.streetlight", "李<b>婶</b>", None)
    assert (case["supporters"], case["message_indexes"], case["tier"]) == (["张三"], [0], "card")
    assert [(post["t"], post["to"], post["kind"], post["edit"], post["quote"]) for post in posts] == [
        (0, "staff", "reported", False, None),
        (3600, "staff", "edit", True, None),
        (3600, "group", "accepted", False, 0),
    ]
