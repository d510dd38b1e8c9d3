"""The one-minute story, played once before a desktop and a phone that look on together."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from tests.browser.program import Program
from tests.browser.screen import SIZES, Screen

OVER = "演示完了"
LAMP = "3号楼前的平安灯又不亮了"
HOME = "我老公又动手打我，孩子吓得直哭"
DRAIN = "2号楼门口下水道堵了，污水往外冒"
REMINDED = "已到期"
NAMES = {"lishen": "李婶", "wujie": "吴姐", "wangfang": "王芳", "chenjie": "陈洁"}


class Showing:
    """A demo that has told its story; `address` is its page, `folder` its data."""

    def __init__(self, address: str, folder: Path, screens: dict[str, Screen]) -> None:
        self.address, self.folder, self.screens = address, folder, screens
        self.over = time.monotonic()

    def posts(self, text: str) -> list[str]:
        """The rooms of the bot's messages that hold this text."""
        with closing(sqlite3.connect(self.folder / "webchat.db")) as conn:
            rows = conn.execute("SELECT room, body FROM message WHERE author = 'bot' ORDER BY at").fetchall()
        return [room for room, body in rows if text in json.dumps(json.loads(body), ensure_ascii=False)]


def play(page: Page, seconds: float) -> str:
    """Press the button and wait for the last caption; the caption."""
    page.get_by_test_id("play").click()
    expect(page.get_by_test_id("play")).to_be_disabled()
    expect(page.get_by_test_id("play")).to_be_enabled(timeout=seconds * 1000)
    return page.get_by_test_id("caption").inner_text()


@pytest.fixture(scope="module")
def showing(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Showing]:
    folder = tmp_path_factory.mktemp("demo")
    with Program(folder, "demo", "--port", "0", "--data", "data", "--speed", "50") as program:
        address = program.address()
        screens = {size: Screen(browser, size) for size in SIZES}
        try:
            for screen in screens.values():
                screen.open(address)
            caption = play(screens["desktop"].page, 60)
            if OVER not in caption:
                for size, screen in screens.items():
                    screen.shoot(folder, size)
                pytest.fail(f"the story stopped, pictures are in {folder}: {caption}")
            yield Showing(address, folder / "data", screens)
        finally:
            for screen in screens.values():
                screen.close()
    assert "Traceback" not in program.log


@pytest.fixture(params=list(SIZES))
def screen(request: pytest.FixtureRequest, showing: Showing, tmp_path: Path) -> Iterator[Screen]:
    """One of the two; a picture of it is kept when a test fails."""
    looking = showing.screens[request.param]
    failed = request.session.testsfailed
    yield looking
    if request.session.testsfailed > failed:
        looking.shoot(tmp_path, "failed")


def phone(screen: Screen, side: str) -> FrameLocator:
    """The phone of this side, brought to the front where only one fits."""
    tab = screen.page.get_by_test_id(f"tab-{side}")
    if tab.is_visible():
        tab.click()
    return screen.page.frame_locator(f"[data-testid=phone-{side}]")


def held_by(screen: Screen, side: str, person: str, room: str) -> FrameLocator:
    """The phone of this side in the hand of a person who opens this room."""
    shown = phone(screen, side)
    chip = screen.page.get_by_test_id(f"person-{person}")
    if chip.get_attribute("aria-pressed") != "true":
        chip.click()
    expect(shown.locator("#me")).to_have_text(NAMES[person])
    if shown.locator("#app").get_attribute("data-pane") == "room":
        shown.locator("#back").click()
    shown.get_by_test_id(f"room-{room}").click()
    expect(shown.locator("#log .msg").first).to_be_attached()
    return shown


def from_bot(shown: FrameLocator) -> Locator:
    return shown.locator("#log .msg:has(.tag-bot), #log .msg:has(.avatar.bot)")


def test_the_group_hears_that_it_was_accepted_and_what_came_of_it(screen: Screen) -> None:
    """Both quote the resident's words; the result has the worker's photo, and it is really shown."""
    shown = held_by(screen, "left", "lishen", "g-dg1")
    accepted = shown.locator("#log .msg").filter(has_text="王芳负责").filter(has_text=LAMP)
    expect(accepted).to_have_count(1)
    result = shown.locator("#log .msg").filter(has_text="处理好了：换了灯泡").filter(has=shown.locator(".photo"))
    expect(result).to_have_count(1)
    expect(result.locator(".quote")).to_contain_text(f"李婶：{LAMP}")
    result.scroll_into_view_if_needed()
    expect(result.locator("img")).to_have_js_property("complete", value=True)
    assert result.locator("img").evaluate("image => image.naturalWidth") > 100


