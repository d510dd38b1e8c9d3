"""Lines that break, pages that do not read, programs that die: nothing is lost and nothing comes twice."""

from __future__ import annotations

import asyncio
import random
import socket
from pathlib import Path
from typing import Any

import pytest

from bot.channels.webchat import connection as connections
from bot.model import InboundKind, Post
from tests.fakes.bridge import until
from tests.fakes.webtown import PEOPLE, ROOM, Page, Town, running


async def test_a_page_that_was_away_gets_exactly_what_it_missed(town: Town) -> None:
    """New messages, an edit and a recall of old ones; not what it has."""
    li, zhao = await town.page("li"), await town.page("zhao")
    for text in ("一", "二", "三"):
        await li.said(text)
    await zhao.sees(3)
    await zhao.disconnect()
    await li.act("edit", 1, text="一改")
    await li.act("recall", 2)
    await li.said("四")
    zhao.frames.clear()
    await zhao.connect()
    await zhao.sees(4)
    [frame] = [one for one in zhao.frames if one["op"] == "msgs" and one["room"] == ROOM]
    assert [one["n"] for one in frame["msgs"]] == [1, 2, 4]
    assert zhao.texts() == ["一改", "", "三", "四"]


def state_of(page: Page) -> list[tuple[Any, ...]]:
    return [
        (n, one["rev"], one["text"], one["edited"], one["recalled"])
        for n, one in sorted(page.messages.get(ROOM, {}).items())
    ]


async def one_act(rng: random.Random, town: Town, spoken: dict[str, list[int]], member: str, step: int) -> None:
    mine = spoken[member]
    choice = rng.random()
    if choice < 0.6 or not mine:
        mine.append(await town.channel.people.say(member, ROOM, f"{member} {step}"))
    elif choice < 0.8:
        await town.channel.people.edit(member, ROOM, rng.choice(mine), f"{member} 改 {step}")
    elif choice < 0.9:
        gone = mine.pop(rng.randrange(len(mine)))
        await town.channel.people.recall(member, ROOM, gone)
    else:
        await town.channel.send(Post(ROOM, f"post-{step}", f"机器人 {step}"))


@pytest.mark.parametrize("seed", range(4))
async def test_any_schedule_of_talk_and_broken_lines_ends_in_the_same_state(town: Town, seed: int) -> None:
    """Pages drop and return at random moments while three people talk, edit and recall; all see the same in the end.

    The page itself fails on any revision that comes twice or backwards.
    """
    rng = random.Random(seed)
    pages = [await town.page(member) for member in PEOPLE]
    spoken: dict[str, list[int]] = {member: [] for member in PEOPLE}
    for step in range(60):
        await one_act(rng, town, spoken, rng.choice(list(PEOPLE)), step)
        page = rng.choice(pages)
        if rng.random() < 0.15:
            await page.disconnect()
        elif page.socket is None and rng.random() < 0.5:
            await page.connect()
    for page in pages:
        if page.socket is None:
            await page.connect()
    witness = await town.page("wang")  # fresh: what the history says
    for page in [*pages, witness]:
        await until(lambda page=page: page.revs.get(ROOM) == max(p.revs.get(ROOM, 0) for p in pages))  # type: ignore[misc]
    newest = {row[0]: row for row in state_of(witness)}
    for page in pages:
        assert [row for row in state_of(page) if row[0] in newest] == list(newest.values())
        assert [row[0] for row in state_of(page)] == list(range(1, max(newest) + 1))
    accepted = {one.message_id for one in town.bridge.said(ROOM)}
    recalled = {one.message_id for one in town.bridge.of(InboundKind.RECALL)}
    assert accepted | recalled >= {str(n) for mine in spoken.values() for n in mine}


async def test_a_program_that_died_before_acceptance_hands_it_over_after_its_start(tmp_path: Path) -> None:
    """In the history but not accepted: the next program feeds it, in order, and nothing that was accepted again."""
    async with running(tmp_path) as first:
        await first.channel.people.say("li", ROOM, "收到了的")
        await first.bridge.got(InboundKind.MESSAGE)
        await until(lambda: first.channel._opened is not None and first.channel._opened.feeder._done.get(ROOM, 0) >= 1)
        first.bridge.away = True
        for text in ("没收到的一", "没收到的二"):
            await first.channel.people.say("li", ROOM, text)
        await first.channel.people.edit("li", ROOM, 2, "没收到的一，改过")
        await first.stop()  # while nothing is accepted
        second = Town(tmp_path)
        await second.start()
        await until(lambda: len(second.bridge.taken) >= 3)
        events = [(one.event_key, one.text) for one in second.bridge.taken]
        assert events == [
            ("east/2", "没收到的一，改过"),
            ("east/3", "没收到的二"),
            ("east/2/e4", "没收到的一，改过"),
        ]
        await second.stop()


