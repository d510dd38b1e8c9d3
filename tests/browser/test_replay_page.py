"""The page a replay writes, opened from the disk at both sizes."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser

from bot.cli.replay.html import page
from bot.cli.replay.summary import summarise
from bot.model import Mode
from tests.browser.screen import SIZES, Screen
from tests.unit.replay.talks import OUTCOME

SCROLLS = "[...document.querySelectorAll('.wide:has(svg)')].some(box => box.scrollWidth > box.clientWidth)"


@pytest.mark.parametrize("size", SIZES)
def test_the_report_stands_alone(browser: Browser, size: str, tmp_path: Path) -> None:
    """It loads nothing, complains of nothing, fits the width, draws its charts, and shows names as they were written."""
    zone = ZoneInfo("Asia/Shanghai")
    file = tmp_path / "report.html"
    file.write_text(page(summarise([OUTCOME], zone), Mode.RESULTS, zone), encoding="utf-8")
    screen = Screen(browser, size)
    asked: list[str] = []
    screen.page.on("request", lambda request: asked.append(request.url))
    screen.open(file.as_uri())
    assert screen.page.get_by_role("heading", name="东关群").is_visible()
    assert screen.page.get_by_role("img", name="每天的卡片").is_visible()
    assert screen.page.locator("svg rect").count() >= 6
    assert not screen.page.evaluate(SCROLLS), "a chart of a few days is seen whole, on a phone too"
    assert screen.page.get_by_text("李<b>婶</b>").first.is_visible()
    assert screen.overflow() == []
    assert screen.complaints == []
    assert asked == [file.as_uri()]
    screen.close()
