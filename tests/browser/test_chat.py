"""The web chat as `gridbridge run` serves it, in a town made by the command line: every act at both sizes."""

from __future__ import annotations

import contextlib
import io
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, expect

from bot.__main__ import main
from tests.browser.program import Program
from tests.browser.screen import SIZES, Screen

CONFIG = """
[web]
port = {port}
[manners]
card_wait_seconds = 0
night_start = "00:00"
night_end = "00:00"
[channels.webchat.main]
secret = "0123456789abcdef0123456789abcdef"
"""
PEOPLE = {"li": "李大娘", "zhang": "老张"}
AWAY = re.compile("ERR_CONNECTION|WebSocket|503")  # what a browser says while the server restarts
ENTRIES = 2  # invitations a member needs: one at each size


class Town:
    """`invite(member)` gives a link nobody has used."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self.config = folder / "config.toml"
        self.config.write_text(CONFIG.format(port=self.port), encoding="utf-8")
        self.program = Program(folder, "run")
        self._links: dict[str, list[str]] = {}

    def populate(self) -> None:
        """With the commands an administrator types."""
        self.command("areas", "add", "dg", "东关社区", "--level", "village")
        self.command("areas", "add", "dg1", "东关一网格", "--level", "grid", "--parent", "dg")
        self.command("people", "add", "wang", "王芳", "--role", "grid_worker", "--area", "dg1")
        for member, name in PEOPLE.items():
            self.command("chat", "member", member, name)
        self.command("chat", "room", "g1", "东关一网格居民群", "--kind", "residents", "--area", "dg1", "--mode", "results",
                     "--members", "wang", *PEOPLE)  # fmt: skip
        self.command("chat", "room", "s1", "东关工作群", "--kind", "staff", "--area", "dg", "--members", "wang")
        for member in ("wang", *PEOPLE):
            self._links[member] = [self.command("chat", "invite", member).strip() for _ in range(ENTRIES)]

    def command(self, *arguments: str) -> str:
        """What it printed. In a thread of its own: the browser's thread can run no second event loop."""
        printed, status = io.StringIO(), [-1]

        def call() -> None:
            with contextlib.redirect_stdout(printed):
                status[0] = main([*arguments, "--config", str(self.config)])

        thread = threading.Thread(target=call)
        thread.start()
        thread.join()
        assert status == [0], arguments
        return printed.getvalue()

    def invite(self, member: str) -> str:
        return self._links[member].pop()

    def serve(self) -> None:
        self.program.start()
        self.program.wait_for(f"http://127.0.0.1:{self.port}/healthz")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    town = Town(tmp_path_factory.mktemp("town"))
    town.populate()
    town.serve()
    yield town
    assert town.program.stop() == 0
    assert "Traceback" not in town.program.log


class Member(Screen):
    """Somebody's own browser."""

    def enter(self, link: str) -> None:
        self.open(link)
        self.page.get_by_role("button", name="进入").click()
        expect(self.page.locator("#me")).not_to_be_empty()

    def go(self, room: str) -> None:
        if self.page.locator("#app").get_attribute("data-pane") == "room" and self.size == "phone":
            self.page.locator("#back").click()
        self.page.get_by_test_id(f"room-{room}").click()
        expect(self.page.get_by_test_id("composer")).to_be_visible()

    def say(self, text: str) -> None:
        self.page.get_by_test_id("composer").fill(text)
        self.page.get_by_test_id("send").click()

    def heard(self, text: str) -> Locator:
        """Messages of the open room with this text of their own, not in a quote."""
        return self.page.locator("#log .msg").filter(has=self.page.locator(".text", has_text=text))

    def choose(self, message: Locator, action: str) -> None:
        """Out of the menu of a message."""
        message.locator(".more").dispatch_event("click")
        self.page.get_by_role("menuitem", name=action, exact=True).click()


@pytest.fixture(scope="module", params=list(SIZES))
def crowd(request: pytest.FixtureRequest, browser: Browser, town: Town) -> Iterator[dict[str, Member]]:
    """王芳 and 李大娘 in their browsers, both of one size."""
    members = {name: Member(browser, request.param) for name in ("wang", "li")}
    for name, member in members.items():
        member.enter(town.invite(name))
    yield members
    for member in members.values():
        member.close()


@pytest.fixture
def wang(crowd: dict[str, Member]) -> Member:
    crowd["wang"].go("g1")
    return crowd["wang"]


@pytest.fixture
def li(crowd: dict[str, Member]) -> Member:
    crowd["li"].go("g1")
    return crowd["li"]


