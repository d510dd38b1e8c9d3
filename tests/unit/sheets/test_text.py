"""A CSV file's bytes: every encoding a grid centre has is read, everything else is refused in one sentence."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.sheets.text import CSV, ENCODINGS, decode, encode
from bot.errors import GridbridgeError

SHEET = "代码,名称,级别\r\ndg1,东关一网格,网格\r\ndg2,东关二网格,网格\r\n"
ENGLISH = "code,name,level\ndg1,東關社區居民委員會,village\n"
HEADINGS = ("代码", "名称", "code")


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (SHEET.encode(), "UTF-8"),
        (SHEET.encode("utf-8-sig"), "UTF-8"),
        (SHEET.encode("gb18030"), "GB18030"),
        (SHEET.encode("utf-16"), "UTF-16"),
        (codecs.BOM_UTF16_BE + SHEET.encode("utf-16-be"), "UTF-16"),
    ],
)
def test_what_excel_and_others_write_is_read(raw: bytes, name: str) -> None:
    assert decode(raw, HEADINGS) == (SHEET, name)


def test_rare_characters_of_names_are_read() -> None:
    """A short list of people whose names the old GB 2312 lacks is no other encoding."""
    text = "姓名\n王喆\n李堃\n张翀\n刘𬭎\n"
    assert decode(text.encode("gb18030"), ["姓名"]) == (text, "GB18030")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (ENGLISH.encode("big5"), "认不出"),
        ("コード,名前\nA1,カタカナ\n".encode("shift_jis"), "认不出"),
        ("code,name\nA1,café crème\n".encode("latin-1"), "认不出"),
        ("код,имя\nA1,Москва\n".encode("cp1251"), "认不出"),
        (SHEET.encode("utf-32"), "UTF-32"),
        (SHEET.encode("utf-16-le"), "不是文字"),
        (b"PK\x03\x04 and the rest", "Excel 工作簿"),
        (b"\xd0\xcf\x11\xe0 and the rest", "旧版 Excel"),
        (b"\xff\xfea", "第 1 行有坏字"),
        (SHEET.encode() + b"\xe4\xb8\n", "第 4 行有坏字"),
        (b"code,name\ndg1,\xe4\xb8\x9c\xe5\x85\xb3\xe7\xa4\n", "第 2 行有坏字"),
        (b"a" * (CSV.most_mb * 2**20 + 1), f"超过 {CSV.most_mb} MB"),
    ],
)
def test_anything_else_is_refused_in_one_sentence(raw: bytes, words: str) -> None:
    """A damaged UTF-8 file, too: as GB18030 it would be read without a complaint, as nonsense."""
    with pytest.raises(GridbridgeError, match=words) as refused:
        decode(raw, HEADINGS)
    assert len(str(refused.value).splitlines()) == 1
    assert "请" in str(refused.value)


@given(
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1), st.sampled_from(sorted(ENCODINGS))
)
def test_what_we_write_we_read(names: str, encoding: str) -> None:
    """Under a heading of ours, every text comes back from either encoding."""
    text = f"名称\r\n{names}\r\n"
    assert decode(encode(text, encoding), HEADINGS)[0] == text


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(raw: bytes) -> None:
    """There is no third way, such as a traceback."""
    try:
        text, _ = decode(raw, HEADINGS)
    except GridbridgeError:
        return
    assert "\0" not in text
