"""Floods through a real socket and a real upload: the sender is told, the program goes on, others hear nothing of it."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiohttp import WSMsgType

from bot.channels.webchat import words
from tests.crash.flood import picture
from tests.fakes.webtown import ROOM, Page, Town


async def raw(town: Town, page: Page, data: bytes, *, binary: bool = False) -> int | None:
    """What a hand-made client sends -> the code with which it is shown out, 0 without a word, None if it may stay."""
    socket = await page.session.ws_connect(page.home + "ws")
    writer = socket._writer  # the one way to send a text frame that is no text
    assert writer is not None
    try:
        async with asyncio.timeout(0.5):
            await writer.send_frame(data, WSMsgType.BINARY if binary else WSMsgType.TEXT)
            await socket.receive()
    except TimeoutError:
        return None
    except ConnectionError:
        return 0  # the rest of a very long frame is not even read
    finally:
        await socket.close()
    return socket.close_code


async def test_a_long_message_is_refused_with_a_sentence(town: Town) -> None:
    """He decides himself what to leave out; the room does not see it."""
    page = await town.page("li")
    for length in (2001, 9_000):
        assert (await page.answer(await page.say("啊" * length)))["text"] == words.TOO_LONG
    await page.said("3号楼路灯坏了")
    assert [one.text for one in town.bridge.said(ROOM)] == ["3号楼路灯坏了"]


async def test_a_million_characters_and_broken_bytes_cost_one_connection(town: Town) -> None:
    """Whoever sends them loses that page; his next one and his neighbour's go on."""
    page, neighbour = await town.page("li"), await town.page("zhao")
    frame = {"op": "say", "cid": "c", "room": ROOM, "text": "啊" * 1_000_000, "photos": []}
    assert await raw(town, page, json.dumps(frame).encode()) in {0, 1009}
    assert await raw(town, page, b'{"op":"say","text":"\xff\xfe\xed\xa0\x80"}') == 1007
    assert await raw(town, page, b"\x00" * 1000, binary=True) is None
    await neighbour.said("5号楼井盖没了")
    await page.said("3号楼路灯坏了")
    assert [one.text for one in town.bridge.said(ROOM)] == ["5号楼井盖没了", "3号楼路灯坏了"]


async def test_what_turns_a_line_round_never_reaches_the_room(town: Town) -> None:
    """Neither the other pages nor the bridge see control, bidi and invisible characters, or halves of characters."""
    page, neighbour = await town.page("li"), await town.page("zhao")
    n = await page.said("3号楼\u202e路灯\u200b坏了\u2066\x07\x00\ud83d，快来")
    assert (await neighbour.sees(n))["text"] == "3号楼路灯坏了，快来"
    assert [one.text for one in town.bridge.said(ROOM)] == ["3号楼路灯坏了，快来"]


async def test_a_burst_is_slowed_down_and_the_others_are_not(town: Town) -> None:
    """Three hundred messages at once: the first are said, he is told to rest, a neighbour's is said at once."""
    page, neighbour = await town.page("li"), await town.page("zhao")
    cids = [await page.say(f"第{number}条") for number in range(200)]
    await neighbour.said("5号楼井盖没了")
    answers = [await page.answer(cid) for cid in cids]
    said = sum(answer["op"] == "said" for answer in answers)
    assert 0 < said <= 20
    assert sum(answer.get("text") == words.TOO_FAST for answer in answers) == 200 - said
    assert len(town.bridge.said(ROOM)) == said + 1


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        (picture((8200, 6100)), 415, "万像素"),
        (picture((6000, 6000), "PNG"), 415, "万像素"),
        (b"%PDF" + bytes(1000), 415, "这不是照片"),
        (picture((800, 600))[:900], 415, "不完整"),
        (b"\xff\xd8\xff" + bytes(11 * 2**20), 413, "最多10MB"),
    ],
    ids=["50 megapixels", "bomb", "no photo", "cut off", "huge"],
)
async def test_a_photo_that_cannot_be_taken(town: Town, data: bytes, status: int, sentence: str) -> None:
    """Refused with a sentence, and the words can still be said."""
    page = await town.page("li")
    answered, body = await page.upload(data)
    assert answered == status
    assert sentence in body["error"]
    await page.said("3号楼路灯坏了")


@pytest.mark.parametrize(
    ("name", "status"), [(b"\xff\xfe\xe2\x80\xaegpj.exe", 200), (b"\x01\x00.jpg", 400)], ids=["bytes", "controls"]
)
async def test_an_upload_with_a_broken_name(town: Town, name: bytes, status: int) -> None:
    """Names of files are not read at all; one that makes the upload unreadable is told so."""
    page = await town.page("li")
    head = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="' + name + b'"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    body = head + picture((64, 48)) + b"\r\n--x--\r\n"
    async with page.session.post(page.home + "photo", data=body, headers=headers) as answer:
        assert answer.status == status
        assert (status == 200) == ("photo" in await answer.json())
