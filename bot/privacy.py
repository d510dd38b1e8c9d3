"""Phone, identity and card numbers in what people write, masked before anybody else reads it. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

_SPELLED: Final = ("零〇○", "一幺壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
_CHINESE: Final = {char: str(digit) for digit, chars in enumerate(_SPELLED) for char in chars}
_GAP: Final = r"[\s\-\u2010-\u2015\uff0d·.．。_＿/()（）\ufe0f\u20e3\u200b-\u200d\u2060\ufeff]{0,3}"
_RUN: Final = re.compile(rf"[0-9](?:{_GAP}[0-9])+(?:{_GAP}[Xx](?![A-Za-z]))?")
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE: Final = re.compile(r"(?:86)?0[0-9]{9,11}|[48]00[0-9]{7}")
# One date or several; a personal number of eleven digits or more never starts with a year.
_DATES: Final = re.compile(r"(?:(?:19|20)[0-9]{2}([-./])[01]?[0-9]\1[0-3]?[0-9][\s\-\u2010-\u2015]{0,3})+")
_CASE_NUMBER: Final = re.compile(r"[№#]\s*$")
_LONG: Final = 15  # digits, from old identity numbers to bank cards, however they are broken up
_UNBROKEN: Final = 9  # digits in one piece: an account, a card, a number of some kind
_LOCAL: Final = (7, 8)  # digits of a number without area code


def mask_personal(text: str) -> str:
    """The text with every personal number reduced to its first three and last two digits, short ones to stars."""
    shadow = "".join(map(_digit, text))
    pieces, end = [], 0
    for run in _RUN.finditer(shadow):
        original = text[run.start() : run.end()]
        if _is_personal(run.group(), original, text[: run.start()]):
            pieces += [text[end : run.start()], _masked(run.group())]
            end = run.end()
    return "".join([*pieces, text[end:]])


def _digit(char: str) -> str:
    """The ASCII digit a character stands for (full width, circled, Chinese), else the character itself."""
    if char in _CHINESE:
        return _CHINESE[char]
    number = unicodedata.digit(char, None)
    return char if number is None else str(number)


def _is_personal(run: str, original: str, before: str) -> bool:
    if _DATES.fullmatch(run):
        return False
    digits = re.sub(r"[^0-9Xx]", "", run)
    if _MOBILE.search(digits) or len(digits) >= _LONG or _LANDLINE.fullmatch(digits):
        return True
    if len(digits) < len(run) or any(char in _CHINESE for char in original):
        return False
    if len(digits) in _LOCAL:
        return not _is_date(digits) and not _CASE_NUMBER.search(before)
    return len(digits) >= _UNBROKEN


def _is_date(digits: str) -> bool:
    try:
        return 1900 <= date.fromisoformat(digits).year < 2100
    except ValueError:
        return False


def _masked(run: str) -> str:
    digits = re.sub(r"[^0-9Xx]", "", run)
    return f"{digits[:3]}****{digits[-2:]}" if len(digits) > _UNBROKEN else "****"
