"""One spelling for what people type."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.normalize import MAX_LENGTH, normalize


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("３号楼", "3号楼"),
        ("KTV太吵", "ktv太吵"),
        ("ＫＴＶ", "ktv"),
        ("電梯壞了", "电梯坏了"),
        ("着火著火", "着火着火"),
        ("路\u200b灯\ufeff", "路灯"),
        ("停电了[捂脸][捂脸]", "停电了  "),
        ("看[图片]", "看[图片]"),
        ("1️⃣号楼", "1号楼"),
        ("啊啊啊啊啊！！！！", "啊啊!!"),
        ("110 1111", "110 1111"),
        ("冒烟🔥", "冒烟 "),
        ("２\t栋\r\n", "2 栋\n"),
    ],
)
def test_spellings_become_one(typed: str, seen: str) -> None:
    """Width, case, traditional characters, invisible marks, faces and stretched sounds; digits are never shortened."""
    assert normalize(typed) == seen


def test_long_forwards_are_cut() -> None:
    """No text beyond the cap reaches the rules."""
    assert len(normalize("路灯" * 5000)) <= MAX_LENGTH


@given(st.text(max_size=200))
def test_twice_changes_nothing_more(text: str) -> None:
    """The result is a fixed point and in NFKC, whatever the input."""
    once = normalize(text)
    assert normalize(once) == once
    assert unicodedata.is_normalized("NFKC", once)


@given(st.text(max_size=200))
def test_no_traditional_width_or_capitals_remain(text: str) -> None:
    """Latin capitals and full-width letters never survive."""
    assert not any("A" <= char <= "Z" or "\uff21" <= char <= "\uff5a" for char in normalize(text))
