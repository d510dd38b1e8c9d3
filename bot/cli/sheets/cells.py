"""Readers of cells: codes, names, phones, words of a fixed list. Each gives back its own results unchanged."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.cli.sheets.columns import NOTHING, Wrong, items, joined, nearest, quoted
from bot.privacy import mask_personal

Read = Callable[[str], str]

EVERYWHERE: Final = "全部"
"""In place of an area's code: a role that holds in all areas."""
YES, NO = "是", "否"

_YES: Final = frozenset({"是", "y", "yes", "true", "1", "对", "√", "在岗", "在职", "在用"})
_NO: Final = frozenset({"否", "n", "no", "false", "0", "不", "不是", "×", "离岗", "离职", "停用", "不在岗", "已离职"})
LONGEST_NAME: Final = 64
_CODE = 64  # characters, the width of the columns
_NUMBERS_ONLY: Final = re.compile(r"[\d\s.,+\-/:()（）]*")
_SCIENCE: Final = re.compile(r"[+-]?\d(?:\.\d+)?[eE]\+\d+")
_UNFIT: Final = re.compile(r"[\s,，、;；\"']")
_MASKED: Final = re.compile(r"[\d转-]*\*{4}[\d转*-]*")
_MOBILE: Final = re.compile(r"(?:\+?(?:00)?86)?(1[3-9]\d{9})")
_OTHER_PHONE: Final = re.compile(r"(?:\d{3,4}-)?\d{3,8}(?:(?:-|转)\d{1,6})?|0\d{9,11}|[48]00-?\d{3}-?\d{4}")


def code(text: str) -> str:
    """A code of our own making or a platform's id: one word, compared as it is."""
    _no_science(text)
    if text in {NOTHING, EVERYWHERE}:
        raise Wrong(f"不能是“{text}”")
    if len(text) > _CODE:
        raise Wrong(f"太长，最多 {_CODE} 个字")
    if _UNFIT.search(text):
        raise Wrong(f"“{quoted(text, code=True)}”里不能有空格、逗号、顿号、分号和引号")
    return text


def native(longest: int) -> Read:
    """An id that a platform has given: no spaces, any other sign."""

    def read(text: str) -> str:
        _no_science(text)
        if len(text) > longest:
            raise Wrong(f"太长，最多 {longest} 个字")
        if text == NOTHING or any(char.isspace() for char in text):
            raise Wrong(f"“{quoted(text, code=True)}”不像一个编号，里面不能有空格")
        return text

    return read


def _no_science(text: str) -> None:
    if _SCIENCE.fullmatch(text):
        raise Wrong(f"“{text}”是 Excel 把长数字改写成的，后几位已经丢了，请把这一列设成“文本”再填")


def codes(text: str) -> str:
    """A list of codes in one cell."""
    return joined(sorted(code(item) for item in items(text)))


def area(text: str) -> str:
    """One area, or all of them."""
    if len(items(text)) > 1:
        raise Wrong("一行只写一个区域，管几个区域就写几行")
    return EVERYWHERE if text in {EVERYWHERE, "*", "all"} else code(text)


def short(longest: int) -> Read:
    """Anything that is not too long."""

    def read(text: str) -> str:
        if len(text) > longest:
            raise Wrong(f"太长，最多 {longest} 个字")
        return text

    return read


def name(longest: int) -> Read:
    """What people call something: never a bare number, which is a sign of shifted columns."""
    fits = short(longest)

    def read(text: str) -> str:
        fits(text)
        if _NUMBERS_ONLY.fullmatch(text):
            raise Wrong(f"“{quoted(text)}”里没有一个字，是不是列错位了")
        return text

    return read


def person_name(text: str) -> str:
    """Lists pad short names to one width (王　芳): no space stays between Chinese characters."""
    return re.sub(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])", "", name(LONGEST_NAME)(text))


def names(longest: int) -> Read:
    one = name(longest)
    return lambda text: joined(sorted(one(item) for item in items(text)))


def words(meaning: Mapping[Any, str], more: Mapping[str, Any]) -> Read:
    """One of a few: its English key, its word or one of `more` (another word -> key); becomes the word."""
    known = {str(key): word for key, word in meaning.items()} | {word: word for word in meaning.values()}
    known |= {word: meaning[key] for word, key in more.items()}

    def read(text: str) -> str:
        plain = unicodedata.normalize("NFKC", text).casefold()
        for spelling, word in known.items():
            if plain == unicodedata.normalize("NFKC", spelling).casefold():
                return word
        remedy = nearest(text, known) or f"可以写的有：{'、'.join(meaning.values())}"
        raise Wrong(f"不能是“{quoted(text)}”，{remedy}")

    return read


def flag(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    if plain in _YES | _NO:
        return YES if plain in _YES else NO
    raise Wrong(f"要写“{YES}”或“{NO}”，现在是“{quoted(text)}”")


def phone(text: str) -> str:
    """A mobile number as eleven digits whatever stood between them, any other number as it is written, or masked."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).removesuffix(".0")
    plain = re.sub(r"[\u2010-\u2015]", "-", plain)
    _no_science(plain)
    if _MASKED.fullmatch(plain):
        return plain
    bare = re.sub(r"[-()]", "", plain)
    if mobile := _MOBILE.fullmatch(bare):
        return mobile.group(1)
    if re.fullmatch(r"1[3-9]\d*", bare) and len(bare) > 8:
        raise Wrong(f"“{quoted(text)}”有 {len(bare)} 位，手机号应是 11 位")
    landline = plain.replace("(", "").replace(")", "-") if plain.startswith("(") else plain
    if not _OTHER_PHONE.fullmatch(landline):
        raise Wrong(f"“{quoted(text)}”不像一个电话；只写一个，手机 11 位，座机像 0538-7221234")
    return landline


def mask_phone(text: str) -> str:
    """Never the whole number, not even a short one."""
    masked = mask_personal(text)
    return masked if masked != text or not text else "****"


def is_masked(text: str) -> bool:
    return "*" in text
