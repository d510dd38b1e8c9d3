"""What the bot posts, and the buttons on it."""

from __future__ import annotations

import asyncio
import hashlib
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.channels.webchat import presses
from bot.errors import MediaGone
from bot.model import Attachment, Button, Card, Dead, InboundKind, Photo, Post, Retry, Scope, Sent
from tests.fakes.bridge import until
from tests.fakes.webtown import ROOM, Page, Town, running

CARD = Card("路灯不亮", (("地点", "3号楼"), ("上报", "李大爷")), "依据：灯、不亮", urgent=True)
BUTTONS = (Button("确认", "accept:1:1", "primary"), Button("不受理", "decline:1:1"))


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def sent(town: Town, post: Post) -> int:
    result = await town.channel.send(post)
    assert isinstance(result, Sent)
    return int(result.message_id)


async def test_a_post_arrives_with_all_its_parts(town: Town) -> None:
    """Text, card, buttons, photo, quote; as the bot, and not fed back to the bridge."""
    li = await town.page("li")
    asked = await li.said("灯坏了")
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, "JPEG")
    picture = Photo(hashlib.sha256(out.getvalue()).hexdigest(), "image/jpeg", out.getvalue())
    n = await sent(town, Post(ROOM, "k", "看一下", CARD, str(asked), None, BUTTONS, (picture,)))
    seen = await li.sees(n)
    assert seen["from"] == {"id": "bot", "name": "网格小助手", "bot": True, "staff": False}
    assert (seen["text"], seen["quote"]["text"]) == ("看一下", "灯坏了")
    assert seen["card"] == {
        "title": "路灯不亮",
        "lines": [["地点", "3号楼"], ["上报", "李大爷"]],
        "note": "依据：灯、不亮",
        "urgent": True,
    }
    assert [(one["label"], one["data"], one["style"]) for one in seen["buttons"]] == [
        ("确认", "accept:1:1", "primary"),
        ("不受理", "decline:1:1", ""),
    ]
    assert await li.photo(seen["photos"][0]) == (200, out.getvalue())
    assert await li.said("收到", quote=n) == n + 1
    assert town.bridge.said(ROOM)[-1].reply_to_bot
    assert len(town.bridge.said(ROOM)) == 2


async def test_the_same_key_is_posted_once(town: Town) -> None:
    """Also when two deliveries run at once; another key is another message."""
    posts = [Post(ROOM, "outbox-7", "结果")] * 5
    results = await asyncio.gather(*(town.channel.send(post) for post in posts))
    assert results == [Sent("1")] * 5
    assert await town.channel.send(Post(ROOM, "outbox-8", "结果")) == Sent("2")


async def test_an_edit_replaces_the_card(town: Town) -> None:
    """Same number, new revision, no buttons left; a message that is not there cannot be edited."""
    li = await town.page("li")
    n = await sent(town, Post(ROOM, "a", card=CARD, buttons=BUTTONS))
    first = await li.sees(n)
    assert await town.channel.send(Post(ROOM, "b", card=Card("已受理"), edits=str(n))) == Sent(str(n))
    await until(lambda: li.messages[ROOM][n]["rev"] > first["rev"])
    assert (li.messages[ROOM][n]["card"]["title"], li.messages[ROOM][n]["buttons"]) == ("已受理", [])
    for wrong in ("99", "x", "-1", "9" * 40):
        assert isinstance(await town.channel.send(Post(ROOM, "c", "x", edits=wrong)), Dead)


async def test_an_unknown_room_is_dead_and_a_private_one_is_made(town: Town) -> None:
    """A person's private room is there as soon as the bot has something to say."""
    result = await town.channel.send(Post("nowhere", "k", "x"))
    assert isinstance(result, Dead)
    assert result.scope is Scope.DESTINATION
    assert isinstance(await town.channel.send(Post("p-nobody", "k2", "x")), Dead)
    assert town.channel.private_chat("li") == "p-li"
    assert await town.channel.send(Post("p-li", "k3", "只跟您说")) == Sent("1")


async def test_a_text_beyond_the_capabilities_is_dead(town: Town) -> None:
    """Whoever posts must split; cutting in silence would lose words."""
    most = town.channel.capabilities.max_text
    assert await town.channel.send(Post(ROOM, "k", "长" * most)) == Sent("1")
    assert isinstance(await town.channel.send(Post(ROOM, "k2", "长" * (most + 1))), Dead)


async def press(page: Page, n: int, data: str, cid: str = "press-1") -> dict[str, Any]:
    await page.send({"op": "press", "cid": cid, "room": ROOM, "n": n, "data": data})
    return await page.answer(cid)


async def test_a_press_brings_the_word_on_the_spot(town: Town) -> None:
    """The bridge gets one event; the same press again, over a new line, is answered from memory."""
    wang = await town.page("wang")
    n = await sent(town, Post(ROOM, "a", card=CARD, buttons=BUTTONS))

    async def answers() -> None:
        [event] = await town.bridge.got(InboundKind.BUTTON)
        await town.channel.ack(event, "№1 已由您确认")

    answering = asyncio.create_task(answers())
    assert await press(wang, n, "accept:1:1") == {"op": "pressed", "cid": "press-1", "text": "№1 已由您确认"}
    await answering
    await wang.disconnect()
    wang.frames.clear()
    await wang.connect()
    assert (await press(wang, n, "accept:1:1"))["text"] == "№1 已由您确认"
    [event] = town.bridge.of(InboundKind.BUTTON)
    assert (event.event_key, event.button, event.message_id) == ("press:wang:press-1", "accept:1:1", str(n))
    assert (event.sender.native_id, event.chat, event.private) == ("wang", ROOM, False)