async def test_a_program_that_died_after_acceptance_repeats_under_the_same_key(tmp_path: Path) -> None:
    """Accepted, but the cursor had not moved: the same event again, which the inbox ignores."""
    async with running(tmp_path) as town:
        await town.bridge.got(InboundKind.JOINED, 4)
        parts = await town.channel._parts()
        await until(lambda: not parts.feeder._tasks)
        log: Any = parts.rooms
        moved = log.mark_fed
        dying = asyncio.Event()

        async def dies(room: str, rev: int) -> None:
            dying.set()
            raise OSError("the program dies here")

        log.mark_fed = dies
        await town.channel.people.say("li", ROOM, "灯坏了")
        await dying.wait()
        log.mark_fed = moved
        await until(lambda: parts.feeder._done.get(ROOM, 0) >= 1)
        assert [one.event_key for one in town.bridge.deliveries if one.chat == ROOM][1:] == ["east/1", "east/1"]
        assert len(town.bridge.said(ROOM)) == 1


async def test_a_page_that_never_reads_holds_nobody_up(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes no byte while ten megabytes pass; the others have them at once, no queue grows, in the end it is cut off."""
    monkeypatch.setattr(connections, "SEND_SECONDS", 3.0)
    li = await town.page("li")
    lazy = await town.enter("zhao")
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # or the kernel would take it all in
    narrow.setblocking(False)
    await asyncio.get_running_loop().sock_connect(narrow, ("127.0.0.1", town.port))
    reader, writer = await asyncio.open_connection(sock=narrow, limit=1024)
    head = [
        f"GET /chat/{lazy.seat}/ws HTTP/1.1",
        f"Host: 127.0.0.1:{town.port}",
        f"Origin: {town.url}",
        f"Cookie: {lazy.cookie}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
    assert b"101" in await reader.readline()
    hello = b'{"op":"hello","revs":{"east":1}}'
    writer.write(bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello)
    await writer.drain()
    parts = await town.channel._parts()
    await until(lambda: any(one.rooms for one in parts.hub._by_member.get("zhao", [])))
    [connection] = parts.hub._by_member["zhao"]
    loop = asyncio.get_running_loop()
    slowest = 0.0
    for batch in range(16):
        posts = [Post(ROOM, f"{batch}-{i}", "长" * 4000) for i in range(50)]
        await asyncio.gather(*(town.channel.send(post) for post in posts))
        begun = loop.time()
        await li.sees(batch * 50 + 50)
        slowest = max(slowest, loop.time() - begun)
    assert slowest < 1.0
    assert connection._known[ROOM] < 800, "it did read"
    assert len(connection._answers) <= 1
    assert set(connection._ahead) <= {ROOM, "p-zhao"}
    await until(lambda: "zhao" not in parts.hub._by_member, 8)
    writer.transport.abort()


async def test_a_page_that_asks_and_never_listens_is_cut_off(town: Town) -> None:
    """Answers to its own requests are bounded too."""
    li = await town.page("li")
    parts = await town.channel._parts()
    [connection] = parts.hub._by_member["li"]
    for i in range(300):
        connection.answer({"op": "said", "cid": str(i), "room": ROOM, "n": i})
    assert li._reader is not None
    await asyncio.wait_for(li._reader, 5)
    assert li.socket is not None
    assert li.socket.close_code == 1013


async def test_a_ninth_page_replaces_the_oldest(town: Town) -> None:
    """A phone that left eight dead sockets behind gets in."""
    first = await town.page("li")
    for _ in range(8):
        page = Page(town.url)
        page.session._cookie_jar = first.session.cookie_jar
        page.seat = first.seat
        town._pages.append(page)
        await page.connect()
    assert first._reader is not None
    await asyncio.wait_for(first._reader, 5)
    assert first.socket is not None
    assert first.socket.close_code == 1008
    await page.said("我在")


async def test_stop_sends_everybody_away_and_a_new_start_takes_them_back(tmp_path: Path) -> None:
    """The address stays, the cookie stays, the messages stay."""
    async with running(tmp_path) as town:
        li = await town.page("li")
        await li.said("重启之前")
        await town.stop()
        assert li._reader is not None
        await asyncio.wait_for(li._reader, 5)
        await town.start()
        await li.connect()
        assert await li.said("重启之后") == 2


async def test_a_stopped_channel_says_come_back_later(town: Town) -> None:
    """503 to the socket while nothing could be handed over."""
    li = await town.enter("li")
    town._stop.set()
    assert town._running is not None
    await town._running
    async with li.session.get(f"{li.home}ws") as answer:
        assert answer.status == 503
