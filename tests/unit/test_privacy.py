"""bot.privacy: personal numbers are found however they are written, other numbers stay."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.privacy import mask_personal

GAPS = st.sampled_from(["", "", " ", "-", "　", "－", "\u200b", " - ".strip(), "—"])
CHATTER = st.text(alphabet="路灯坏了，。号楼 abcZ:/*\n", max_size=12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电话13812345678，急", "电话138****78，急"),
        ("138 1234 5678", "138****78"),
        ("138-1234-5678", "138****78"),
        ("138.1234.5678", "138****78"),
        ("１３８１２３４５６７８", "138****78"),
        ("+86 13812345678", "+861****78"),
        ("13812345678或13912345678", "138****78或139****78"),
        ("3号楼 138 1234 5678", "3号楼 138****78"),
        ("一三八零零一二三四五六", "138****56"),
        ("①③⑧一二34 5678", "138****78"),
        ("370982199001011234", "370****34"),
        ("37098219900101123X。", "370****3X。"),
        ("370982 19900101 123x", "370****3x"),
        ("370982900101123", "370****23"),
        ("6222 0212 3456 7890 123", "622****23"),
        ("6222021234567890", "622****90"),
        ("0538-7221234", "053****34"),
        ("010-12345678", "010****78"),
        ("打7221234", "打****"),
        ("户号 20261123000123", "户号 202****23"),
    ],
)
def test_personal_numbers_are_masked(text: str, expected: str) -> None:
    assert mask_personal(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "№128 3号楼前的路灯不亮",
        "2026-11-23 05:44:15",
        "2026-11-23 2026-11-24",
        "打110、119、120或12345",
        "3号楼15 16 17单元",
        "9-1-101",
        "192.168.1.20",
        "停电时间8:00-12:00 14:00-18:00",
        "№1234567",
        "20261123",
        "1.\n3.\n5.\n7.",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask_personal(text) == text


@given(CHATTER, st.from_regex(r"1[3-9]\d{9}", fullmatch=True), st.lists(GAPS, min_size=10, max_size=10), CHATTER)
def test_no_mobile_number_survives(before: str, number: str, gaps: list[str], after: str) -> None:
    """Whatever stands between its digits, and in any width: the eleven digits cannot be read off any more."""
    written = number[0] + "".join(gap + digit for gap, digit in zip(gaps, number[1:], strict=True))
    left = "".join(re.findall(r"\d", unicodedata.normalize("NFKC", mask_personal(before + written + after))))
    assert unicodedata.normalize("NFKC", number) not in left


@given(
    st.from_regex(r"[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d)\d{3}[\dX]", fullmatch=True), CHATTER, CHATTER
)
def test_no_identity_number_survives(number: str, before: str, after: str) -> None:
    plain = unicodedata.normalize("NFKC", mask_personal(f"{before}{number}{after}"))
    assert re.search(r"\d{7}", plain) is None


@given(st.text(alphabet="0123456789 -X号１３８*", max_size=60))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask_personal(text)
    assert mask_personal(once) == once


@given(st.text(max_size=200))
def test_it_takes_any_text(text: str) -> None:
    """It never raises, and never touches a text without digits."""
    masked = mask_personal(text)
    if not re.search(r"\d|[零〇○一幺壹二贰两三叁四肆五伍六陆七柒八捌九玖]", unicodedata.normalize("NFKC", text)):
        assert masked == text