@pytest.fixture(autouse=True)
def pictures(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """What was on the screens when a test failed."""
    failed = request.session.testsfailed
    yield
    if request.session.testsfailed > failed and "crowd" in request.fixturenames:
        for name, member in request.getfixturevalue("crowd").items():
            member.shoot(tmp_path, name)


@pytest.mark.parametrize("size", list(SIZES))
def test_an_invitation_lets_one_in_and_nobody_after(browser: Browser, town: Town, size: str) -> None:
    """The second who opens the same link is told to ask for a new one; the first stays inside."""
    link = town.invite("zhang")
    first, second = Member(browser, size), Member(browser, size)
    first.enter(link)
    expect(first.page.locator("#me")).to_have_text("老张")
    second.open(link)
    expect(second.page.get_by_role("heading")).to_contain_text("已经用过")
    first.page.reload()
    expect(first.page.locator("#me")).to_have_text("老张")
    assert first.overflow() == second.overflow() == []
    first.close()
    second.close()


def test_unread_messages_are_counted_until_they_are_read(wang: Member, li: Member) -> None:
    """Two messages in a room that is not open give a 2 in its list; opening it takes the number away."""
    wang.go("s1")
    li.say(f"数一数一{li.size}")
    li.say(f"数一数二{li.size}")
    if wang.size == "phone":
        wang.page.locator("#back").click()
    badge = wang.page.get_by_test_id("room-g1").locator(".badge")
    expect(badge).to_have_text("2")
    wang.go("g1")
    expect(wang.heard(f"数一数二{li.size}")).to_be_visible()
    expect(badge).to_have_count(0)


def test_a_photo_is_seen_by_the_others(wang: Member, li: Member) -> None:
    """Chosen, sent with words, and shown with its real pixels on the other side."""
    data = io.BytesIO()
    Image.new("RGB", (640, 480), (30, 120, 80) if li.size == "phone" else (120, 30, 80)).save(data, "JPEG")
    li.page.locator("#photo-input").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": data.getvalue()}
    )
    expect(li.page.locator(".picture:not(.uploading)")).to_have_count(1)
    li.say(f"看照片{li.size}")
    image = wang.heard(f"看照片{li.size}").locator(".photo img")
    expect(image).to_have_js_property("naturalWidth", 640)


def test_a_quote_shows_whose_words_it_answers(wang: Member, li: Member) -> None:
    li.say(f"明天几点集合{li.size}")
    wang.choose(wang.heard(f"明天几点集合{li.size}"), "引用")
    expect(wang.page.get_by_test_id("context")).to_contain_text("李大娘")
    wang.say("八点吧")
    answer = li.heard("八点吧").last
    expect(answer.locator(".quote")).to_contain_text(f"李大娘：明天几点集合{li.size}")


def test_a_recalled_message_is_gone_everywhere(wang: Member, li: Member) -> None:
    li.say(f"发错群了{li.size}")
    expect(wang.heard(f"发错群了{li.size}")).to_be_visible()
    li.choose(li.heard(f"发错群了{li.size}"), "撤回")
    expect(wang.heard(f"发错群了{li.size}")).to_have_count(0)
    expect(wang.page.locator("#log .notice").filter(has_text="李大娘撤回了一条消息").last).to_be_visible()


def test_a_card_is_accepted_with_a_tap_and_the_resident_hears_of_it(wang: Member, li: Member) -> None:
    """The tap changes the card itself, and the group's answer quotes the report."""
    house = {"desktop": 5, "phone": 8}[li.size]
    report = f"{house}号楼前的平安灯又不亮了"
    wang.go("s1")
    li.say(report)
    card = wang.page.locator("#log .msg").filter(has=wang.page.locator(".card", has_text=report))
    card.get_by_role("button", name="确认", exact=True).click()
    expect(card.locator(".card-title")).to_contain_text("已受理")
    answer = li.page.locator("#log .msg").filter(has_text="王芳负责").filter(has_text=report)
    expect(answer.locator(".quote")).to_contain_text(f"李大娘：{report}")


def test_a_restart_loses_nothing_and_doubles_nothing(wang: Member, li: Member, town: Town) -> None:
    """What is said while the server is away waits, arrives once, and stands in its place after a reload too."""
    words = [f"{text}{li.size}" for text in ("重启之前", "断线时说的", "重启之后")]
    li.say(words[0])
    expect(wang.heard(words[0])).to_be_visible()
    assert town.program.stop() == 0
    li.say(words[1])
    expect(li.page.locator("#log .msg[data-cid]")).to_have_count(1)
    town.serve()
    expect(wang.heard(words[1])).to_be_visible(timeout=20_000)
    li.say(words[2])
    expect(wang.heard(words[2])).to_be_visible()
    for member in (wang, li):
        member.page.reload()
        expect(member.heard(words[2])).to_be_visible()
        said = [re.sub(r"\s", "", text) for text in member.page.locator("#log .msg .text").all_inner_texts()]
        assert [text for text in said if text in words] == words


def test_the_pages_fit_and_complain_of_nothing_of_their_own(wang: Member, li: Member) -> None:
    """Nothing sticks out; the only complaints are the browser's about the server that was away."""
    for member in (wang, li):
        assert member.overflow() == []
        assert [line for line in member.complaints if not AWAY.search(line)] == []