async def test_a_press_without_an_answer_ends_quietly(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """After three seconds, shortened here, the page stops waiting; other requests went on meanwhile."""
    monkeypatch.setattr(presses, "WAIT", 0.3)
    wang = await town.page("wang")
    n = await sent(town, Post(ROOM, "a", card=CARD, buttons=BUTTONS))
    await wang.send({"op": "press", "cid": "p", "room": ROOM, "n": n, "data": "accept:1:1"})
    await wang.said("我先说一句")
    assert not [frame for frame in wang.frames if frame.get("cid") == "p"]
    assert await wang.answer("p") == {"op": "pressed", "cid": "p", "text": ""}


@pytest.mark.parametrize("spoil", ["other data", "a resident's message", "edited away"])
async def test_only_buttons_that_are_there_can_be_pressed(town: Town, spoil: str) -> None:
    """A page cannot invent one."""
    wang = await town.page("wang")
    n = await sent(town, Post(ROOM, "a", card=CARD, buttons=BUTTONS))
    data = "accept:1:1"
    if spoil == "other data":
        data = "close:1:1"
    elif spoil == "a resident's message":
        n = await wang.said("accept:1:1")
    else:
        await sent(town, Post(ROOM, "b", card=CARD, edits=str(n)))
    assert "过期" in (await press(wang, n, data))["text"]
    assert town.bridge.of(InboundKind.BUTTON) == []


async def test_a_press_that_is_not_accepted_may_be_repeated(town: Town) -> None:
    """The sentence asks for it."""
    wang = await town.page("wang")
    n = await sent(town, Post(ROOM, "a", card=CARD, buttons=BUTTONS))
    town.bridge.away = True
    assert "再点一次" in (await press(wang, n, "accept:1:1"))["text"]
    town.bridge.away = False
    wang.frames.clear()
    speech = (await town.channel._parts()).speech
    asyncio.get_running_loop().call_later(0.1, speech.answer_press, "press:wang:press-1", "好")
    assert (await press(wang, n, "accept:1:1"))["text"] == "好"


async def test_old_messages_are_forgotten_and_numbers_go_on(tmp_path: Path) -> None:
    """After the retention time nothing of them is in the file, photos without a message go a day later."""
    async with running(tmp_path, retention_days=30) as town:
        li = await town.page("li")
        out = io.BytesIO()
        Image.new("RGB", (30, 30), "blue").save(out, "JPEG")
        _, used = await li.upload(out.getvalue())
        await li.said("很久以前说的话", photos=[used["photo"]])
        await li.said("也是很久以前")
        rooms = (await town.channel._parts()).rooms
        assert (await rooms.forget(town.clock(), 30)).messages == 0
        town.clock.ahead = timedelta(days=31)
        assert await town.channel.people.say("li", ROOM, "今天说的") == 3
        gone = await rooms.forget(town.clock(), 30)
        assert (gone.messages, gone.photos) == (2, 1)
        fresh = await town.page("wang")
        await fresh.sees(3)
        assert list(fresh.messages[ROOM]) == [3]
        await fresh.send({"op": "history", "room": ROOM, "before": 3})
        assert not (await fresh.frame("history"))["more"]
        assert await town.channel.people.say("li", ROOM, "接着数") == 4
        with pytest.raises(MediaGone):
            await town.channel.fetch(Attachment("photo", used["photo"]))
    stored = on_disk(tmp_path)
    assert "很久以前".encode() not in stored
    assert "今天说的".encode() in stored


async def test_a_history_that_cannot_be_written_holds_the_account(town: Town) -> None:
    """The row waits and loses no attempt; the page gets a sentence."""
    li = await town.page("li")
    for text in ("早", "早上好"):  # once it sees the second one it reads none of its rooms any more
        await li.sees(await town.channel.people.say("li", ROOM, text))
    parts = await town.channel._parts()
    await parts.rooms.close()
    result = await town.channel.send(Post(ROOM, "k", "x"))
    assert isinstance(result, Retry)
    assert result.scope is Scope.ACCOUNT
    cid = await li.say("存不下来")
    assert "稍后" in (await li.answer(cid))["text"]
    town.channel._opened = None


async def test_no_log_line_holds_what_people_say(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """Not when it works, not when it is not accepted, not when something breaks."""
    caplog.set_level("DEBUG")
    li = await town.page("li")
    town.bridge.away = True
    cid = await li.say("我家的秘密电话13800138000")
    await li.answer(cid)
    town.bridge.away = False
    await li.answer(cid, "said")
    assert [
        record.message for record in caplog.records if "秘密" in record.getMessage() or "秘密" in str(record.__dict__)
    ] == []
    assert any(record.message == "not accepted yet" for record in caplog.records)
