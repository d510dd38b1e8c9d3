"""What every channel must do, whatever its platform. Cases it cannot have are skipped with the reason."""

from __future__ import annotations

import asyncio
import hashlib
import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from bot.errors import MediaGone
from bot.flow.terms import STANDARD
from bot.model import Attachment, Button, Card, Dead, Inbound, InboundKind, Photo, Post, Retry, Scope, Sent, Unknown
from bot.ports import Capabilities, ChannelState
from tests.contract.harness import RESIDENT, WORKER, Harness, Seen, facts, longest, picture
from tests.fakes.bridge import until

CARD = Card("路灯不亮", (("地点", "3号楼前"), ("上报", "李大爷")), "依据：灯、不亮", urgent=True)
BUTTONS = (Button("确认", "accept:128:3", "primary"), Button("不受理", "decline:128:3", "danger"))
TEXTS = ["3号楼前的平安灯又不亮了", "一行\n两行", "*星* _线_ <b>尖</b> [括](x) `码`", "👍🏽 𠮷家 é", "x" * 500]


def needs(harness: Harness, case: str, capability: str = "") -> None:
    """Skip what the platform cannot have, by its own data."""
    if case in harness.lacks:
        pytest.skip(f"{harness.channel.account}: {harness.lacks[case]}")
    if capability and not getattr(harness.channel.capabilities, capability):
        pytest.skip(f"{harness.channel.account}: capabilities say no {capability}")


async def last(harness: Harness, kind: InboundKind, count: int = 1) -> Inbound:
    return (await harness.bridge.got(kind, count, harness.group))[-1]


async def sent(harness: Harness, post: Post) -> str:
    result = await harness.channel.send(post)
    assert isinstance(result, Sent), result
    return result.message_id


async def only_post(harness: Harness, chat: str = "") -> Seen:
    [seen] = await harness.posted(chat or harness.group)
    return seen


# ---------------------------------------------------------------- what comes in


@pytest.mark.parametrize("text", TEXTS, ids=["words", "lines", "markup", "beyond the plane", "long"])
async def test_a_text_comes_in_whole_with_its_facts(harness: Harness, text: str) -> None:
    """Who, where, when and every character."""
    message_id = await harness.say(RESIDENT, text)
    inbound = await last(harness, InboundKind.MESSAGE)
    assert (inbound.text, inbound.message_id, inbound.chat) == (text, message_id, harness.group)
    assert (inbound.account, inbound.private) == (harness.channel.account, False)
    assert inbound.sender.native_id == harness.native(RESIDENT)
    assert inbound.sender.name
    assert not inbound.sender.is_bot
    assert abs(datetime.now(UTC) - inbound.sent_at) < timedelta(seconds=30)


async def test_private_words_are_private(harness: Harness) -> None:
    """And the channel knows by itself where a person is reached alone."""
    chat = harness.private(WORKER)
    await harness.say(WORKER, "待办", chat=chat)
    [inbound] = await harness.bridge.got(InboundKind.MESSAGE, 1, chat)
    assert inbound.private
    if harness.channel.capabilities.can_dm:
        assert harness.channel.private_chat(harness.native(WORKER)) == chat


async def test_a_photo_comes_in_and_can_be_fetched(harness: Harness) -> None:
    """As an attachment with a reference; the bytes are a photo."""
    needs(harness, "photo", "photos")
    await harness.say(RESIDENT, "看看这灯", photo=picture())
    inbound = await last(harness, InboundKind.MESSAGE)
    [attachment] = inbound.attachments
    assert attachment.kind == "photo"
    assert Image.open(io.BytesIO(await harness.channel.fetch(attachment))).size == (40, 30)


async def test_what_cannot_be_fetched_is_gone(harness: Harness) -> None:
    """A value the flow knows, not any error."""
    with pytest.raises(MediaGone):
        await harness.channel.fetch(Attachment("photo", "0" * 64))


async def test_a_quote_names_its_message_and_whether_it_is_the_bots(harness: Harness) -> None:
    """Both decide what a short answer means."""
    needs(harness, "quote", "quotes")
    first = await harness.say(RESIDENT, "灯坏了")
    await harness.say(WORKER, "收到", quote=first)
    inbound = await last(harness, InboundKind.MESSAGE, 2)
    assert (inbound.reply_to, inbound.reply_to_bot) == (first, False)
    post = await sent(harness, Post(harness.group, "k", "路灯处理好了"))
    await harness.say(RESIDENT, "没好", quote=post)
    inbound = await last(harness, InboundKind.MESSAGE, 3)
    assert (inbound.reply_to, inbound.reply_to_bot) == (post, True)


async def test_a_mention_is_told_apart(harness: Harness) -> None:
    """The words stay, whoever is addressed."""
    await harness.say(RESIDENT, "帮助")
    await harness.mention(RESIDENT, "帮助")
    plain, addressed = await harness.bridge.got(InboundKind.MESSAGE, 2, harness.group)
    assert (plain.mentions_bot, addressed.mentions_bot) == (False, True)
    assert "帮助" in addressed.text


