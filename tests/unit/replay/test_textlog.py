"""WeChat's and QQ's text exports, in the forms in which they are met."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.replay.conversation import Conversation
from bot.cli.replay.textlog import read_textlog
from bot.errors import GridbridgeError

ZONE = ZoneInfo("Asia/Shanghai")
QQ = """\
消息记录（此消息记录为文本格式，不支持重新导入）

================================================================
消息分组:我的群聊
================================================================
消息对象:东关一网格群
================================================================

2026-11-23 9:12:33 【管理员】李婶(12345678)
3号楼路灯坏了
黑灯瞎火的

2026-11-23 9:13:01 张三<zhang@example.org>
[图片][图片]就这样

2026-11-23 9:14:00 系统消息(10000)
李婶邀请王五加入了本群。
"""


def read(text: str) -> Conversation:
    return read_textlog(text, "群聊.txt", ZONE)


def told(text: str) -> list[tuple[str, str, str]]:
    """(local time, name, words) of each message."""
    return [(f"{one.at.astimezone(ZONE):%m-%d %H:%M:%S}", one.who.name, one.text) for one in read(text).said]


def test_qq_writes_ranks_numbers_and_headings() -> None:
    """The rank and the number leave the name, the number tells people apart, the platform's own words are nobody's."""
    talk = read(QQ)
    assert talk.title == "东关一网格群"
    assert [(one.who.id, one.who.name, one.text, one.photos) for one in talk.said] == [
        ("12345678", "李婶", "3号楼路灯坏了\n黑灯瞎火的", 0),
        ("zhang@example.org", "张三", "就这样", 2),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23 09:12:33 李婶\n停水了\n\n2026-11-23 09:13:00 张三\n我家也是\n",
        "2026/11/23 9:12:33 李婶\n停水了\n2026/11/23 9:13 张三\n我家也是",
        "2026年11月23日 上午9:12:33 李婶\n停水了\n2026年11月23日 上午9:13 张三\n我家也是",
        "李婶 2026-11-23 09:12:33\n停水了\n张三 2026-11-23 09:13:00\n我家也是",
        "李婶: 2026.11.23 09:12:33\r\n停水了\r\n张三: 2026.11.23 09:13:00\r\n我家也是\r\n",
    ],
)
def test_each_form_says_the_same(text: str) -> None:
    assert told(text) == [("11-23 09:12:33", "李婶", "停水了"), ("11-23 09:13:00", "张三", "我家也是")]


def test_a_line_with_the_day_and_then_names_with_the_hour() -> None:
    """As WeChat mails it; a time inside somebody's words begins no message."""
    text = (
        "“东关群”的聊天记录\n\n————— 2026-11-22 —————\n\n李婶  21:10\n\n明早开会 9:30\n\n"
        "————— 2026-11-23 —————\n\n张三  07:05\n\n好的\n"
    )
    assert read(text).title == "东关群"
    assert told(text) == [("11-22 21:10:00", "李婶", "明早开会 9:30"), ("11-23 07:05:00", "张三", "好的")]


@pytest.mark.parametrize(
    ("time", "expected"),
    [("下午3:05", "15:05"), ("上午9:05", "09:05"), ("凌晨12:05", "00:05"), ("下午12:05", "12:05"), ("3:05 PM", "15:05"),
     ("12:05 AM", "00:05"), ("晚上11:59", "23:59"), ("23:59", "23:59")],
)  # fmt: skip
def test_halves_of_the_day(time: str, expected: str) -> None:
    assert told(f"2026-11-23 {time} 李婶\n停水了")[0][0] == f"11-23 {expected}:00"


@pytest.mark.parametrize(
    "answer",
    [
        "「李婶：3号楼路灯坏了」\n- - - - - - - - - - - - - - -\n收到",
        "收到\n引用：李婶：3号楼路灯坏了",
        "收到\n[引用]：李婶: 3号楼路…",
    ],
)
def test_a_quote_is_found_by_name_and_words(answer: str) -> None:
    """The latest message of that name that begins so."""
    talk = read(
        f"2026-11-23 09:00:00 李婶\n早\n2026-11-23 09:01:00 李婶\n3号楼路灯坏了 吓人\n2026-11-23 09:02:00 王芳\n{answer}\n"
    )
    assert (talk.said[2].text, talk.said[2].reply_to) == ("收到", 1)


def test_a_quote_of_what_is_not_there_is_no_quote() -> None:
    talk = read("2026-11-23 09:02:00 王芳\n「赵六：我说过这话」\n- - - - - - -\n收到\n")
    assert (talk.said[0].text, talk.said[0].reply_to) == ("收到", None)


def test_a_quoted_picture_is_the_last_one() -> None:
    talk = read("2026-11-23 09:00:00 李婶\n[图片]\n2026-11-23 09:02:00 王芳\n「李婶：[图片]」\n- - - - - - -\n收到\n")
    assert (talk.said[0].photos, talk.said[1].reply_to) == (1, 0)


@pytest.mark.parametrize("marks", ["[语音]", "[视频]", "[动画表情]"])
def test_what_has_no_words_says_nothing(marks: str) -> None:
    assert told(f"2026-11-23 09:00:00 李婶\n{marks}\n")[0][2] == ""


def test_messages_out_of_order_come_in_the_order_of_time() -> None:
    """Merged exports repeat and jump; a message keeps the number of its place in the file."""
    talk = read("2026-11-23 09:05:00 李婶\n二\n2026-11-23 09:00:00 张三\n一\n")
    assert [(one.index, one.text) for one in talk.said] == [(1, "一"), (0, "二")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("早上好\n路灯坏了\n", "看不出是哪种聊天记录（第一行是“早上好”）"),
        ("", "看不出是哪种聊天记录"),
        ("2026-13-23 09:00:00 李婶\n早", "第 1 行：没有这个时间"),
        ("2026-11-23 09:00:00 李婶\n早\n2026-11-23 25:00:00 李婶\n早", "第 3 行：没有这个时间"),
    ],
)
def test_what_is_no_chat_log_is_refused(text: str, words: str) -> None:
    with pytest.raises(GridbridgeError) as refusal:
        read(text)
    assert words in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1


NAMES = st.sampled_from(["李婶", "网格员 王芳", "A栋-301", "😀小太阳", "Tom Lee"])
WORDS = st.text(st.sampled_from("路灯坏了3号楼，。！ 停水abc"), min_size=1, max_size=20).map(str.strip).filter(bool)
TALK = st.lists(st.tuples(st.integers(1, 90_000), NAMES, WORDS), min_size=1, max_size=20)


@given(TALK, st.sampled_from(["{at:%Y-%m-%d %H:%M:%S} {name}", "{name} {at:%Y/%m/%d %H:%M:%S}"]))
def test_what_is_written_is_read(talk: list[tuple[int, str, str]], form: str) -> None:
    """Whoever says what when, in whichever form: all of it comes back."""
    at = datetime(2026, 11, 1, tzinfo=ZONE)
    lines, expected = [], []
    for gap, name, words in talk:
        at += timedelta(seconds=gap)
        lines += [form.format(at=at, name=name), words, ""]
        expected.append((at.astimezone(UTC), name, words))
    found = [(one.at, one.who.name, one.text) for one in read("\n".join(lines)).said]
    assert found == expected
