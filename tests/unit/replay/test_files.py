"""Dialogues as JSON lines, Telegram Desktop's export, and who in them works for the grid."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.cli.replay.conversation import Conversation, Part
from bot.cli.replay.reading import read_conversations
from bot.errors import GridbridgeError

ZONE = ZoneInfo("Asia/Shanghai")
LOG = "2026-11-23 09:12:33 李婶\n停水了\n2026-11-23 09:13:00 网格员王芳\n收到\n2026-11-23 09:14:00 阳光物业\n在修\n"


def message(**fields: Any) -> dict[str, Any]:
    return {"t": 0, "sender": "resident A", "text": "停水了", "reply_to": None, "photo": False, **fields}


def telegram(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"name": "东关群", "type": "private_supergroup", "id": 77, "messages": list(messages), **fields}


def written(folder: Path, content: str | bytes) -> str:
    file = folder / "talk"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(file)


def read(folder: Path, content: str | bytes, *staff: str) -> list[Conversation]:
    return read_conversations(written(folder, content), ZONE, staff)


def refusal(folder: Path, content: str | bytes, *staff: str) -> str:
    with pytest.raises(GridbridgeError) as refused:
        read(folder, content, *staff)
    assert len(str(refused.value).splitlines()) == 1
    return str(refused.value)


# ---------------------------------------------------------------- dialogues


def test_a_dialogue_a_line(tmp_path: Path) -> None:
    """Seconds count from a Monday morning in the city; who works there says the sender's name."""
    lines = [
        {"id": "d1", "messages": [message(), message(t=20, sender="worker 2", text="收到", reply_to=0, photo=True)]},
        {"messages": [message(sender="property", text=None)]},
    ]
    first, second = read(tmp_path, "\n\n".join(json.dumps(line) for line in lines))
    assert first.start == datetime(2026, 11, 23, 10, tzinfo=ZONE)
    assert [(one.who.part, one.at - first.start, one.reply_to, one.photos) for one in first.said] == [
        (Part.RESIDENT, timedelta(0), None, 0),
        (Part.WORKER, timedelta(seconds=20), 0, 1),
    ]
    assert (second.id, second.said[0].who.part, second.said[0].text) == ("3", Part.PROPERTY, "")


def test_a_dialogue_may_say_when_it_began(tmp_path: Path) -> None:
    body = {"id": 7, "start": "2026-11-23T22:00", "messages": [message()]}
    talk = read(tmp_path, json.dumps(body, indent=1))[0]
    assert (talk.id, talk.start) == ("7", datetime(2026, 11, 23, 22, tzinfo=ZONE))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"id": 1}', '第 1 行：缺少 "messages"'),
        ('{"id": 1, "messages": []}\n{"id": ', "第 2 行：不是完整的 JSON"),
        ('{"id": 1, "messages": [5]}', "第 1 行 第 0 条消息"),
        (json.dumps({"messages": [message(), message(t=-1)]}), "第 1 条消息（从 0 数起）：t 应在 0 到"),
        (json.dumps({"messages": [message(t="3")]}), "t 应是从开头算起的秒数"),
        (json.dumps({"messages": [message(t=float("nan"))]}), "t 应是从开头算起的秒数"),
        (json.dumps({"messages": [message(t=10**12)]}), "t 应在 0 到"),
        (json.dumps({"messages": [message(sender=" ")]}), '缺少 "sender"'),
        (json.dumps({"messages": [message(text=5)]}), '"text" 不是文字'),
        (json.dumps({"messages": [message(reply_to=3)]}), "reply_to 应是另一条消息的序号"),
        (json.dumps({"messages": [message(reply_to=0)]}), "reply_to 应是另一条消息的序号"),
        (json.dumps({"messages": [message(reply_to=True)]}), "reply_to 应是另一条消息的序号"),
        (json.dumps({"messages": [message(photo="x")]}), "photo 应是 true 或 false"),
        (json.dumps({"start": "gestern", "messages": []}), "start 应写成"),
        ('{"messages": []}', "一条消息也没有"),
    ],
)
def test_a_broken_dialogue_is_named_with_its_line(tmp_path: Path, content: str, words: str) -> None:
    assert words in refusal(tmp_path, content)


