"""People talking: numbers, acknowledgements, edits, recalls, reading."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.model import InboundKind
from tests.fakes.bridge import until
from tests.fakes.webtown import ROOM, Town, running


async def test_a_message_reaches_the_others_and_the_bridge(town: Town) -> None:
    """The whole way: said, acknowledged, shown to others, handed over with its facts."""
    li, wang = await town.page("li"), await town.page("wang")
    n = await li.said("3号楼前的灯不亮了")
    seen = await wang.sees(n)
    assert (seen["text"], seen["from"]["name"], seen["from"]["bot"]) == ("3号楼前的灯不亮了", "李大爷", False)
    [inbound] = town.bridge.said(ROOM)
    assert (inbound.account, inbound.event_key, inbound.message_id) == ("webchat:main", f"{ROOM}/{n}", str(n))
    assert (inbound.sender.native_id, inbound.private) == ("li", False)


async def test_numbers_are_gapless_when_everybody_talks_at_once(town: Town) -> None:
    """Three people, sixty messages: the numbers 1 to 60, each page has them all, each person's order is kept."""
    pages = [await town.page(member) for member in ("wang", "li", "zhao")]
    cids = [[await page.say(f"{i}-{k}") for k in range(20)] for i, page in enumerate(pages)]
    numbers = [(await page.answer(cid, "said"))["n"] for page, mine in zip(pages, cids, strict=True) for cid in mine]
    assert sorted(numbers) == list(range(1, 61))
    for page in pages:
        await until(lambda page=page: len(page.messages[ROOM]) == 60)  # type: ignore[misc]
        for i in range(3):
            assert [text for text in page.texts() if text.startswith(f"{i}-")] == [f"{i}-{k}" for k in range(20)]
    assert [one.message_id for one in town.bridge.said(ROOM)] == [str(n) for n in range(1, 61)]


async def test_the_same_cid_is_one_message(town: Town) -> None:
    """A page that never heard the answer says it again, also over a new line."""
    li = await town.page("li")
    first = await li.said("停水了", cid="c-1")
    await li.disconnect()
    await li.connect()
    li.frames.clear()
    assert await li.said("停水了", cid="c-1") == first
    zhao = await town.page("zhao")
    assert await zhao.said("停水了", cid="c-1") == first + 1  # another person's cid is another message
    assert len(town.bridge.said(ROOM)) == 2


async def test_said_comes_only_after_the_bridge_has_it(town: Town) -> None:
    """While the database is slow there is no acknowledgement; others see the message already."""
    li, zhao = await town.page("li"), await town.page("zhao")
    town.bridge.open.clear()
    cid = await li.say("电梯停了")
    await zhao.sees(1)
    await asyncio.sleep(0.2)
    assert not [frame for frame in li.frames if frame.get("cid") == cid]
    town.bridge.open.set()
    assert (await li.answer(cid))["op"] == "said"


async def test_what_is_not_accepted_is_told_and_tried_until_it_is(town: Town) -> None:
    """One sentence, no acknowledgement; then in order, nothing lost, nothing twice."""
    li = await town.page("li")
    town.bridge.away = True
    cids = [await li.say(text) for text in ("一", "二", "三")]
    assert (await li.answer(cids[0]))["text"] == "暂时没收到，正在重试"
    await until(lambda: town.bridge.tries >= 2 or None)
    assert not [frame for frame in li.frames if frame["op"] == "said"]
    town.bridge.away = False
    for cid in cids:
        await li.answer(cid, "said")
    assert [one.text for one in town.bridge.said(ROOM)] == ["一", "二", "三"]
    assert sum(1 for frame in li.frames if frame["op"] == "error" and frame["cid"] == cids[0]) == 1


async def test_another_room_is_not_held_up(town: Town) -> None:
    """Only the room whose message is not accepted waits."""
    li = await town.page("li")
    town.bridge.open.clear()
    await li.say("这条在等")
    await until(lambda: town.bridge.tries >= 1)
    town.bridge.open.set()
    assert await li.said("私下说", room="p-li") == 1
    [inbound] = town.bridge.said("p-li")
    assert inbound.private


async def test_an_edit_and_a_recall_reach_everybody_and_the_bridge(town: Town) -> None:
    """The bridge hears each change once, under a key of its own, and of a recalled message nothing is left."""
    li, zhao = await town.page("li"), await town.page("zhao")
    n = await li.said("2号楼漏水")
    await li.act("edit", n, text="3号楼漏水")
    await until(lambda: zhao.messages[ROOM][n]["text"] == "3号楼漏水")
    assert zhao.messages[ROOM][n]["edited"]
    await li.act("recall", n)
    await until(lambda: zhao.messages[ROOM][n]["recalled"])
    assert zhao.messages[ROOM][n]["text"] == ""
    kinds = [(one.kind, one.event_key, one.text) for one in town.bridge.taken if one.chat == ROOM][1:]
    assert kinds == [
        (InboundKind.MESSAGE, "east/1", "2号楼漏水"),
        (InboundKind.EDIT, "east/1/e2", "3号楼漏水"),
        (InboundKind.RECALL, "east/1/r", ""),
    ]


async def test_nobody_changes_what_another_said_or_what_is_a_day_old(town: Town) -> None:
    """The sentence says why."""
    li, zhao = await town.page("li"), await town.page("zhao")
    n = await li.said("原话")
    assert "自己" in (await zhao.act("edit", n, text="假话"))["text"]
    assert "自己" in (await zhao.act("recall", n))["text"]
    town.clock.ahead = timedelta(hours=25)
    assert "24小时" in (await li.act("edit", n, text="新话"))["text"]
    assert (await zhao.sees(n))["text"] == "原话"