async def test_an_edit_comes_in_as_an_edit(harness: Harness) -> None:
    """With the new words, the old message's id and a key of its own, also the second time."""
    needs(harness, "edit")
    message_id = await harness.say(RESIDENT, "3号楼灯不亮")
    await harness.edit(RESIDENT, message_id, "5号楼灯不亮")
    await harness.edit(RESIDENT, message_id, "6号楼灯不亮")
    await harness.bridge.got(InboundKind.EDIT, 2)
    assert [facts(one) for one in harness.bridge.of(InboundKind.EDIT)] == [
        ("edit", message_id, "5号楼灯不亮"),
        ("edit", message_id, "6号楼灯不亮"),
    ]
    assert len({one.event_key for one in harness.bridge.taken}) == len(harness.bridge.taken)


async def test_a_recall_comes_in_without_the_words(harness: Harness) -> None:
    """Nothing of what was taken back."""
    needs(harness, "recall")
    message_id = await harness.say(RESIDENT, "说错了的话")
    await harness.recall(RESIDENT, message_id)
    inbound = await last(harness, InboundKind.RECALL)
    assert (inbound.message_id, inbound.text) == (message_id, "")


async def test_a_button_comes_in_and_is_answered_on_the_spot(harness: Harness) -> None:
    """Who pressed what on which message; the word reaches the one who pressed."""
    needs(harness, "button", "buttons")
    post = await sent(harness, Post(harness.group, "k", card=CARD, buttons=BUTTONS))

    async def answer() -> None:
        [event] = await harness.bridge.got(InboundKind.BUTTON)
        await harness.channel.ack(event, "№128 已由您确认")

    answering = asyncio.create_task(answer())
    assert await harness.press(WORKER, post, "accept:128:3") == "№128 已由您确认"
    await answering
    [event] = harness.bridge.of(InboundKind.BUTTON)
    assert (event.button, event.message_id, event.chat) == ("accept:128:3", post, harness.group)
    assert event.sender.native_id == harness.native(WORKER)


async def test_the_order_of_a_chat_is_kept(harness: Harness) -> None:
    """Twenty messages of two people."""
    for i in range(20):
        await harness.say((RESIDENT, WORKER)[i % 2], f"第{i}句")
    await harness.bridge.got(InboundKind.MESSAGE, 20, harness.group)
    assert [one.text for one in harness.bridge.said(harness.group)] == [f"第{i}句" for i in range(20)]


async def test_a_second_delivery_has_the_same_key(harness: Harness) -> None:
    """So that the inbox can ignore it."""
    needs(harness, "duplicate")
    await harness.say(RESIDENT, "灯坏了")
    first = await last(harness, InboundKind.MESSAGE)
    count = len(harness.bridge.deliveries)
    await harness.deliver_again()
    await until(lambda: len(harness.bridge.deliveries) > count)
    again = harness.bridge.deliveries[-1]
    assert (again.event_key, facts(again)) == (first.event_key, facts(first))
    assert len(harness.bridge.said(harness.group)) == 1


async def test_what_is_not_accepted_comes_again_in_order(harness: Harness) -> None:
    """The database is away for a while: nothing is acknowledged, nothing is lost."""
    await harness.say(RESIDENT, "之前")
    harness.bridge.away = True
    for text in ("一", "二", "三"):
        await harness.say(RESIDENT, text)
    await until(lambda: harness.bridge.tries >= 3)
    assert [one.text for one in harness.bridge.said(harness.group)] == ["之前"]
    harness.bridge.away = False
    await harness.bridge.got(InboundKind.MESSAGE, 4, harness.group)
    assert [one.text for one in harness.bridge.said(harness.group)] == ["之前", "一", "二", "三"]


async def test_the_bots_own_posts_do_not_come_back(harness: Harness) -> None:
    """No echo, no loop."""
    await sent(harness, Post(harness.group, "k", "路灯坏了这类事我转给网格员"))
    await harness.say(RESIDENT, "好的")
    await harness.bridge.got(InboundKind.MESSAGE, 1, harness.group)
    assert [one.text for one in harness.bridge.deliveries if one.kind is InboundKind.MESSAGE] == ["好的"]


# ---------------------------------------------------------------- what goes out


@pytest.mark.parametrize("text", TEXTS, ids=["words", "lines", "markup", "beyond the plane", "long"])
async def test_a_text_goes_out_as_it_is(harness: Harness, text: str) -> None:
    """No character is taken for markup."""
    message_id = await sent(harness, Post(harness.group, "k", text))
    seen = await only_post(harness)
    assert (seen.id, seen.text) == (message_id, text)


async def test_a_private_post_reaches_the_person(harness: Harness) -> None:
    """And not the group."""
    needs(harness, "private", "can_dm")
    chat = harness.channel.private_chat(harness.native(RESIDENT))
    assert chat is not None
    await sent(harness, Post(chat, "k", "只跟您说"))
    assert (await only_post(harness, chat)).text == "只跟您说"
    assert await harness.posted(harness.group) == []