def test_a_deeply_nested_line_is_no_crash(tmp_path: Path) -> None:
    assert "不是完整的 JSON" in refusal(tmp_path, '{"a":' + "[" * 100_000)


# ---------------------------------------------------------------- Telegram


def test_telegrams_export(tmp_path: Path) -> None:
    """Marked-up words are joined, service messages passed over, quotes found by id, moments exact."""
    body = telegram(
        {"id": 1, "type": "service", "action": "create_group", "date": "2026-11-23T09:00:00", "text": ""},
        {"id": 2, "type": "message", "date": "2026-11-23T01:00:00", "date_unixtime": "1795395600", "from": "李婶",
         "from_id": "user1", "text": ["看 ", {"type": "link", "text": "example.org"}, " 停水了"]},
        {"id": 3, "type": "message", "date": "2026-11-23T09:00:20", "from": None, "from_id": "user2", "text": "我家也是",
         "reply_to_message_id": 2, "photo": "photos/photo_1.jpg"},
    )  # fmt: skip
    talk = read(tmp_path, json.dumps(body))[0]
    assert (talk.id, talk.title) == ("77", "东关群")
    assert [(one.who.id, one.who.name, one.text, one.reply_to, one.photos) for one in talk.said] == [
        ("user1", "李婶", "看 example.org 停水了", None, 0),
        ("user2", "已注销的账号", "我家也是", 0, 1),
    ]
    assert talk.said[0].at == datetime.fromtimestamp(1795395600, UTC)
    assert talk.said[1].at == datetime(2026, 11, 23, 9, 0, 20, tzinfo=ZONE)


def test_a_whole_accounts_export_gives_its_groups(tmp_path: Path) -> None:
    """Private talks are nobody's business here."""
    said = {"id": 2, "type": "message", "date": "2026-11-23T09:00:00", "from": "李婶", "from_id": "u", "text": "停水了"}
    chats = [
        telegram(said),
        telegram(said, type="personal_chat", id=1),
        telegram(id=2),
        telegram(said, type="private_group", id=3),
    ]
    assert [talk.id for talk in read(tmp_path, json.dumps({"chats": {"list": chats}}))] == ["77", "3"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (telegram(), "没有群聊的消息"),
        ({"chats": {"list": []}}, "没有群聊的消息"),
        (telegram({"id": 2, "type": "message", "from": "李婶", "text": "早"}), "第 1 条消息：没有看得懂的时间"),
        (
            telegram({"id": 2, "type": "message", "from": "李", "text": "早", "date_unixtime": "1" * 40}),
            "没有看得懂的时间",
        ),
    ],
)
def test_a_wrong_export_is_refused(tmp_path: Path, body: dict[str, Any], words: str) -> None:
    assert words in refusal(tmp_path, json.dumps(body))


# ---------------------------------------------------------------- who is who, and encodings


def test_staff_are_known_by_their_names_or_by_what_is_told(tmp_path: Path) -> None:
    """Told names stand alone: a guess beside them would be a guess too many."""
    guessed = {person.name: person.part for person in read(tmp_path, LOG)[0].people}
    assert guessed == {"李婶": Part.RESIDENT, "网格员王芳": Part.WORKER, "阳光物业": Part.PROPERTY}
    told = {person.name: person.part for person in read(tmp_path, LOG, "李婶")[0].people}
    assert told == {"李婶": Part.WORKER, "网格员王芳": Part.RESIDENT, "阳光物业": Part.RESIDENT}


def test_a_name_nobody_has_is_refused(tmp_path: Path) -> None:
    assert "没有叫 赵六 的人" in refusal(tmp_path, LOG, "李婶", "赵六")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_each_usual_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, LOG.encode(encoding))[0].said[0].text == "停水了"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "不是文字的内容"),
        (b"\xff\xff\xff", "认不出是什么编码"),
        ("路灯".encode("utf-16")[:5], "第 1 行有坏字"),
        ("2026-11-23 09:12:33 李嬸\n停水了\n".encode("big5"), "认不出是什么编码"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    assert words in refusal(tmp_path, content)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GridbridgeError, match="文件不存在"):
        read_conversations(str(tmp_path / "nothing.txt"), ZONE, ())