def test_the_resident_graded_the_result(screen: Screen) -> None:
    """Her words quote the result, and she is thanked in private, not in the group."""
    shown = held_by(screen, "left", "lishen", "g-dg1")
    grade = shown.locator("#log .msg.mine").filter(has_text="非常满意")
    expect(grade.locator(".quote")).to_contain_text("处理好了")
    expect(shown.locator("#log .msg").filter(has_text="谢谢，记下了")).to_have_count(0)
    private = held_by(screen, "left", "lishen", "p-lishen")
    expect(private.locator("#log .msg").filter(has_text="谢谢，记下了")).to_have_count(1)


def test_nothing_is_said_in_the_group_about_what_is_sensitive(screen: Screen, showing: Showing) -> None:
    """After the sentence the group hears of the drain only; the staff chat has no card of it; the confidant has."""
    shown = held_by(screen, "left", "wujie", "g-dg1")
    numbers = shown.locator("#log .msg").evaluate_all("all => all.map(one => Number(one.dataset.n))")
    said = int(shown.locator("#log .msg").filter(has_text=HOME).first.get_attribute("data-n") or 0)
    assert said in numbers
    for message in from_bot(shown).all():
        if int(message.get_attribute("data-n") or 0) > said:
            expect(message.locator(".quote")).to_contain_text(DRAIN[:6])
    assert set(showing.posts(HOME)) == {"p-chenjie"}
    confidant = held_by(screen, "right", "chenjie", "p-chenjie")
    expect(confidant.locator("#log .card").filter(has_text=HOME)).to_have_count(1)


def test_the_card_is_in_the_staff_chat(screen: Screen) -> None:
    """With the words of the resident and, since it is closed, without a button to accept it."""
    shown = held_by(screen, "right", "wangfang", "s-dongguan")
    card = shown.locator("#log .card").filter(has_text=LAMP)
    expect(card).to_have_count(1)
    expect(card.locator(".card-title")).to_contain_text("已办结")


def test_exactly_one_reminder_reaches_the_one_responsible(screen: Screen, showing: Showing) -> None:
    """王芳 has it once in private, nobody else has one, and more looks at the clock do not repeat it."""
    time.sleep(max(0.0, showing.over + 4.5 - time.monotonic()))  # two more looks at what is due
    assert showing.posts(REMINDED) == ["p-wangfang"]
    shown = held_by(screen, "right", "wangfang", "p-wangfang")
    expect(shown.locator("#log .msg").filter(has_text=REMINDED).filter(has_text="下水道")).to_have_count(1)


def test_the_counters_tell_what_happened(screen: Screen) -> None:
    """Three cases out of many sentences, and not one word of small talk stored."""
    expect(screen.page.get_by_test_id("cases")).to_have_text("3")
    expect(screen.page.get_by_test_id("stored")).to_have_text("0")
    assert int(screen.page.get_by_test_id("heard").inner_text()) > 12


def test_the_page_fits_and_complains_of_nothing(screen: Screen) -> None:
    """No line sticks out to the side, no script failed, the buttons are there."""
    assert screen.overflow() == []
    assert screen.complaints == []
    expect(screen.page.get_by_test_id("play")).to_be_in_viewport()
    expect(screen.page.get_by_test_id("hints")).to_be_visible()


def test_a_hint_is_filled_in_and_works(screen: Screen) -> None:
    """A tap on 「待办」 puts the word into the worker's composer; sent, it brings his list."""
    held_by(screen, "right", "wangfang", "s-dongguan")
    screen.page.get_by_test_id("hints").get_by_text("待办").click()
    shown = phone(screen, "right")
    expect(shown.get_by_test_id("composer")).to_have_value("待办")
    shown.get_by_test_id("send").click()
    expect(shown.locator("#log .msg").filter(has_text="手上 1 件").last).to_be_visible()


@pytest.mark.parametrize("size", list(SIZES))
def test_the_page_about_wechat_fits(browser: Browser, showing: Showing, size: str) -> None:
    """It says the truth at both sizes without sticking out."""
    screen = Screen(browser, size)
    screen.open(f"{showing.address}wechat")
    expect(screen.page.get_by_role("heading", level=1)).to_contain_text("能接我们的微信群吗")
    expect(screen.page.get_by_text("直接接，不能。")).to_be_visible()
    assert screen.overflow() == []
    assert screen.complaints == []
    screen.close()


def test_it_can_be_stopped_and_played_again(showing: Showing) -> None:
    """「停」 ends a showing at once; the next one has cases of its own and still stores no small talk."""
    page = showing.screens["desktop"].page
    page.get_by_test_id("play").click()
    expect(page.get_by_test_id("caption")).to_contain_text("先等几秒")
    page.get_by_test_id("stop").click()
    expect(page.get_by_test_id("caption")).to_contain_text("演示停了")
    assert OVER in play(page, 60)
    expect(page.get_by_test_id("stored")).to_have_text("0")
    assert showing.posts(REMINDED) == ["p-wangfang"] * 2
    assert page.locator("#trouble").is_hidden()