async def test_a_quote_carries_what_was_said(town: Town) -> None:
    """And shows nothing of it after it was recalled."""
    li, zhao = await town.page("li"), await town.page("zhao")
    n = await li.said("路灯坏了")
    m = await zhao.said("我家门口也是", quote=n)
    expected = {"n": n, "name": "李大爷", "text": "路灯坏了", "photo": False}
    assert (await li.sees(m))["quote"] == expected
    assert town.bridge.said(ROOM)[1].reply_to == str(n)
    await li.act("recall", n)
    late = await town.page("wang")
    assert (await late.sees(m))["quote"]["text"] == ""


async def test_read_marks_and_previews(town: Town) -> None:
    """A second device of the same person follows; the room list shows the newest words."""
    li, phone, tablet = await town.page("li"), await town.page("zhao"), await town.page("zhao")
    n = await li.said("都早点休息")
    await phone.sees(n)
    await phone.send({"op": "read", "room": ROOM, "n": n})
    assert await tablet.frame("read") == {"op": "read", "room": ROOM, "n": n}
    await phone.send({"op": "read", "room": ROOM, "n": n + 100})  # beyond what there is: ignored
    await tablet.disconnect()
    entry = next(room for room in (await tablet.connect())["rooms"] if room["id"] == ROOM)
    assert (entry["read"], entry["last"], entry["preview"]) == (n, n, "李大爷：都早点休息")
    assert (entry["members"], entry["kind"]) == (3, "residents")


async def test_older_messages_come_page_by_page(town: Town) -> None:
    """A fresh page gets the last fifty and asks for the rest."""
    for i in range(1, 121):
        await town.channel.people.say("li", ROOM, f"第{i}句")
    zhao = await town.page("zhao")
    await zhao.sees(120)
    assert sorted(zhao.messages[ROOM]) == list(range(71, 121))
    await zhao.send({"op": "history", "room": ROOM, "before": 71})
    older = await zhao.frame("history")
    assert [one["n"] for one in older["msgs"]] == list(range(21, 71))
    assert older["more"]
    seen = len(zhao.frames)
    await zhao.send({"op": "history", "room": ROOM, "before": 21})
    oldest = await zhao.frame("history", after=seen)
    assert ([one["n"] for one in oldest["msgs"]], oldest["more"]) == (list(range(1, 21)), False)


async def test_a_new_room_appears_on_open_pages(town: Town) -> None:
    """Also its messages, and its new title."""
    li = await town.page("li")
    await town.channel.ensure_room("west", "西关网格", "residents", ["li", "wang"])
    assert (await li.frame("room"))["title"] == "西关网格"
    assert await li.said("大家好", room="west") == 1
    await li.sees(1, "west")
    [joined] = await town.bridge.got(InboundKind.JOINED, 1, "west")
    assert (joined.event_key, joined.sender.is_bot) == ("west/joined", False)


async def test_too_fast_is_slowed_down_politely(tmp_path: Path) -> None:
    """Twenty in ten seconds; other people are not affected, and later it goes on."""
    async with running(tmp_path) as town:
        li, zhao = await town.page("li"), await town.page("zhao")
        cids = [await li.say(f"刷屏{i}") for i in range(25)]
        answers = [await li.answer(cid) for cid in cids]
        assert [one["op"] for one in answers] == ["said"] * 20 + ["error"] * 5
        assert "太快" in answers[-1]["text"]
        await zhao.said("我说一句")
        town.clock.ahead = timedelta(seconds=11)
        await li.said("慢慢说")


async def test_nonsense_gets_a_sentence_and_never_ends_the_line(town: Town) -> None:
    """Whatever a broken or hostile page sends; halves of characters and control characters too."""
    li = await town.page("li")
    assert li.socket is not None
    for raw in ("", "[]", "null", "{}", '{"op":"fly"}', '{"op":["say"]}', "[" * 5000, '{"op":"say"}'):
        await li.socket.send_str(raw)
    bad: list[dict[str, object]] = [
        {"op": "say", "cid": "x", "room": ROOM, "text": 5},
        {"op": "say", "cid": "../x", "room": ROOM, "text": "a"},
        {"op": "say", "cid": "y", "room": "nowhere", "text": "a"},
        {"op": "say", "cid": "z", "room": ROOM, "text": "  \u0000 "},
        {"op": "say", "cid": "w", "room": ROOM, "text": "长" * 2001},
        {"op": "say", "cid": "v", "room": ROOM, "text": "a", "photos": ["x"]},
        {"op": "say", "cid": "u", "room": ROOM, "text": "a", "photos": ["0" * 64]},
        {"op": "edit", "cid": "t", "room": ROOM, "n": True, "text": "a"},
        {"op": "press", "cid": "s", "room": ROOM, "n": 2**70, "data": "a"},
        {"op": "history", "room": "nowhere", "before": 5},
        {"op": "read", "room": "nowhere", "n": 5},
    ]
    for frame in bad:
        await li.send(frame)
    town.clock.ahead = timedelta(seconds=11)
    n = await li.said("半个字\ud83d和\u0007铃\u0000")
    assert (n, (await li.sees(n))["text"]) == (1, "半个字和铃")
    errors = [frame for frame in li.frames if frame["op"] == "error"]
    assert len(errors) == 8 + len(bad) - 1  # a read mark that moves nothing is silent
    assert all(frame["text"] for frame in errors)