async def test_a_card_shows_everything_on_it(harness: Harness) -> None:
    """Title, each label with its value, the note, and the buttons where there are any."""
    await sent(harness, Post(harness.group, "k", card=CARD, buttons=BUTTONS))
    seen = await only_post(harness)
    for words in ("路灯不亮", "地点", "3号楼前", "上报", "李大爷", "依据：灯、不亮"):
        assert words in seen.text
    if harness.channel.capabilities.buttons:
        assert seen.buttons == (("确认", "accept:128:3"), ("不受理", "decline:128:3"))


async def test_photos_go_out(harness: Harness) -> None:
    """Two of them, with the words, readable."""
    needs(harness, "photo", "photos")
    photos = tuple(
        Photo(hashlib.sha256(data).hexdigest(), "image/jpeg", data) for data in (picture("red"), picture("blue"))
    )
    await sent(harness, Post(harness.group, "k", "换好了", photos=photos))
    seen = await harness.posted(harness.group)
    shown = [photo for one in seen for photo in one.photos]
    assert len(shown) == 2
    assert all(Image.open(io.BytesIO(data)).width == 40 for data in shown)
    assert "换好了" in "".join(one.text for one in seen)


async def test_a_quote_goes_out(harness: Harness) -> None:
    """Quoting what a person said; a message that is gone does not stop the words."""
    needs(harness, "quote", "quotes")
    asked = await harness.say(RESIDENT, "灯坏了")
    await sent(harness, Post(harness.group, "k", "处理好了", quote=asked))
    assert (await only_post(harness)).quote == asked
    await sent(harness, Post(harness.group, "k2", "还有一句", quote="999999"))
    assert [one.text for one in await harness.posted(harness.group)] == ["处理好了", "还有一句"]


async def test_an_edit_replaces_the_post(harness: Harness) -> None:
    """One message before and after, its buttons gone."""
    needs(harness, "edit own", "edits")
    message_id = await sent(harness, Post(harness.group, "k", card=CARD, buttons=BUTTONS))
    await sent(harness, Post(harness.group, "k2", card=Card("已由王芳确认"), edits=message_id))
    seen = await only_post(harness)
    assert (seen.id, seen.buttons) == (message_id, ())
    assert "已由王芳确认" in seen.text
    assert "3号楼前" not in seen.text


async def test_the_longest_text_goes_out_whole_and_a_longer_one_not_at_all(harness: Harness) -> None:
    """In the platform's own unit. Nothing is ever cut in silence."""
    text = longest(harness.channel.capabilities)
    await sent(harness, Post(harness.group, "k", text))
    result = await harness.channel.send(Post(harness.group, "k2", text + "x"))
    assert isinstance(result, Dead)
    assert result.scope is Scope.ROW
    assert (await only_post(harness)).text == text


async def test_the_same_key_is_one_message(harness: Harness) -> None:
    """A row that is sent again because its outcome was lost."""
    needs(harness, "idempotent")
    post = Post(harness.group, "outbox-7", "结果")
    assert await sent(harness, post) == await sent(harness, post)
    await only_post(harness)


async def test_an_unknown_destination_is_dead(harness: Harness) -> None:
    """And only the destination, not the account."""
    result = await harness.channel.send(Post(harness.unknown_chat, "k", "有人吗"))
    assert isinstance(result, Dead)
    assert result.scope is Scope.DESTINATION


async def test_an_outage_is_a_value(harness: Harness) -> None:
    """Not an exception, and never a loss in silence."""
    needs(harness, "outage")
    await harness.cut()
    result = await harness.channel.send(Post(harness.group, "k", "结果"))
    await harness.restore()
    assert isinstance(result, Retry | Unknown)


# ---------------------------------------------------------------- the line


async def test_it_comes_back_by_itself_and_loses_nothing(harness: Harness) -> None:
    """What was said while the line was cut arrives once, after what was said before."""
    await harness.say(RESIDENT, "断线之前")
    await harness.bridge.got(InboundKind.MESSAGE, 1, harness.group)
    await harness.cut()
    await harness.say_while_cut(RESIDENT, "断线时说的")
    await harness.restore()
    await harness.bridge.got(InboundKind.MESSAGE, 2, harness.group)
    await harness.say(RESIDENT, "恢复以后")
    await harness.bridge.got(InboundKind.MESSAGE, 3, harness.group)
    assert [one.text for one in harness.bridge.said(harness.group)] == ["断线之前", "断线时说的", "恢复以后"]
    await sent(harness, Post(harness.group, "k", "我也回来了"))


async def test_its_state_tells_whether_it_is_up(harness: Harness) -> None:
    """Up while it runs, stopped afterwards."""
    states = [harness.channel.status.state]
    await harness.stop()
    states.append(harness.channel.status.state)
    assert states == [ChannelState.UP, ChannelState.STOPPED]


async def test_its_capabilities_can_be_kept(harness: Harness) -> None:
    """Numbers a sender can work with."""
    can: Capabilities = harness.channel.capabilities
    assert can.text_unit in {"chars", "bytes", "utf16"}
    assert can.max_text >= 500
    assert can.per_chat_per_minute > 0
    assert can.per_account_per_second > 0
    assert 0 < can.send_timeout < STANDARD.outbox.total_seconds() / 2  # and there is time left to mark it
