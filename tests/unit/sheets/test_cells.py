"""Cells: what people and Excel write becomes one form, what cannot be meant is refused without repeating a number."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.roles import Role
from bot.cli.sheets import cells
from bot.cli.sheets.columns import NOTHING, Column, Wrong, quoted
from bot.cli.sheets.kinds import SHEETS
from bot.cli.words import ROLES


def column(sheet: str, key: str) -> Column:
    return next(one for one in SHEETS[sheet].columns if one.key == key)


PHONE = column("people", "phone")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("13800138000", "13800138000"),
        (" 138 0013 8000 ", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("138\u20110013\u20118000", "13800138000"),
        ("+86 13800138000", "13800138000"),
        ("'+8613800138000", "13800138000"),
        ("0086-138-0013-8000", "13800138000"),
        ("（+86）13800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("13800138000.0", "13800138000"),
        ("0538-7221234", "0538-7221234"),
        ("(0538)7221234", "0538-7221234"),
        ("05387221234", "05387221234"),
        ("0538-7221234-801", "0538-7221234-801"),
        ("7221234转801", "7221234转801"),
        ("400-123-4567", "400-123-4567"),
        ("662345", "662345"),
        ("110", "110"),
        ("138****00", "138****00"),
        ("无", ""),
        ("", None),
    ],
)
def test_phones_are_understood(written: str, kept: str | None) -> None:
    assert PHONE.take(written) == kept


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("1380013800", "10 位"),
        ("138001380000", "12 位"),
        ("1.38001E+10", "Excel"),
        ("13800138000/13900139000", "只写一个"),
        ("370982199001011234", "不像一个电话"),
        ("王芳", "不像一个电话"),
    ],
)
def test_what_is_no_phone_is_refused_and_not_repeated(written: str, words: str) -> None:
    """The sentence goes to a screen: it shows no number of eleven digits or more."""
    with pytest.raises(Wrong, match=words) as refused:
        PHONE.take(written)
    assert not any(number in str(refused.value) for number in ("13800138", "370982199", "138001380000"))


def test_a_phone_on_the_screen_is_never_whole() -> None:
    for phone in ("13800138000", "0538-7221234", "662345", "110"):
        assert cells.mask_phone(phone) != phone
        assert "*" in cells.mask_phone(phone)
    assert cells.mask_phone("") == ""


@pytest.mark.parametrize(
    ("sheet", "key", "written", "kept"),
    [
        ("areas", "level", "grid", "网格"),
        ("areas", "level", "街道", "镇街"),
        ("areas", "level", "村（社区）", "村社区"),
        ("areas", "aliases", "向阳院；平安里;平安里、", "向阳院、平安里"),
        ("people", "role", "GRID_WORKER", "网格员"),
        ("people", "role", "专职网格员", "网格员"),
        ("people", "role", "楼长", "协管员"),
        ("people", "role", "村支书", "村书记"),
        ("people", "role", "admin", "管理员"),
        ("people", "name", "王　 芳", "王芳"),
        ("people", "name", "Anna Li", "Anna Li"),
        ("people", "area", "*", "全部"),
        ("people", "active", "离职", "否"),
        ("people", "active", "在岗", "是"),
        ("people", "active", "1", "是"),
        ("people", "id", "'-1001234567890", "-1001234567890"),
        ("chats", "kind", "residents", "居民群"),
        ("chats", "mode", "只发结果", "results"),
        ("chats", "areas", "dg2;dg1", "dg1、dg2"),
        ("units", "default", "√", "是"),
        ("units", "area", "无", ""),
    ],
)
def test_words_are_understood(sheet: str, key: str, written: str, kept: str) -> None:
    assert sorted((column(sheet, key).take(written) or "").split("、")) == sorted(kept.split("、"))


@pytest.mark.parametrize(
    ("sheet", "key", "written", "words"),
    [
        ("areas", "level", "网哥", "是不是想写 网格"),
        ("areas", "level", "dg", "市、镇街、村社区、网格"),
        ("areas", "code", "东关 1", "空格"),
        ("areas", "code", "a" * 65, "最多 64"),
        ("areas", "code", "3.70982E+11", "Excel"),
        ("areas", "code", "全部", "不能是"),
        ("areas", "name", "平安里" * 30, "最多 64"),
        ("areas", "name", "东关\u202e网格", "看不见的字符"),
        ("areas", "name", "东关\u200b网格", "看不见的字符"),
        ("areas", "name", "东关\t网格", "控制字符"),
        ("areas", "name", "东关\ue863网格", "自造的字"),
        ("people", "name", "13800138000", "列错位"),
        ("people", "role", "协管元", "是不是想写 协管员"),
        ("people", "role", "resident", "可以写的有"),
        ("people", "role", "13800138000", "138****00"),
        ("people", "area", "dg1、dg2", "一行只写一个区域"),
        ("people", "active", "也许", "要写“是”或“否”"),
        ("people", "id", "a b", "不能有空格"),
        ("people", "id", "x" * 129, "最多 128"),
        ("chats", "mode", "loud", "shadow"),
    ],
)
def test_what_cannot_be_meant_is_refused(sheet: str, key: str, written: str, words: str) -> None:
    with pytest.raises(Wrong, match=re.escape(words)):
        column(sheet, key).take(written)


def test_every_role_but_the_residents_has_a_word() -> None:
    assert set(ROLES) == set(Role) - {Role.RESIDENT}


ANYTHING = st.one_of(
    st.text(max_size=20),
    st.from_regex(r"\+?(86)?[ -]?1[3-9]\d[ -]?\d{4}[ -]?\d{4}", fullmatch=True),
    st.from_regex(r"\(?0\d{3}\)?-?\d{7}(转\d{3})?", fullmatch=True),
    st.sampled_from([*ROLES.values(), "grid", "是", "*", NOTHING, "dg1；dg2", "王　芳"]),
)


@given(ANYTHING)
def test_reading_is_done_once(text: str) -> None:
    """Whatever a cell becomes, it stays when it is exported and read again; nothing but Wrong is ever raised."""
    for sheet in SHEETS.values():
        for one in sheet.columns:
            try:
                first = one.take(text)
            except Wrong:
                continue
            if first:
                assert one.take(first) == first, (sheet.name, one.key)


@given(st.from_regex(r"1[3-9]\d{9}|3709821990010112\d{2}", fullmatch=True), st.booleans())
def test_a_quoted_number_of_a_person_is_masked(number: str, code: bool) -> None:
    """Also where a code is expected; a long code of an area stays readable there."""
    assert number not in quoted(number, code=code)
    assert quoted("370982101001001", code=True) == "370982101001001"


def test_headings_are_told_apart() -> None:
    """No name of a column of one sheet means two columns."""
    for sheet in SHEETS.values():
        names = [name.casefold() for one in sheet.columns for name in set(one.names)]
        assert len(names) == len(set(names)), sheet.name
